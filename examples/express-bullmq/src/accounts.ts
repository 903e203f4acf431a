/** Stands in for your users: who may call the API, with which key, and whose customer that is. */
export interface Account {
  readonly tenant: string
  readonly user: string
  readonly tier: string
}

const ACCOUNTS: Readonly<Record<string, Account>> = {
  'key-jane': { tenant: 'acme', user: 'jane@acme.example', tier: 'pro' },
  'key-omar': { tenant: 'globex', user: 'omar@globex.example', tier: 'free' },
}

export const accountOf = (authorization = ''): Account | undefined => {
  const key = authorization.replace(/^Bearer /, '')
  return Object.hasOwn(ACCOUNTS, key) ? ACCOUNTS[key] : undefined
}
