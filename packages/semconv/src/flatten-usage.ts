/**
 * A usage object as flat paths: keys folded from camelCase to snake_case, nesting joined with dots
 * (`promptTokensDetails.cachedTokens` → `prompt_tokens_details.cached_tokens`). Lists stay whole under their path.
 */

/** Path → scalar, list, or `true` for a nested object. */
export type FlatUsage = ReadonlyMap<string, unknown>

const DEPTH_MAX = 6
const ENTRIES_MAX = 512
const UPPER_CASE = /[A-Z]/g

const foldKey = (key: string): string => key.replace(UPPER_CASE, (letter) => `_${letter.toLowerCase()}`)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Undefined unless `value` is a JSON object. The first of two keys that fold to the same path wins. */
export const flattenUsage = (value: unknown): FlatUsage | undefined => {
  if (!isObject(value)) return undefined
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
    if (!isObject(value)) {
      flat.set(path, value)
      continue
    }
    flat.set(path, true)
    if (depth < DEPTH_MAX) addEntries(flat, value, `${path}.`, depth + 1)
  }
}
