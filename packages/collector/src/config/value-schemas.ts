/** Schemas of single values. The message of each says what would have been right: it becomes the `want` of a problem. */
import { limits } from '@outlay/core'
import { z } from 'zod'
import { DURATION_FORM, parseDurationMs, parseSizeBytes, SIZE_FORM } from './units.ts'

const INSTANT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/
const INSTANT_FORM = 'an instant such as 2027-01-01 or 2027-01-01T12:00:00Z'

/** Text that a parser turns into something, or a problem that says the form. */
const parsed = <Value>(form: string, parse: (text: string) => Value | undefined) =>
  z.string({ error: form }).transform((text, context): Value => {
    const value = parse(text)
    if (value !== undefined) return value
    context.issues.push({ code: 'custom', message: form, input: text })
    return z.NEVER
  })

export const durationMs = () => parsed(DURATION_FORM, parseDurationMs)

export const sizeBytes = () => parsed(SIZE_FORM, parseSizeBytes)

/** Milliseconds since the epoch; a bare date is 00:00 UTC. Undefined if it is no instant with a zone. */
export const parseInstantMs = (text: string): number | undefined => {
  const ms = INSTANT.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

export const instantMs = () => parsed(INSTANT_FORM, parseInstantMs)

export const text = (form: string) => z.string({ error: form }).min(1, { error: form })

export const textList = (form: string) => z.array(text(form), { error: form })

export const wholeNumber = (least: number, most: number) => {
  const error = `a whole number from ${least} to ${most}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

export const trueOrFalse = () => z.boolean({ error: 'true or false' })

interface EndpointAddress {
  readonly host: string
  readonly port: number
}

const ENDPOINT = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/
const PORT_MAX = 65_535

/** `127.0.0.1:4318`, `[::1]:4318`. Undefined if it is no address with a port. */
const parseEndpoint = (address: string): EndpointAddress | undefined => {
  const [, v6, name, port] = ENDPOINT.exec(address) ?? []
  const host = v6 ?? name
  return host === undefined || Number(port) > PORT_MAX ? undefined : { host, port: Number(port) }
}

/** An endpoint as written, with another host or port; what is no endpoint stays, to be refused where it is parsed. */
export const endpointWith = (before: unknown, change: Partial<EndpointAddress>): unknown => {
  const address = typeof before === 'string' ? parseEndpoint(before) : undefined
  return address === undefined ? before : endpointText({ ...address, ...change })
}

const endpointText = ({ host, port }: EndpointAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

export const endpoint = () => parsed('an address and a port such as 127.0.0.1:4318; port 0 = any', parseEndpoint)

export const positiveNumber = () => {
  const error = 'a number above 0'
  return z.number({ error }).positive({ error })
}

const TENANT_FORM = `a tenant id: text of 1 to ${limits.tenantIdBytesMax} bytes without control characters`

/** In NFC, as tenant ids are compared. */
export const tenantId = (form = TENANT_FORM) => parsed(form, parseTenantId)

/** The id in NFC; undefined if it is empty, too long or holds control characters. */
export const parseTenantId = (raw: string): string | undefined => {
  const id = raw.normalize('NFC')
  return id !== '' && Buffer.byteLength(id) <= limits.tenantIdBytesMax && !/\p{Cc}/u.test(id) ? id : undefined
}
