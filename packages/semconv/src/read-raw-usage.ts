/**
 * A provider's own usage object → disjoint meters (spec: counters §5, §9). The meaning of these objects is known, so
 * they beat every attribute.
 */
import { limits, type MeterQuantities } from '@outlay/core'
import { decimalText, textOf } from './attribute-values.ts'
import { type Counters, cacheWritesOf, mentionsCache, withReasoning } from './counters.ts'
import type { CacheSplit } from './evidence.ts'
import { orderedFlags, type QualityFlag } from './flags.ts'
import { type FlatUsage, flattenUsage } from './flatten-usage.ts'
import { metersFromCounters } from './meters-from-counters.ts'
import { leavesReasoningOut } from './providers.ts'
import type { RawShape, RawShapeId } from './raw-shape.ts'
import { readRawCounters } from './read-raw-counters.ts'
import { type RawUsageHint, recogniseRawShape } from './recognise-raw-shape.ts'
import { type OutputAnswer, resolveOutput } from './resolve-output.ts'

/** One sub-call that bills as its own row: a compaction, or an advisor of another model. */
export interface RawUsagePart {
  /** `compaction`, `compaction:<n>` from the second on, or `advisor:<n>`. */
  readonly part: string
  /** Empty = the model of the main call. */
  readonly model: string
  readonly reading: RawUsageReading
}

export interface RawUsageReading {
  readonly shape: RawShapeId
  /** False if the object has no input count: it then only supplements what else is known, and `meters` is empty. */
  readonly complete: boolean
  /** As reported, before anything is derived. */
  readonly counters: Counters
  /** Disjoint, non-zero only; empty on conflict. */
  readonly meters: MeterQuantities
  /** Total prompt tokens, caches included. */
  readonly inputTotal: number
  /** Total completion tokens, reasoning included. */
  readonly outputTotal: number
  readonly inputReported: boolean
  readonly outputReported: boolean
  readonly unitsReported: boolean
  readonly cacheSplit: CacheSplit
  /** A negative remainder or an impossible quantity: the object was misread, nothing may be billed from it. */
  readonly conflict: boolean
  readonly flags: readonly QualityFlag[]
  /** As served; empty = not in the object. */
  readonly serviceTier: string
  readonly speed: string
  readonly region: string
  /** Claimed by the provider, decimal text in USD; evidence only. */
  readonly reportedCostUsd: string
  readonly parts: readonly RawUsagePart[]
}

const XAI_TICK_DIGITS = 10
const ITERATIONS_MAX = 64

/**
 * Reads a usage object as the provider returned it, parsed or as JSON text. Undefined if it is no JSON object, larger
 * than `limits.usageJsonBytesMax`, or of no known shape.
 *
 * @example
 * readRawUsage({ provider: 'openai' }, { prompt_tokens: 10, completion_tokens: 2 })?.meters // { input: 10, output: 2 }
 */
export const readRawUsage = (hint: RawUsageHint, usage: unknown): RawUsageReading | undefined => {
  const flat = flattenUsage(typeof usage === 'string' ? parseUsageJson(usage) : usage)
  if (flat === undefined) return undefined
  const recognised = recogniseRawShape(flat, hint)
  if (recognised === undefined) return undefined
  const residual = leavesReasoningOut(recognised.provider, hint.model ?? '')
  return readAs(recognised.shape, flat, residual)
}

/** Undefined for anything but JSON of at most `limits.usageJsonBytesMax` characters. */
export const parseUsageJson = (text: string): unknown => {
  if (text.length > limits.usageJsonBytesMax) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const readAs = (shape: RawShape, flat: FlatUsage, residualIsReasoning: boolean): RawUsageReading => {
  const raw = readRawCounters(flat, shape)
  const { counters } = raw
  const inputTotal = inputTotalOf(shape, counters)
  const output = outputOf(shape, counters, { inputTotal, residualIsReasoning })
  const unitsReported = Object.keys(raw.units).length > 0
  const complete = counters.input !== undefined || unitsReported
  const { meters, conflict, flags } = metersFromCounters(
    withReasoning(counters, output.reasoning),
    { inputTotal, outputTotal: output.outputTotal },
    raw.units,
  )
  const broken = conflict || isSplitBroken(counters, inputTotal)
  return {
    shape: shape.id,
    complete,
    counters,
    meters: complete && !broken ? meters : {},
    inputTotal,
    outputTotal: output.outputTotal,
    inputReported: counters.input !== undefined,
    outputReported: isOutputReported(shape, counters),
    unitsReported,
    cacheSplit: shape.cacheAlwaysKnown || mentionsCache(counters) || isEmbedding(counters) ? 'reported' : 'unknown',
    conflict: complete && broken,
    flags: orderedFlags(raw.flags, [...output.flags, ...flags]),
    ...selectorsOf(flat),
    parts: shape.iterationsPath === undefined ? [] : partsOf(flat.get(shape.iterationsPath), shape),
  }
}

const inputTotalOf = (shape: RawShape, counters: Counters): number => {
  let total = counters.input ?? 0
  for (const counter of shape.besideInput ?? []) total += counters[counter] ?? 0
  return shape.cacheInInput ? total : total + (counters.cacheRead ?? 0) + cacheWritesOf(counters)
}

interface OutputContext {
  readonly inputTotal: number
  readonly residualIsReasoning: boolean
}

const outputOf = (shape: RawShape, counters: Counters, context: OutputContext): OutputAnswer => {
  if (shape.reasoning === 'from_total') return outputFromTotal(counters, context.inputTotal)
  const place = shape.reasoning === 'by_total' ? 'expected_inside' : shape.reasoning
  return resolveOutput({ counters, reasoning: place, ...context })
}

/** Gemini: candidates exclude thoughts, but on some backends include them; the total knows. */
const outputFromTotal = (counters: Counters, inputTotal: number): OutputAnswer => {
  const { output, reasoning, total } = counters
  const listed = (output ?? 0) + (reasoning ?? 0)
  if (total === undefined) {
    // Embeddings: nothing but a prompt.
    const hasNone = output === undefined && reasoning === undefined
    return { outputTotal: listed, reasoning, flags: hasNone ? [] : ['assumed'] }
  }
  const outputTotal = total - inputTotal
  const explained = outputTotal === listed || outputTotal === (output ?? 0)
  return { outputTotal, reasoning, flags: explained ? [] : ['total_mismatch'] }
}

/** An explicit count of uncached input that does not add up. */
const isSplitBroken = (counters: Counters, inputTotal: number): boolean =>
  counters.uncachedInput !== undefined &&
  counters.uncachedInput + (counters.cacheRead ?? 0) + cacheWritesOf(counters) !== inputTotal

const isOutputReported = (shape: RawShape, { output, reasoning, total }: Counters): boolean =>
  output !== undefined || (shape.reasoning === 'from_total' && (reasoning !== undefined || total !== undefined))

/** No output and a total that is all input: embeddings have no prompt cache. */
const isEmbedding = ({ input, output, total }: Counters): boolean =>
  output === undefined && input !== undefined && (total === undefined || total === input)

const selectorsOf = (
  flat: FlatUsage,
): Pick<RawUsageReading, 'serviceTier' | 'speed' | 'region' | 'reportedCostUsd'> => ({
  serviceTier: textOf(flat.get('service_tier')) || textOf(flat.get('traffic_type')),
  speed: textOf(flat.get('speed')),
  region: textOf(flat.get('inference_geo')),
  reportedCostUsd: ticksText(flat.get('cost_in_usd_ticks')) || decimalText(flat.get('cost')),
})

/** xAI counts cost in ticks of 10⁻¹⁰ USD. */
const ticksText = (value: unknown): string => {
  const ticks = textOf(value)
  if (ticks === '' || !/^\d{1,18}$/.test(ticks)) return ''
  const digits = ticks.padStart(XAI_TICK_DIGITS + 1, '0')
  return `${digits.slice(0, -XAI_TICK_DIGITS)}.${digits.slice(-XAI_TICK_DIGITS)}`
}

const partsOf = (iterations: unknown, shape: RawShape): RawUsagePart[] => {
  if (!Array.isArray(iterations)) return []
  const parts: RawUsagePart[] = []
  let compactions = 0
  let advisors = 0
  for (const entry of iterations.slice(0, ITERATIONS_MAX)) {
    const flat = flattenUsage(entry)
    const type = textOf(flat?.get('type'))
    // `message` entries are inside the top level, `fallback_message` presumably as well.
    if (flat === undefined || (type !== 'compaction' && type !== 'advisor_message')) continue
    const isCompaction = type === 'compaction'
    const ordinal = isCompaction ? ++compactions : ++advisors
    const reading = readAs(shape, flat, false)
    const part = isCompaction ? (ordinal === 1 ? 'compaction' : `compaction:${ordinal}`) : `advisor:${ordinal}`
    parts.push({ part, model: textOf(flat.get('model')), reading })
  }
  return parts
}
