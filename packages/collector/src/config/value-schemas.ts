/** Schemas of single values. The message of each says what would have been right: it becomes the `want` of a problem. */
import { limits } from '@outlay/core'
import { z } from 'zod'
import { parseSizeBytes, SIZE_FORM } from './units.ts'

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

export const sizeBytes = () => parsed(SIZE_FORM, parseSizeBytes)

/** Milliseconds since the epoch; a bare date is 00:00 UTC. Undefined if it is no instant with a zone. */
export const parseInstantMs = (text: string): number | undefined => {
  const ms = INSTANT.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

export const instantMs = () => parsed(INSTANT_FORM, parseInstantMs)

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
