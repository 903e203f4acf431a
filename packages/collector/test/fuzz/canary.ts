/**
 * The canary: content that must not reach the log. A mutated request may hold it under a name that is allowed to carry
 * text, as any sender may; so where it turns up in a stored request, its place is judged, by a reader that is not ours.
 */
import { limits } from '@outlay/core'
import { classifyAttributeKey } from '@outlay/semconv'
import { decodeAsBytes, type Plain } from '../otlp/otlp-schema.ts'

const WORD = 'canary sings'
/** Longer than an attribute of an unknown name may be. */
export const CANARY = `${WORD} what the customer wrote; `.repeat(8)

/** The reader gives bytes as hex. */
const WORD_HEX = Buffer.from(WORD).toString('hex')
const bytesOf = (hex: string): number => hex.length / 2
const textOf = (hex: unknown): string => (typeof hex === 'string' ? Buffer.from(hex, 'hex').toString() : '')

const holdsCanary = (value: unknown): boolean => {
  if (typeof value === 'string') return value.includes(WORD_HEX)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(holdsCanary)
}

/** Longest text that may be stored under a name; 0 where nothing of it may be kept. */
const bytesAllowed = (key: string): number => {
  const kind = classifyAttributeKey(key)
  if (kind === 'known') return limits.attributeValueBytesMax
  return kind === 'unknown' ? limits.unknownAttributeBytesMax : 0
}

const KEY_CHARACTERS_MAX = 256
const misplacedInAttribute = (attribute: Plain): string | undefined => {
  const key = textOf(attribute['key'])
  if (key.length > KEY_CHARACTERS_MAX) return 'a long key'
  const value = attribute['value']
  if (!holdsCanary(value)) return undefined
  const text = (value as Plain)['stringValue'] ?? (value as Plain)['bytesValue']
  // Lists of texts are kept below known names, up to the size of one text.
  const bytes = typeof text === 'string' ? bytesOf(text) : limits.unknownAttributeBytesMax + 1
  return bytes <= bytesAllowed(key) ? undefined : `an attribute that is ${classifyAttributeKey(key)}`
}

/** Texts that are kept up to their length, whatever they say. */
const TEXT_BYTES_MAX: Readonly<Record<string, number>> = {
  name: 256,
  version: 256,
  schemaUrl: 256,
  traceState: 512,
  type: 256,
  idKeys: 256,
  descriptionKeys: 256,
}

const misplacedIn = (message: Plain): string | undefined => {
  for (const [name, value] of Object.entries(message)) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value]
    const found = items.map((item) => misplacedInItem(name, item)).find((place) => place !== undefined)
    if (found !== undefined) return found
  }
  return undefined
}

const misplacedInItem = (name: string, item: unknown): string | undefined => {
  if (name === 'attributes') return misplacedInAttribute(item as Plain)
  if (typeof item === 'object' && item !== null) return misplacedIn(item as Plain)
  if (typeof item !== 'string' || !holdsCanary(item)) return undefined
  return bytesOf(item) <= (TEXT_BYTES_MAX[name] ?? 0) ? undefined : name
}

/** Where in a stored request the canary stands although nothing of the kind may be kept there; undefined if nowhere. */
export const misplacedCanary = (stored: Buffer): string | undefined =>
  stored.includes(WORD) ? misplacedIn(decodeAsBytes('ExportTraceServiceRequest', stored)) : undefined
