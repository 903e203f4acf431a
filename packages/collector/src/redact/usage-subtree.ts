/**
 * JSON attributes that mix usage with content are replaced by what counts: the usage subtree that the rules name, reduced
 * to numbers, booleans and a few short selector words (service tier, modality, model). Everything else in them may be a
 * prompt. What remains is written anew: the original text could hide content behind a repeated key.
 */
import { limits, setOwn } from '@outlay/core'
import { PlainUsage } from './plain-usage.ts'

/** `verbatim`: the text is already exactly what may stay. `bad_blob`: unreadable, or what should be usage is none. */
export type UsageText =
  | { readonly kind: 'verbatim' }
  | { readonly kind: 'extracted'; readonly text: string }
  | { readonly kind: 'bad_blob' }

/** String leaves that select a price; all others could hold anything. */
const SELECTOR_NAMES: ReadonlySet<string> = new Set([
  'service_tier',
  'traffic_type',
  'speed',
  'inference_geo',
  'modality',
  'model',
  'type',
  'ttl',
])
const SELECTOR_VALUE = /^[\w.:/@-]{1,64}$/
const NUMBER_TEXT = /^-?\d{1,20}(\.\d{1,20})?$/
const NAME = /^[\w.-]{1,64}$/
const NAMES_REMEMBERED_MAX = 2_000
const NODES_MAX = 2_048
const DEPTH_MAX = 12

type JsonObject = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** As the readers of usage objects fold names: `promptTokenCount` → `prompt_token_count`. */
const foldName = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const foldedNames = new Map<string, string>()

/** The folded name; undefined for what is no name and could be content. Remembered: the same few come with every call. */
const readName = (name: string): string | undefined => {
  const known = foldedNames.get(name)
  if (known !== undefined) return known
  if (!NAME.test(name)) return undefined
  const folded = foldName(name)
  // Senders choose names: forget all rather than grow without bound.
  if (foldedNames.size >= NAMES_REMEMBERED_MAX) foldedNames.clear()
  foldedNames.set(name, folded)
  return folded
}

/** `name` is folded. */
const keepsText = (name: string, value: string): boolean =>
  (SELECTOR_NAMES.has(name) && SELECTOR_VALUE.test(value)) || NUMBER_TEXT.test(value)

const plainUsage = new PlainUsage((name, value) => keepsText(readName(name) ?? '', value))

/** Copies what may stay. */
class Reducer {
  #nodes = 0

  reduce(value: unknown, name: string, depth: number): unknown {
    this.#nodes += 1
    if (this.#nodes > NODES_MAX || depth > DEPTH_MAX) return undefined
    if (value === null || typeof value === 'number' || typeof value === 'boolean') return value
    if (typeof value === 'string') return keepsText(name, value) ? value : undefined
    if (Array.isArray(value)) {
      return value.map((item: unknown) => this.reduce(item, name, depth + 1)).filter((item) => item !== undefined)
    }
    return isObject(value) ? this.#object(value, depth) : undefined
  }

  #object(value: JsonObject, depth: number): JsonObject {
    const kept: Record<string, unknown> = {}
    for (const name of Object.keys(value)) {
      const folded = readName(name)
      const reduced = folded === undefined ? undefined : this.reduce(value[name], folded, depth + 1)
      if (reduced !== undefined) setOwn(kept, name, reduced)
    }
    return kept
  }
}

/** Folded names on the way to the subtrees that stay; `whole` where one begins. */
interface PathNode {
  whole: boolean
  readonly inside: Map<string, PathNode>
}

const pathTrees = new WeakMap<readonly string[], PathNode>()

/** One tree per list of paths: the lists are those of the rules. */
const pathTreeOf = (paths: readonly string[]): PathNode => {
  const known = pathTrees.get(paths)
  if (known !== undefined) return known
  const tree: PathNode = { whole: false, inside: new Map() }
  for (const path of paths) {
    let node = tree
    for (const name of path.split('.')) {
      const next: PathNode = node.inside.get(name) ?? { whole: false, inside: new Map() }
      node.inside.set(name, next)
      node = next
    }
    node.whole = true
  }
  pathTrees.set(paths, tree)
  return tree
}

/**
 * Keeps the names on the way to each subtree, so that readers find it where the emitter put it. Empty if there is none:
 * not every answer has usage in its metadata. Undefined if a named place holds something else than an object.
 */
const pick = (value: JsonObject, { inside }: PathNode, reducer: Reducer): JsonObject | undefined => {
  const kept: Record<string, unknown> = {}
  for (const name of Object.keys(value)) {
    const folded = readName(name)
    const node = folded === undefined ? undefined : inside.get(folded)
    const item = value[name]
    if (folded === undefined || node === undefined || item === null) continue
    if (!isObject(item)) return undefined
    const part = node.whole ? (reducer.reduce(item, folded, 1) as JsonObject | undefined) : pick(item, node, reducer)
    if (part === undefined) return undefined
    if (node.whole || Object.keys(part).length > 0) setOwn(kept, name, part)
  }
  return kept
}

const parseObject = (text: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Whether `extractUsage` would leave the JSON in `bytes[start, end)` as it is; false where only it can tell. */
export const isPlainUsage = (bytes: Buffer, start: number, end: number, paths: readonly string[]): boolean =>
  paths.includes('') && plainUsage.test(bytes, start, end)

/**
 * `paths` are the subtrees that may stay, names folded to snake case and joined by dots; the empty path is the whole
 * value. Never throws.
 */
export const extractUsage = (text: string, paths: readonly string[]): UsageText => {
  const parsed = text.length > limits.usageJsonBytesMax ? undefined : parseObject(text)
  if (parsed === undefined) return { kind: 'bad_blob' }
  const reducer = new Reducer()
  const usage = paths.includes('') ? reducer.reduce(parsed, '', 0) : pick(parsed, pathTreeOf(paths), reducer)
  if (usage === undefined) return { kind: 'bad_blob' }
  const reduced = JSON.stringify(usage)
  if (Buffer.byteLength(reduced) > limits.usageSubtreeBytesMax) return { kind: 'bad_blob' }
  return reduced === text ? { kind: 'verbatim' } : { kind: 'extracted', text: reduced }
}
