/**
 * Random traces as senders really make them: agents around chains around calls, nested records of one call, sums on
 * parents, attribution on the root only, ids that repeat. Generators of fast-check.
 */
import type { Attributes, SpanEvidence } from '@outlay/semconv'
import fc from 'fast-check'

const START_NANO = 1_790_000_000_000_000_000n
const SECOND_NANO = 1_000_000_000n
const HEX = 16

export const hexOf = (value: number | bigint, digits: number): string => value.toString(HEX).padStart(digits, '0')

type Kind = 'agent' | 'agent_with_sum' | 'chain' | 'tool' | 'call' | 'outer_call' | 'silent_call' | 'sum_of_unknown'

interface SpanPlan {
  readonly kind: Kind
  /** Which of the spans before it is the parent; beyond them = a parent that was never sent. */
  readonly parent: number
  readonly input: number
  readonly output: number
  readonly cached: number
  readonly scope: string
  readonly repeatsResponse: boolean
  readonly tenant: boolean
  readonly longer: boolean
}

const plan: fc.Arbitrary<SpanPlan> = fc.record({
  kind: fc.constantFrom<Kind>(
    'agent',
    'agent_with_sum',
    'chain',
    'tool',
    'call',
    'call',
    'call',
    'outer_call',
    'silent_call',
    'sum_of_unknown',
  ),
  parent: fc.nat({ max: 12 }),
  input: fc.integer({ min: 1, max: 5_000 }),
  output: fc.integer({ min: 1, max: 500 }),
  cached: fc.nat({ max: 6_000 }),
  scope: fc.constantFrom('opentelemetry.util.genai', 'rig', 'sentry', '@outlay/instrumentation', 'unlisted'),
  repeatsResponse: fc.boolean(),
  tenant: fc.boolean(),
  longer: fc.boolean(),
})

const OPERATIONS: Readonly<Record<Kind, string>> = {
  agent: 'invoke_agent',
  agent_with_sum: 'invoke_agent',
  chain: 'chain',
  tool: 'execute_tool',
  call: 'chat',
  outer_call: 'chat',
  silent_call: 'chat',
  sum_of_unknown: '',
}

const hasUsage = (kind: Kind): boolean => !['agent', 'chain', 'tool', 'silent_call'].includes(kind)

const attributesOf = (span: SpanPlan, index: number): Attributes => ({
  ...(OPERATIONS[span.kind] === '' ? {} : { 'gen_ai.operation.name': OPERATIONS[span.kind] ?? '' }),
  ...(hasUsage(span.kind)
    ? {
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-5',
        'gen_ai.usage.input_tokens': BigInt(span.input),
        'gen_ai.usage.output_tokens': BigInt(span.output),
        'gen_ai.usage.cache_read.input_tokens': BigInt(span.cached),
        'gen_ai.response.id': span.repeatsResponse ? 'resp' : `resp-${index}`,
      }
    : {}),
  ...(span.tenant || index === 0
    ? { 'outlay.tenant.id': `tenant-${index % 3}`, 'outlay.feature': 'chat', 'outlay.workload': 'agent' }
    : {}),
})

const SPAN_IDS_FROM = 16

const spanOf = (span: SpanPlan, index: number, plans: readonly SpanPlan[], trace: number): SpanEvidence => {
  const sameAsParent = span.kind === 'outer_call' ? undefined : plans[span.parent]
  // An inner record of a call repeats the totals of the outer one.
  const repeated = span.kind === 'call' && sameAsParent?.kind === 'outer_call' ? sameAsParent : span
  return {
    authority: 'local',
    traceId: hexOf(trace, 32),
    spanId: hexOf(index + SPAN_IDS_FROM, 16),
    parentSpanId: index === 0 ? '' : hexOf(span.parent + SPAN_IDS_FROM, 16),
    name: `${span.kind} ${index}`,
    kind: 3,
    statusCode: 0,
    startUnixNano: START_NANO + BigInt(index),
    endUnixNano: START_NANO + SECOND_NANO * (span.longer ? 2n : 1n),
    receivedUnixNano: START_NANO,
    scopeName: span.scope,
    scopeVersion: '',
    resource: { 'service.name': 'random' },
    attributes: attributesOf(
      { ...span, input: repeated.input, output: repeated.output, cached: repeated.cached },
      index,
    ),
  }
}

/** Spans of one trace in the order of their ids; parents mostly among them. */
export const randomTrace = (trace: number): fc.Arbitrary<readonly SpanEvidence[]> =>
  fc.array(plan, { minLength: 1, maxLength: 10 }).map((plans) => {
    const linked = plans.map((span, index) => ({
      ...span,
      parent: index > 0 && span.parent < 10 ? span.parent % index : span.parent,
    }))
    return linked.map((span, index) => spanOf(span, index, linked, trace))
  })

/** Requests in which a trace may arrive: every span at least once, some twice, in any order and any split. */
export const deliveriesOf = (spans: readonly SpanEvidence[]): fc.Arbitrary<readonly (readonly SpanEvidence[])[]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...spans], { minLength: spans.length }),
      fc.subarray([...spans]),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: spans.length * 2, maxLength: spans.length * 2 }),
    )
    .map(([once, again, sizes]) => {
      const rest = [...once, ...again]
      return sizes.flatMap((size) => {
        const request = rest.splice(0, size)
        return request.length > 0 ? [request] : []
      })
    })
