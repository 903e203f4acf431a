/**
 * A usage object as flat paths: keys folded from camelCase to snake_case, nesting joined with dots
 * (`promptTokensDetails.cachedTokens` → `prompt_tokens_details.cached_tokens`). Lists stay whole under their path.
 */

/** Path → scalar, list, or `true` for a nested object. */
export type FlatUsage = ReadonlyMap<string, unknown>

const DEPTH_MAX = 6
const ENTRIES_MAX = 512
const PATHS_REMEMBERED_MAX = 2_000
const UPPER_CASE = /[A-Z]/g

/** A place in usage objects, with the places below it by key: the same few paths come with every call. */
interface Place {
  readonly path: string
  /** In front of the keys below. */
  readonly prefix: string
  readonly below: Map<string, Place>
}

const newTop = (): Place => ({ path: '', prefix: '', below: new Map() })

let top = newTop()
let remembered = 0

const foldKey = (key: string): string => key.replace(UPPER_CASE, (letter) => `_${letter.toLowerCase()}`)

const placeBelow = (place: Place, key: string): Place => {
  const known = place.below.get(key)
  if (known !== undefined) return known
  const path = `${place.prefix}${foldKey(key)}`
  const below: Place = { path, prefix: `${path}.`, below: new Map() }
  // Keys come from senders: forget all rather than grow without bound.
  if (remembered >= PATHS_REMEMBERED_MAX) {
    top = newTop()
    remembered = 0
  }
  place.below.set(key, below)
  remembered += 1
  return below
}

/** Any object that is no list. */
export const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Undefined unless `value` is a JSON object. The first of two keys that fold to the same path wins. */
export const flattenUsage = (value: unknown): FlatUsage | undefined => {
  if (!isJsonObject(value)) return undefined
  const flat = new Map<string, unknown>()
  addEntries(flat, value, top, 1)
  return flat
}

const addEntries = (flat: Map<string, unknown>, object: Record<string, unknown>, place: Place, depth: number): void => {
  for (const key of Object.keys(object)) {
    const value = object[key]
    if (value === null || value === undefined || flat.size >= ENTRIES_MAX) continue
    const below = placeBelow(place, key)
    if (flat.has(below.path)) continue
    if (!isJsonObject(value)) {
      flat.set(below.path, value)
      continue
    }
    flat.set(below.path, true)
    if (depth < DEPTH_MAX) addEntries(flat, value, below, depth + 1)
  }
}
