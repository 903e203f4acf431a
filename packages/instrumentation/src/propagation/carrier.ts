/**
 * A carrier: attribution and trace as one short text, `o1.<body>` or `o1.<body>.<key id>.<signature>`. Its letters are safe in
 * JSON, HTTP headers, baggage and message attributes, and it survives a queue that writes JSON anew. Body: base64url of JSON.
 * The user in it is hashed already. What is decoded has not been checked field by field: `mergeAttribution` does that.
 */
import { limits } from '@outlay/core'
import type { ActiveAttribution } from '#src/attribution/attribution.ts'
import { isObject } from '#src/call/untyped.ts'
import { type CarrierKey, isSignatureOf, signatureOf } from './carrier-keys.ts'

export interface CarrierContent {
  readonly attribution: ActiveAttribution
  /** W3C `traceparent` of the span that was active. */
  readonly traceparent: string | undefined
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number
}

/** `forged`: the signature is not of this text. `tenant`: it belongs to another tenant than the code that takes it. */
export type CarrierRefusal =
  | 'malformed'
  | 'version'
  | 'too_large'
  | 'unsigned'
  | 'unknown_key'
  | 'forged'
  | 'expired'
  | 'tenant'
  | 'value'

export type DecodedCarrier =
  | { readonly kind: 'accepted'; readonly content: CarrierContent }
  | { readonly kind: 'refused'; readonly why: CarrierRefusal }

const VERSION = 'o1'

interface Body {
  readonly a: ActiveAttribution
  readonly t?: string
  readonly e: number
}

/** Signed with the first key, if there is one. */
export const encodeCarrier = (content: CarrierContent, keys: readonly CarrierKey[]): string => {
  const { attribution, traceparent, expiresAtMs } = content
  const body: Body = { a: attribution, ...(traceparent === undefined ? {} : { t: traceparent }), e: expiresAtMs }
  const text = `${VERSION}.${Buffer.from(JSON.stringify(body)).toString('base64url')}`
  const [key] = keys
  if (key === undefined) return text
  const named = `${text}.${key.id}`
  return `${named}.${signatureOf(named, key)}`
}

const refused = (why: CarrierRefusal): DecodedCarrier => ({ kind: 'refused', why })

/** `signed`: an unsigned carrier is refused even where there are no keys. Cheap checks first. */
export const decodeCarrier = (
  carrier: unknown,
  { keys, nowMs, signed }: { readonly keys: readonly CarrierKey[]; readonly nowMs: number; readonly signed: boolean },
): DecodedCarrier => {
  if (typeof carrier !== 'string') return refused('malformed')
  if (carrier.length > limits.instrumentation.carrierBytesMax) return refused('too_large')
  const [version, body, keyId, signature, ...rest] = carrier.split('.')
  if (version !== VERSION) return refused(/^o\d+$/.test(version ?? '') ? 'version' : 'malformed')
  if (body === undefined || rest.length > 0 || (keyId !== undefined && !signature)) return refused('malformed')
  if (signature === undefined) {
    if (signed || keys.length > 0) return refused('unsigned')
  } else {
    const key = keys.find(({ id }) => id === keyId)
    if (key === undefined) return refused('unknown_key')
    if (!isSignatureOf(signature, `${version}.${body}.${keyId}`, key)) return refused('forged')
  }
  const content = parseBody(body)
  if (content === undefined) return refused('malformed')
  return content.expiresAtMs <= nowMs ? refused('expired') : { kind: 'accepted', content }
}

const parseBody = (body: string): CarrierContent | undefined => {
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
  if (!isObject(parsed)) return undefined
  const { a, t, e } = parsed
  if (!isObject(a) || typeof e !== 'number' || (t !== undefined && typeof t !== 'string')) return undefined
  return { attribution: a, traceparent: t, expiresAtMs: e }
}
