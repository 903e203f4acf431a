/** Attributes and JSON carriers of a span → reported counters (spec: counters §7). */
import { parseCount, textOf } from './attribute-values.ts'
import { type Counter, COUNTERS, type Counters } from './counters.ts'
import type { Attributes } from './evidence.ts'
import type { QualityFlag } from './flags.ts'
import { flattenUsage, isJsonObject } from './flatten-usage.ts'
import { TOPIC } from './key-index.ts'
import { foldProvider } from './providers.ts'
import { parseUsageJson, type RawUsageReading, readRawUsage } from './read-raw-usage.ts'
import type { MatchedRule } from './rule-candidates.ts'
import { type SpanFacts, speaksOf } from './span-facts.ts'
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

const stripTier = (path: string, prefixes: readonly string[]): string => {
  const start = path.lastIndexOf('.') + 1
  const prefix = prefixes.find((candidate) => path.startsWith(candidate, start))
  return prefix === undefined ? path : path.slice(0, start) + path.slice(start + prefix.length)
}

interface JsonReading {
  readonly counts: ReadonlyMap<Counter, number>
  readonly unknownKeys: boolean
}

const readUsageJson = (text: string, json: UsageJson, flags: QualityFlag[]): JsonReading | undefined => {
  const flat = flattenUsage(parseUsageJson(text))
  if (flat === undefined) {
    flags.push('bad_blob')
    return undefined
  }
  const counts = new Map<Counter, number>()
  let unknownKeys = false
  const prefix = json.path === '' ? '' : `${json.path}.`
  for (const [path, value] of flat) {
    if (value === true || !path.startsWith(prefix)) continue
    const name = path.slice(prefix.length)
    const counter = json.counters.get(name) ?? json.counters.get(stripTier(name, json.tierPrefixes))
    const count = parseCount(value)
    if (counter === undefined) unknownKeys ||= typeof count === 'number' && count > 0
    else if (count === 'bad') flags.push('bad_number')
    else if (!counts.has(counter)) counts.set(counter, count as number)
    else if (counts.get(counter) !== count) flags.push('alias_conflict')
  }
  return { counts, unknownKeys }
}

/** What the JSON says beats what the attributes say. */
const mergeCounts = (counts: ReadonlyMap<Counter, number>, counters: Counters, flags: QualityFlag[]): Counters => {
  const merged = { ...counters }
  for (const [counter, count] of counts) {
    const other = counters[counter]
    if (other !== undefined && other !== count) flags.push('alias_conflict')
    merged[counter] = count
  }
  return merged
}

interface Step {
  readonly snake: string
  readonly camel: string
}

/** The raw object to believe: the first with an input count; otherwise a partial one, which only supplements. */
const readRaw = (attributes: Attributes, flags: QualityFlag[]): RawUsageReading | undefined => {
  let partial: RawUsageReading | undefined
  for (const carrier of CARRIERS) {
    const text = textOf(attributes[carrier.key])
    if (text === '') continue
    const parsed = parseUsageJson(text)
    if (!isJsonObject(parsed)) {
      flags.push('bad_blob')
      continue
    }
    for (const { steps, provider } of carrier.subtrees) {
      const object = objectAt(parsed, steps)
      if (object === undefined) continue
      const reading = readRawUsage(hintOf(attributes, provider), object)
      if (reading?.complete === true) return reading
      if (reading === undefined) flags.push('bad_blob')
      partial ??= reading
    }
  }
  return partial
}

/** The path is written in snake_case, the JSON may not be. */
const stepsOf = (path: string): readonly Step[] =>
  (path === '' ? [] : path.split('.')).map((snake) => ({
    snake,
    camel: snake.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  }))

const objectAt = (root: unknown, steps: readonly Step[]): unknown => {
  let value: unknown = root
  for (const { snake, camel } of steps) {
    if (typeof value !== 'object' || value === null) return undefined
    const object = value as Record<string, unknown>
    value = Object.hasOwn(object, snake) ? object[snake] : Object.hasOwn(object, camel) ? object[camel] : undefined
  }
  return value ?? undefined
}

const hintOf = (attributes: Attributes, provider: string): { host: string; provider: string; model: string } => ({
  // A place that implies its provider beats the host, which may be a proxy.
  host: provider === '' ? textOf(attributes['server.address']) : '',
  provider: provider || foldProvider(textOf(attributes['gen_ai.provider.name'] ?? attributes['gen_ai.system'])),
  model: textOf(attributes['gen_ai.response.model'] ?? attributes['gen_ai.request.model']),
})

export const readSpanCounters = (attributes: Attributes, facts: SpanFacts): SpanCounters => {
  const flags: QualityFlag[] = [...facts.flags]
  const read: SpanCounters = { counters: facts.counters, raw: undefined, closed: false, unknownKeys: false, flags }
  const withJson = speaksOf(facts, TOPIC.usageJson) ? addUsageJsons(attributes, read) : read
  return speaksOf(facts, TOPIC.rawUsage) ? addRaw(attributes, withJson) : withJson
}

const addUsageJsons = (attributes: Attributes, read: SpanCounters): SpanCounters => {
  const { flags } = read
  let { counters, closed, unknownKeys } = read
  for (const json of USAGE_JSONS) {
    const text = textOf(attributes[json.key])
    if (text === '' || (json.precedence === 'if_no_input' && counters.input !== undefined)) continue
    const reading = readUsageJson(text, json, flags)
    if (reading === undefined) continue
    counters = mergeCounts(reading.counts, counters, flags)
    closed ||= json.closed
    unknownKeys ||= json.closed && reading.unknownKeys
  }
  return { ...read, counters, closed, unknownKeys }
}

const addRaw = (attributes: Attributes, read: SpanCounters): SpanCounters => {
  const raw = readRaw(attributes, read.flags)
  if (raw === undefined) return read
  if (raw.complete) return { ...read, raw }
  const counters = { ...read.counters }
  for (const counter of COUNTERS) counters[counter] = raw.counters[counter] ?? counters[counter]
  return { ...read, raw, counters }
}

/** How many attributes of the span carry usage: decides between two versions of one span. */
export const countUsageAttributes = (attributes: Attributes, rule: MatchedRule): number => {
  let count = 0
  for (const key of Object.keys(attributes)) {
    if (rule.aliases.has(key) || key === OUTLAY.USAGE_STATUS || JSON_KEYS.has(key)) count += 1
  }
  return count
}

const CARRIERS = RAW_USAGE_CARRIERS.map(({ key, subtrees }) => ({
  key,
  subtrees: subtrees.map(({ path, provider }) => ({ steps: stepsOf(path), provider })),
}))

const JSON_KEYS: ReadonlySet<string> = new Set([...RAW_USAGE_CARRIERS, ...USAGE_JSONS].map(({ key }) => key))
