/** One span → what it says about usage: status, disjoint meters, totals and how sure that is. */
import type { MeterQuantities } from '@outlay/core'
import { parseCount } from './attribute-values.ts'
import { cacheWritesOf, type Counters, newCounters, withReasoning } from './counters.ts'
import { decideInclusion } from './decide-inclusion.ts'
import type { RulePart, SpanRole } from './dialect-rule.ts'
import type { Attributes, CacheSplit, Inclusion, UsageStatus } from './evidence.ts'
import type { QualityFlag } from './flags.ts'
import { TEXT } from './key-index.ts'
import type { RuledSpan } from './match-rule.ts'
import { metersFromCounters } from './meters-from-counters.ts'
import { foldProvider, inferProvider, leavesReasoningOut } from './providers.ts'
import { readSpanCounters, type SpanCounters } from './read-span-counters.ts'
import type { RawUsageReading } from './read-raw-usage.ts'
import { type OutputQuestion, resolveOutput } from './resolve-output.ts'
import type { MatchedRule } from './rule-candidates.ts'
import { type SpanFacts, textFact } from './span-facts.ts'

export interface UsageReading {
  readonly status: UsageStatus
  readonly cacheSplit: CacheSplit
  readonly inclusion: Inclusion
  /** Non-zero meters; empty if absent or in conflict. */
  readonly meters: MeterQuantities
  readonly inputTotal: number
  readonly outputTotal: number
  readonly inputReported: boolean
  readonly outputReported: boolean
  readonly flags: readonly QualityFlag[]
}

export interface UsagePart {
  readonly part: string
  /** Empty = the model of the main call. */
  readonly model: string
  readonly usage: UsageReading
}

export interface SpanUsage {
  readonly main: UsageReading
  readonly parts: readonly UsagePart[]
  readonly raw: RawUsageReading | undefined
}

const ABSENT: UsageReading = {
  status: 'absent',
  cacheSplit: 'unknown',
  inclusion: 'n/a',
  meters: {},
  inputTotal: 0,
  outputTotal: 0,
  inputReported: false,
  outputReported: false,
  flags: [],
}

const DECLARED: ReadonlySet<string> = new Set(['reported', 'partial', 'estimated'])

/** The provider for interpretation: reported, else inferred. Folded; empty = unknown. */
export const providerOf = (facts: SpanFacts): string =>
  foldProvider(textFact(facts, TEXT.provider)) || inferProvider(modelOf(facts), textFact(facts, TEXT.host))

const modelOf = (facts: SpanFacts): string => textFact(facts, TEXT.responseModel) || textFact(facts, TEXT.requestModel)

interface Reported {
  readonly input: boolean
  readonly output: boolean
  readonly units: boolean
}

/** An explicit status counts, unless it says `absent` beside numbers. */
const statusOf = (reported: Reported, { role, rule, facts }: Omit<ReadContext, 'read'>): UsageStatus => {
  if (!reported.input && !reported.output && !reported.units) return 'absent'
  const declared = textFact(facts, TEXT.usageStatus)
  if (DECLARED.has(declared)) return declared as UsageStatus
  if (!reported.units || reported.input || reported.output) {
    if (!reported.input || (!reported.output && role !== 'leaf_without_output')) return 'partial'
  }
  return rule.meaning.usage
}

/** Reads the usage of a span. Never throws: what cannot be read is absent and flagged. */
export const readSpanUsage = (attributes: Attributes, { rule, facts }: RuledSpan, role: SpanRole): SpanUsage => {
  const read = readSpanCounters(attributes, facts)
  const { raw } = read
  const context = { read, role, rule, facts }
  const main = raw?.complete === true ? fromRaw(raw, context) : fromCounters(context)
  return { main, parts: partsOf(attributes, rule, raw), raw }
}

interface ReadContext {
  readonly read: SpanCounters
  readonly role: SpanRole
  readonly rule: MatchedRule
  readonly facts: SpanFacts
}

const fromRaw = (raw: RawUsageReading, { read, role, rule, facts }: ReadContext): UsageReading => {
  const reported = { input: raw.inputReported, output: raw.outputReported, units: raw.unitsReported }
  const flags: QualityFlag[] = [...read.flags, ...raw.flags]
  if (contradicts(read.counters, raw)) flags.push('raw_mismatch')
  if (raw.conflict) flags.push('conflict')
  return {
    status: raw.conflict ? 'conflict' : statusOf(reported, { role, rule, facts }),
    cacheSplit: raw.cacheSplit,
    inclusion: 'raw',
    meters: raw.meters,
    inputTotal: raw.inputTotal,
    outputTotal: raw.outputTotal,
    inputReported: raw.inputReported,
    outputReported: raw.outputReported,
    flags,
  }
}

/** Attributes may spell input with or without caches, and output with or without reasoning; nothing else fits. */
const contradicts = (counters: Counters, raw: RawUsageReading): boolean => {
  const { input, output, cacheRead } = counters
  const { inputTotal, outputTotal, counters: known } = raw
  const uncached = inputTotal - (known.cacheRead ?? 0) - cacheWritesOf(known)
  const unreasoned = outputTotal - (known.reasoning ?? 0)
  return (
    (input !== undefined && input !== inputTotal && input !== uncached && input !== (known.input ?? 0)) ||
    (output !== undefined && output !== outputTotal && output !== unreasoned && output !== (known.output ?? 0)) ||
    (cacheRead !== undefined && cacheRead !== (known.cacheRead ?? 0))
  )
}

const fromCounters = ({ read, role, rule, facts }: ReadContext): UsageReading => {
  const { counters } = read
  const reported = {
    input: counters.input !== undefined || counters.uncachedInput !== undefined,
    output: counters.output !== undefined,
    units: counters.pages !== undefined,
  }
  const status = statusOf(reported, { role, rule, facts })
  if (status === 'absent') return read.flags.length === 0 ? ABSENT : { ...ABSENT, flags: read.flags }
  const provider = providerOf(facts)
  const decision = decideInclusion(counters, rule.meaning, provider)
  const output = resolveOutput({
    counters,
    inputTotal: decision.inputTotal,
    reasoning: EXPECTED_PLACE[rule.meaning.reasoning],
    residualIsReasoning: leavesReasoningOut(provider, modelOf(facts)),
  })
  const { inputTotal } = decision
  const { outputTotal } = output
  const reading = metersFromCounters(withReasoning(counters, output.reasoning), { inputTotal, outputTotal })
  const conflict = reading.conflict || decision.conflict || isUnexplained(read, decision.proven)
  const flags = [...read.flags, ...decision.flags, ...output.flags, ...reading.flags]
  return {
    status: conflict ? 'conflict' : status,
    cacheSplit: decision.cacheSplit,
    inclusion: decision.inclusion,
    meters: conflict ? {} : reading.meters,
    inputTotal,
    outputTotal,
    inputReported: reported.input,
    outputReported: reported.output,
    flags: conflict ? [...flags, 'conflict'] : flags,
  }
}

const EXPECTED_PLACE: Readonly<Record<'included' | 'excluded' | 'unknown', OutputQuestion['reasoning']>> = {
  included: 'expected_inside',
  unknown: 'expected_inside',
  excluded: 'expected_outside',
}

/** Free keys are believed only if every key is known and, where something could overlap, the total says how. */
const isUnexplained = ({ closed, unknownKeys, counters }: SpanCounters, proven: boolean): boolean => {
  if (!closed) return false
  if (unknownKeys) return true
  const { input = 0, output = 0, total, reasoning = 0 } = counters
  const cached = (counters.cacheRead ?? 0) + cacheWritesOf(counters)
  if (cached > 0) return !proven
  if (total === undefined) return reasoning > 0
  return total !== input + output && total !== input + output + reasoning
}

const partsOf = (attributes: Attributes, rule: MatchedRule, raw: RawUsageReading | undefined): UsagePart[] => {
  if (raw !== undefined && raw.parts.length > 0) return raw.parts.map(partFromRaw)
  return rule.parts.flatMap((part) => partFromAttributes(attributes, part) ?? [])
}

const partFromRaw = ({ part, model, reading }: RawUsageReading['parts'][number]): UsagePart => ({
  part,
  model,
  usage: {
    status: reading.conflict ? 'conflict' : reading.inputReported && reading.outputReported ? 'reported' : 'partial',
    cacheSplit: reading.cacheSplit,
    inclusion: 'raw',
    meters: reading.meters,
    inputTotal: reading.inputTotal,
    outputTotal: reading.outputTotal,
    inputReported: reading.inputReported,
    outputReported: reading.outputReported,
    flags: reading.conflict ? [...reading.flags, 'conflict'] : reading.flags,
  },
})

/** Two counters without any cache split. */
const partFromAttributes = (attributes: Attributes, { part, inputKey, outputKey }: RulePart): UsagePart | undefined => {
  const input = parseCount(attributes[inputKey])
  const output = parseCount(attributes[outputKey])
  const flags: QualityFlag[] = input === 'bad' || output === 'bad' ? ['bad_number'] : []
  const inputTotal = typeof input === 'number' ? input : 0
  const outputTotal = typeof output === 'number' ? output : 0
  if (inputTotal === 0 && outputTotal === 0) return undefined
  const { meters, conflict } = metersFromCounters(newCounters(), { inputTotal, outputTotal })
  const reported = typeof input === 'number' && typeof output === 'number'
  return {
    part,
    model: '',
    usage: {
      status: conflict ? 'conflict' : reported ? 'reported' : 'partial',
      cacheSplit: 'unknown',
      inclusion: 'n/a',
      meters,
      inputTotal,
      outputTotal,
      inputReported: typeof input === 'number',
      outputReported: typeof output === 'number',
      flags: conflict ? [...flags, 'conflict'] : flags,
    },
  }
}
