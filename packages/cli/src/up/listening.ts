/** Which addresses may be listened on: beyond loopback only with something that tells senders apart, or said out loud. */
import { OutlayError } from '@outlay/core'

const LOOPBACK_ADDRESSES = new Set(['127.0.0.1', '::1', 'localhost'])

export const isLoopback = (host: string): boolean => LOOPBACK_ADDRESSES.has(host)

interface Listening {
  /** Address of OTLP. */
  readonly host: string
  /** Address of panel, metrics and health, which know no tokens. */
  readonly adminHost: string
  readonly tokens?: string
  readonly insecureAllowUnauthenticated: boolean
}

/** Fails with `E_UNAUTHENTICATED_HOST`. What is allowed by the insecure option is warned of at every start. */
export const assertReachableSafely = (
  { host, adminHost, tokens, insecureAllowUnauthenticated }: Listening,
  log: (line: string) => void,
): void => {
  const openHost = tokens === undefined && !isLoopback(host)
  const openAdminHost = !isLoopback(adminHost)
  if (openHost) {
    if (!insecureAllowUnauthenticated) {
      throw new OutlayError('E_UNAUTHENTICATED_HOST', 'listening beyond loopback without tokens is refused', {
        where: '--host',
        got: host,
        want: '127.0.0.1',
        fix: 'give --tokens FILE, or keep it on loopback, or add --insecure-allow-unauthenticated inside a closed network',
      })
    }
    log(`Warning: ${host} accepts spans from anyone who can reach it; there are no tokens.`)
  }
  if (!openAdminHost) return
  if (!insecureAllowUnauthenticated) {
    throw new OutlayError(
      'E_UNAUTHENTICATED_HOST',
      'panel and metrics beyond loopback are refused: they know no tokens',
      {
        where: '--admin-host',
        got: adminHost,
        want: '127.0.0.1',
        fix: 'give --admin-host 127.0.0.1, or add --insecure-allow-unauthenticated inside a closed network',
      },
    )
  }
  log(`Warning: ${adminHost} shows the panel and the metrics to anyone who can reach it.`)
}
