/** JSON attributes with counters in them, often beside content: only the counters are kept. */
import { limits } from '@outlay/core'
import { USAGE_JSON_SUBTREES } from '@outlay/semconv'
import { isObject } from '#src/call/untyped.ts'

/**
 * The part of such an attribute that may leave; `undefined` when there is none that can be told apart.
 * The whole value is kept as it was written where the table says that it is all counters.
 */
export const usageSubtreeOf = (key: string, value: unknown): string | undefined => {
  if (typeof value !== 'string' || value.length > limits.usageJsonBytesMax) return undefined
  let parsed: unknown
  try {
    parsed = JSON.parse(value)
  } catch {
    return undefined
  }
  const paths = USAGE_JSON_SUBTREES[key] ?? []
  if (paths.includes('')) return isCountersOnly(parsed) ? value : undefined
  const parts = paths.map((path) => partAt(parsed, path.split('.'))).filter((part) => part !== undefined)
  const kept: unknown = Object.assign({}, ...parts)
  return parts.length > 0 && isCountersOnly(kept) ? JSON.stringify(kept) : undefined
}

/** Counters, short tags such as a tier, and nothing that could hold a text. */
const isCountersOnly = (value: unknown): boolean => {
  if (typeof value === 'string') return value.length <= limits.unknownAttributeBytesMax
  if (Array.isArray(value)) return value.every(isCountersOnly)
  return isObject(value) ? Object.values(value).every(isCountersOnly) : true
}

/** Some SDKs write camelCase for what the table names in snake_case. */
const folded = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** The value at `path` with its keys as they were, e.g. `{ anthropic: { usage } }`. */
const partAt = (value: unknown, path: readonly string[]): unknown => {
  const [segment, ...rest] = path
  if (segment === undefined) return isObject(value) ? value : undefined
  const key = isObject(value) ? Object.keys(value).find((name) => folded(name) === segment) : undefined
  const part = isObject(value) && key !== undefined ? partAt(value[key], rest) : undefined
  return part === undefined || key === undefined ? undefined : { [key]: part }
}
