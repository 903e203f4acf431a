/** Attributes and JSON carriers of a span → reported counters (spec: counters §7). */
import { parseCount, textOf } from './attribute-values.ts'
import type { Counter, Counters } from './counters.ts'
import type { Attributes } from './evidence.ts'
import type { QualityFlag } from './flags.ts'
import { flattenUsage, isJsonObject } from './flatten-usage.ts'
import type { MatchedRule } from './match-rule.ts'
import { foldProvider } from './providers.ts'
import { parseUsageJson, type RawUsageReading, readRawUsage } from './read-raw-usage.ts'
import { RAW_USAGE_CARRIERS, USAGE_JSONS, type UsageJson } from './usage-carriers.ts'
import { OUTLAY } from './attribute-names.ts'

export interface SpanCounters {
  readonly counters: Counters
  /** The provider's own object, if one with an input count was carried. */
  readonly raw: RawUsageReading | undefined
  /** Counters come from free keys: they are believed only if their total explains them. */
  readonly closed: boolean
  /** Free keys that nobody can interpret. */
  readonly unknownKeys: boolean
  readonly flags: QualityFlag[]
}

interface RankedCounts {
  readonly counters: Counters
  readonly orders: { [counter in Counter]?: number }
}

/** One pass over the attributes. A later alias that differs is flagged, never summed. */
const readAliases = (attributes: Attributes, rule: MatchedRule, flags: QualityFlag[]): Counters => {
  const ranked: RankedCounts = { counters: {}, orders: {} }
  for (const key of Object.keys(attributes)) {
    const entry = rule.aliases.get(key)
    if (entry === undefined) continue
    const count = parseCount(attributes[key])
    if (count === 'bad') flags.push('bad_number')
    else if (count !== undefined) offer(ranked, entry.counter, { count, order: entry.order }, flags)
  }
  return ranked.counters
}

const offer = (
  { counters, orders }: RankedCounts,
  counter: Counter,
  { count, order }: { readonly count: number; readonly order: number },
  flags: QualityFlag[],
): void => {
  const present = counters[counter]
  if (present !== undefined && present !== count) flags.push('alias_conflict')
  if (present !== undefined && (orders[counter] ?? 0) < order) return
  counters[counter] = count
  orders[counter] = order
}

const stripTier = (path: string, prefixes: readonly string[]): string => {
  const start = path.lastIndexOf('.') + 1
  const prefix = prefixes.find((candidate) => path.startsWith(candidate, start))
  return prefix === undefined ? path : path.slice(0, start) + path.slice(start + prefix.length)
}

interface JsonReading {
  readonly counters: Counters
  readonly unknownKeys: boolean
}

const readUsageJson = (text: string, json: UsageJson, flags: QualityFlag[]): JsonReading | undefined => {
  const flat = flattenUsage(parseUsageJson(text))
  if (flat === undefined) {
    flags.push('bad_blob')
    return undefined
  }
  const counters: Counters = {}
  let unknownKeys = false
  const prefix = json.path === '' ? '' : `${json.path}.`
  for (const [path, value] of flat) {
    if (!path.startsWith(prefix) || value === true) continue
    const counter = json.counters.get(stripTier(path.slice(prefix.length), json.tierPrefixes))
    const count = parseCount(value)
    if (counter === undefined) unknownKeys ||= typeof count === 'number' && count > 0
    else if (count === 'bad') flags.push('bad_number')
    else if (counters[counter] === undefined) counters[counter] = count as number
    else if (counters[counter] !== count) flags.push('alias_conflict')
  }
  return { counters, unknownKeys }
}

const mergeFirst = (first: Counters, second: Counters, flags: QualityFlag[]): Counters => {
  for (const counter of Object.keys(first) as Counter[]) {
    const other = second[counter]
    if (other !== undefined && other !== first[counter]) flags.push('alias_conflict')
  }
  return { ...second, ...first }
}

/** The raw object to believe: the first with an input count; otherwise a partial one, which only supplements. */
const readRaw = (attributes: Attributes, flags: QualityFlag[]): RawUsageReading | undefined => {
  let partial: RawUsageReading | undefined
  for (const carrier of RAW_USAGE_CARRIERS) {
    const text = textOf(attributes[carrier.key])
    if (text === '') continue
    const parsed = parseUsageJson(text)
    if (!isJsonObject(parsed)) {
      flags.push('bad_blob')
      continue
    }
    for (const { path, provider } of carrier.subtrees) {
      const object = objectAt(parsed, path)
      if (object === undefined) continue
      const reading = readRawUsage(hintOf(attributes, provider), object)
      if (reading?.complete === true) return reading
      if (reading === undefined) flags.push('bad_blob')
      partial ??= reading
    }
  }
  return partial
}

/** Steps into folded keys: the path is written in snake_case, the JSON may not be. */
const objectAt = (root: unknown, path: string): unknown => {
  if (path === '') return root
  let value: unknown = root
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    const camel = step.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
    const object = value as Record<string, unknown>
    value = Object.hasOwn(object, step) ? object[step] : Object.hasOwn(object, camel) ? object[camel] : undefined
  }
  return value ?? undefined
}

const hintOf = (attributes: Attributes, provider: string): { host: string; provider: string; model: string } => ({
  // A place that implies its provider beats the host, which may be a proxy.
  host: provider === '' ? textOf(attributes['server.address']) : '',
  provider: provider || foldProvider(textOf(attributes['gen_ai.provider.name'] ?? attributes['gen_ai.system'])),
  model: textOf(attributes['gen_ai.response.model'] ?? attributes['gen_ai.request.model']),
})

export const readSpanCounters = (attributes: Attributes, rule: MatchedRule): SpanCounters => {
  const flags: QualityFlag[] = []
  let counters = readAliases(attributes, rule, flags)
  let closed = false
  let unknownKeys = false
  for (const json of USAGE_JSONS) {
    const text = textOf(attributes[json.key])
    if (text === '' || (json.precedence === 'if_no_input' && counters.input !== undefined)) continue
    const reading = readUsageJson(text, json, flags)
    if (reading === undefined) continue
    counters = mergeFirst(reading.counters, counters, flags)
    closed ||= json.closed
    unknownKeys ||= json.closed && reading.unknownKeys
  }
  const raw = readRaw(attributes, flags)
  if (raw !== undefined && !raw.complete) counters = { ...counters, ...raw.counters }
  return { counters, raw, closed, unknownKeys, flags }
}

/** How many attributes of the span carry usage: decides between two versions of one span. */
export const countUsageAttributes = (attributes: Attributes, rule: MatchedRule): number => {
  let count = 0
  for (const key of Object.keys(attributes)) {
    if (rule.aliases.has(key) || key === OUTLAY.USAGE_STATUS || JSON_KEYS.has(key)) count += 1
  }
  return count
}

const JSON_KEYS: ReadonlySet<string> = new Set([...RAW_USAGE_CARRIERS, ...USAGE_JSONS].map(({ key }) => key))
