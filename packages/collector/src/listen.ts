import { OutlayError } from '@outlay/core'

export interface Address {
  readonly host: string
  readonly port: number
}

/** As it stands in a URL: an IPv6 address in brackets. */
export const hostInUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host)

export interface Purpose {
  readonly purpose: string
  /** Option that chooses the port. */
  readonly flag: string
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EACCES: 'the system does not allow it',
  EADDRNOTAVAIL: 'this machine has no such address',
}

/** Binds an address, or says in plain words why it cannot: `E_PORT_IN_USE`. */
export const bindOrExplain = async <Bound>(
  { host, port }: Address,
  what: Purpose,
  bind: () => Promise<Bound>,
): Promise<Bound> => {
  try {
    return await bind()
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? ''
    throw new OutlayError('E_PORT_IN_USE', `${what.purpose} cannot listen on ${host}:${port}`, {
      got: SYSTEM_REASONS[code] ?? code,
      fix: `stop the other process, or choose another port with ${what.flag} (0 = any)`,
      cause,
    })
  }
}
