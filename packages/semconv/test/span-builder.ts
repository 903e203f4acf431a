/** Short spans for tests. */
import type { Attributes, SettledCall, SpanEvidence, TraceSettlement } from '@outlay/semconv'

const TRACE_ID = '0000000000000000000000000000abcd'
const START_NANO = 1_790_000_000_000_000_000n
const SECOND_NANO = 1_000_000_000n

export interface SpanSketch {
  /** Number of the span; its id. */
  readonly id: number
  /** Number of the parent, in the trace or not; absent = root. */
  readonly parent?: number
  readonly scope?: string
  readonly scopeVersion?: string
  readonly name?: string
  readonly attributes?: Attributes
  readonly resource?: Attributes
  readonly startNano?: bigint
  readonly endNano?: bigint
  readonly receivedNano?: bigint
}

export const spanId = (id: number): string => id.toString(16).padStart(16, '0')

export const span = (sketch: SpanSketch): SpanEvidence => ({
  authority: 'local',
  traceId: TRACE_ID,
  spanId: spanId(sketch.id),
  parentSpanId: sketch.parent === undefined ? '' : spanId(sketch.parent),
  name: sketch.name ?? 'span',
  kind: 3,
  statusCode: 0,
  startUnixNano: sketch.startNano ?? START_NANO,
  endUnixNano: sketch.endNano ?? START_NANO + SECOND_NANO,
  receivedUnixNano: sketch.receivedNano ?? START_NANO + SECOND_NANO,
  scopeName: sketch.scope ?? 'test-instrumentation',
  scopeVersion: sketch.scopeVersion ?? '',
  resource: sketch.resource ?? {},
  attributes: sketch.attributes ?? {},
})

/** Semconv usage of a model call. */
export const chat = (input: number, output: number, rest: Attributes = {}): Attributes => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.usage.input_tokens': BigInt(input),
  'gen_ai.usage.output_tokens': BigInt(output),
  ...rest,
})

/** The same numbers without an operation: nobody knows what the span is. */
export const unknownUsage = (input: number, output: number, rest: Attributes = {}): Attributes => ({
  'gen_ai.usage.input_tokens': BigInt(input),
  'gen_ai.usage.output_tokens': BigInt(output),
  ...rest,
})

export const agent = (input: number, output: number, rest: Attributes = {}): Attributes => ({
  ...chat(input, output, rest),
  'gen_ai.operation.name': 'invoke_agent',
})

/** Span numbers of the calls with usage, and why each is billed. */
export const billed = ({ calls }: TraceSettlement): Record<number, string> =>
  Object.fromEntries(
    calls
      .filter(({ usageStatus, key }) => usageStatus !== 'absent' && key.part === 'main')
      .map(({ key, billableReason }) => [Number.parseInt(key.spanId, 16), billableReason]),
  )

/** Span numbers of the listed spans, and what became of each. */
export const listed = (settlement: TraceSettlement): Record<number, string> =>
  Object.fromEntries(settlement.listed.map(({ spanId: id, disposition }) => [Number.parseInt(id, 16), disposition]))

export const callOf = ({ calls }: TraceSettlement, id: number, part = 'main'): SettledCall => {
  const call = calls.find(({ key }) => key.spanId === spanId(id) && key.part === part)
  if (call === undefined) throw new Error(`no call for span ${id}, part ${part}`)
  return call
}
