/** Stands in for your sessions: who is logged in, and whose customer that is. */
export interface Account {
  readonly tenant: string
  readonly user: string
  readonly tier: string
}

const SESSIONS: Readonly<Record<string, Account>> = {
  'session-jane': { tenant: 'acme', user: 'jane@acme.example', tier: 'pro' },
  'session-omar': { tenant: 'globex', user: 'omar@globex.example', tier: 'free' },
}

/** From the cookie, never from what the request says of itself. */
export const accountOf = (session: string | undefined): Account | undefined =>
  session !== undefined && Object.hasOwn(SESSIONS, session) ? SESSIONS[session] : undefined
