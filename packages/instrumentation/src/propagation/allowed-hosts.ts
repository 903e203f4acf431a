/** Hosts that attribution may be sent to. Everybody else is a third party. */
import { OutlayError } from '@outlay/core'

export type HostFilter = (host: string) => boolean

/** `api.example.com`, or `*.example.com` for every host below it. No port: a host is trusted as a whole. */
const PATTERN = /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$|^\[[0-9a-f:.]+\]$/

/** Fails with `E_PROPAGATE_TO` on anything but host names; a bare `*` is refused. Case is ignored. */
export const createHostFilter = (hosts: readonly string[]): HostFilter => {
  const patterns = hosts.map((host) => host.toLowerCase())
  const wrong = patterns.find((pattern) => !PATTERN.test(pattern))
  if (wrong !== undefined) {
    throw new OutlayError('E_PROPAGATE_TO', 'attribution cannot be sent to such a host', {
      got: JSON.stringify(wrong),
      want: 'host names of your own services, such as billing.internal or *.example.com',
      fix: 'leave scheme, port and path out',
    })
  }
  const exact = new Set(patterns.filter((pattern) => !pattern.startsWith('*')))
  const suffixes = patterns.filter((pattern) => pattern.startsWith('*')).map((pattern) => pattern.slice(1))
  return (host) => {
    const name = host.toLowerCase()
    return exact.has(name) || suffixes.some((suffix) => name.endsWith(suffix) && name.length > suffix.length)
  }
}
