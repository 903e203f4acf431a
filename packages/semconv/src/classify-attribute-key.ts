/** What the name of an attribute says about its content: the collector strips by this before anything is stored. */
import { USER_KEYS } from './attribution-sources.ts'
import { CONTENT_CARRIERS } from './content-carriers.ts'
import { KNOWN_KEY_PREFIXES, KNOWN_KEYS } from './known-attribute-keys.ts'
import { USAGE_JSON_SUBTREES } from './usage-carriers.ts'

/**
 * `known`: read by us, kept. `carrier`: prompts or outputs, dropped. `json_usage_carrier`: JSON of which only the
 * subtrees in `USAGE_JSON_SUBTREES` may be kept. `user_id`: hashed before it is stored. `unknown`: nobody's.
 */
export type AttributeKeyClass = 'known' | 'carrier' | 'json_usage_carrier' | 'user_id' | 'unknown'

const KEYS_REMEMBERED_MAX = 20_000

const exact = (): Map<string, AttributeKeyClass> => {
  const classes = new Map<string, AttributeKeyClass>()
  for (const pattern of CONTENT_CARRIERS) if (!pattern.includes('*')) classes.set(pattern, 'carrier')
  for (const key of KNOWN_KEYS) classes.set(key, 'known')
  for (const key of USER_KEYS) classes.set(key, 'user_id')
  for (const key of Object.keys(USAGE_JSON_SUBTREES)) classes.set(key, 'json_usage_carrier')
  return classes
}

interface Wildcard {
  readonly parts: readonly string[]
}

const EXACT = exact()
const WILDCARDS: readonly Wildcard[] = CONTENT_CARRIERS.filter((pattern) => pattern.includes('*')).map((pattern) => ({
  parts: pattern.split('*'),
}))

/** The parts occur in order, the first at the start and the last at the end: linear, no backtracking. */
const matchesWildcard = ({ parts }: Wildcard, key: string): boolean => {
  const [first = '', ...rest] = parts
  if (!key.startsWith(first)) return false
  const last = rest.pop() ?? ''
  let position = first.length
  for (const part of rest) {
    const found = key.indexOf(part, position)
    if (found < 0) return false
    position = found + part.length
  }
  return key.length - last.length >= position && key.endsWith(last)
}

const classify = (key: string): AttributeKeyClass => {
  if (WILDCARDS.some((wildcard) => matchesWildcard(wildcard, key))) return 'carrier'
  return KNOWN_KEY_PREFIXES.some((prefix) => key.startsWith(prefix)) ? 'known' : 'unknown'
}

const remembered = new Map<string, AttributeKeyClass>()

/** Class of an attribute key. Exact names win over patterns, carriers over families of known keys. */
export const classifyAttributeKey = (key: string): AttributeKeyClass => {
  const known = EXACT.get(key) ?? remembered.get(key)
  if (known !== undefined) return known
  const found = classify(key)
  // Keys come from senders: forget all rather than grow without bound.
  if (remembered.size >= KEYS_REMEMBERED_MAX) remembered.clear()
  remembered.set(key, found)
  return found
}
