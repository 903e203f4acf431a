/**
 * A usage object as flat paths: keys folded from camelCase to snake_case, nesting joined with dots
 * (`promptTokensDetails.cachedTokens` → `prompt_tokens_details.cached_tokens`). Lists stay whole under their path.
 */

/** Path → scalar, list, or `true` for a nested object. */
export type FlatUsage = ReadonlyMap<string, unknown>

const DEPTH_MAX = 6
const ENTRIES_MAX = 512
const KEYS_REMEMBERED_MAX = 2_000
const UPPER_CASE = /[A-Z]/g

const folded = new Map<string, string>()

/** Remembered: the same few names come with every call. */
const foldKey = (key: string): string => {
  const known = folded.get(key)
  if (known !== undefined) return known
  const fold = key.replace(UPPER_CASE, (letter) => `_${letter.toLowerCase()}`)
  // Keys come from senders: forget all rather than grow without bound.
  if (folded.size >= KEYS_REMEMBERED_MAX) folded.clear()
  folded.set(key, fold)
  return fold
}

/** Any object that is no list. */
export const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Undefined unless `value` is a JSON object. The first of two keys that fold to the same path wins. */
export const flattenUsage = (value: unknown): FlatUsage | undefined => {
  if (!isJsonObject(value)) return undefined
  const flat = new Map<string, unknown>()
  addEntries(flat, value, '', 1)
  return flat
}

const addEntries = (
  flat: Map<string, unknown>,
  object: Record<string, unknown>,
  prefix: string,
  depth: number,
): void => {
  for (const [key, value] of Object.entries(object)) {
    if (value === null || value === undefined || flat.size >= ENTRIES_MAX) continue
    const path = `${prefix}${foldKey(key)}`
    if (flat.has(path)) continue
    if (!isJsonObject(value)) {
      flat.set(path, value)
      continue
    }
    flat.set(path, true)
    if (depth < DEPTH_MAX) addEntries(flat, value, `${path}.`, depth + 1)
  }
}
