/**
 * Sums that no known call explains and that may not be billed either: a lost leaf shows nowhere else (spec: counters §10).
 * They go into the quarantine with their numbers and leave it when their calls arrive.
 */
import { assert } from '@outlay/core'
import type { DialectRule, ListedSpan, SpanEvidence } from '@outlay/semconv'
import { settleTrace } from '@outlay/semconv'
import { type DesiredEntry, type PostingPolicy, refusedEntryOf } from './settled-row.ts'

const NO_LAYERS = { prompt: 0, tool: 0, memory: 0 }
const NO_CONTROL = { intendedModel: '', overagePattern: '', overageAction: '' }

export const isUnbilledAggregate = ({ disposition }: ListedSpan): boolean => disposition === 'unbilled_aggregate'

/** `evidence`: the spans of one trace with an unbilled aggregate among them. Settled again, since few traces have one. */
export const refusedAggregates = (
  evidence: readonly SpanEvidence[],
  rules: readonly DialectRule[],
  policy: PostingPolicy,
): readonly DesiredEntry[] => {
  const { listed } = settleTrace(evidence, { rules, describeListed: true })
  const [first] = evidence
  return listed.filter(isUnbilledAggregate).map((each) => refusedAggregate(each, first, policy))
}

const refusedAggregate = (
  { about, spanId, ...reported }: ListedSpan,
  trace: SpanEvidence | undefined,
  policy: PostingPolicy,
): DesiredEntry => {
  assert(about !== undefined && trace !== undefined, 'a listed span of some trace was described')
  const call = {
    ...reported,
    ...about,
    key: { authority: trace.authority, traceId: trace.traceId, spanId, part: 'main' },
    billableReason: 'leaf' as const,
    layers: NO_LAYERS,
    control: NO_CONTROL,
  }
  return refusedEntryOf(
    call,
    policy,
    reported.flags.includes('broken_ancestry') ? 'broken_ancestry' : 'unbilled_aggregate',
  )
}
