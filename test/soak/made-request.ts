/** Requests of a soak: calls whose meters are known, and now and then a span that must be refused. */
import type { Random } from '../../packages/collector/test/fuzz/random.ts'
import { type MadeUpSpan, otlpRequest, ownCall } from '../harness/otlp-spans.ts'

export interface SentCall {
  /** Span id, 16 hex digits. */
  readonly id: string
  readonly meters: Readonly<Record<string, number>>
}

export interface MadeRequest {
  readonly body: object
  readonly calls: readonly SentCall[]
  /** Spans that the collector must refuse. */
  readonly refused: number
}

const CALLS_MAX = 6
const ONE_IN_REFUSED = 12
const BAD_SPAN = { traceId: '01', spanId: '02', name: 'a span with an id of one byte' }

/** Ids of one sender follow each other; senders are a long way apart. */
const SENDER_IDS = 1_000_000_000

const madeCall = (random: Random, trace: number, span: number): { span: MadeUpSpan; call: SentCall } => {
  const cached = random.below(500)
  const reasoning = random.below(50)
  const prompt = cached + random.between(1, 2_000)
  const completion = reasoning + random.between(1, 300)
  const own = ownCall(trace, span)
  const usage = {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  }
  const attributes = {
    ...own.attributes,
    'outlay.tenant.id': `tenant-${random.below(7)}`,
    'outlay.usage.raw': JSON.stringify(usage),
  }
  const meters = {
    input: prompt - cached,
    cache_read: cached,
    output: completion - reasoning,
    output_reasoning: reasoning,
  }
  return { span: { ...own, attributes }, call: { id: span.toString(16).padStart(16, '0'), meters } }
}

/** `first` is the number of the first span; the request holds spans up to `first + calls.length`. */
export const makeRequest = (random: Random, sender: number, first: number): MadeRequest => {
  const base = (sender + 1) * SENDER_IDS + first
  const count = random.between(1, CALLS_MAX)
  let trace = base
  const made = Array.from({ length: count }, (_, index) => {
    // Some calls share a trace with the one before.
    if (index > 0 && random.chance(2)) trace = base + index
    return madeCall(random, trace, base + index)
  })
  const body = otlpRequest(made.map(({ span }) => span)) as {
    resourceSpans: { scopeSpans: { spans: object[] }[] }[]
  }
  const refused = random.chance(ONE_IN_REFUSED) ? 1 : 0
  if (refused === 1) body.resourceSpans[0]?.scopeSpans[0]?.spans.push(BAD_SPAN)
  return { body, calls: made.map(({ call }) => call), refused }
}
