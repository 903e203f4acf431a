/** Parts of traces → the entries that bring the ledger to what their evidence says. A pure function, in steps or at once. */
import { atOnce, type Steps } from '@outlay/core'
import { DIALECT_RULES, type DialectRule, RULES_VERSION, settleTrace } from '@outlay/semconv'
import { evidenceOf } from '#src/pipeline/span-rows.ts'
import type { Trigger } from './correction-reason.ts'
import { type PlannedEntries, planningEntries, type Posting, spanKeyOf } from './plan-entries.ts'
import { isUnbilledAggregate, refusedAggregates } from './refused-aggregates.ts'
import { type DesiredEntry, desiredEntryOf, type PostingPolicy } from './settled-row.ts'
import type { TracePart } from './trace-record.ts'

export interface Dialects {
  readonly version: string
  readonly rules: readonly DialectRule[]
}

export const BUILT_IN_DIALECTS: Dialects = { version: RULES_VERSION, rules: DIALECT_RULES }

interface Plan {
  readonly dialects: Dialects
  readonly policy: PostingPolicy
  readonly posting: Posting
  readonly trigger: Trigger
}

export const planParts = (parts: readonly TracePart[], plan: Plan): PlannedEntries => atOnce(planningParts(parts, plan))

/** A part at a step, then some entries. */
export function* planningParts(
  parts: readonly TracePart[],
  { dialects: { rules, version }, policy, posting, trigger }: Plan,
): Steps<PlannedEntries> {
  const desired: DesiredEntry[] = []
  const duplicates = new Set<string>()
  for (const { spans, orphans } of parts) {
    const [first] = spans
    if (first === undefined) continue
    const evidence = spans.map(evidenceOf)
    const { calls, listed } = settleTrace(evidence, { rules })
    for (const call of calls) desired.push(desiredEntryOf(call, policy, { rulesVersion: version, orphan: orphans }))
    for (const { spanId, disposition } of listed) {
      if (disposition === 'duplicate') duplicates.add(spanKeyOf({ ...first, span_id: spanId }))
    }
    if (listed.some(isUnbilledAggregate)) desired.push(...refusedAggregates(evidence, rules, policy))
    yield
  }
  const existing = {
    calls: parts.flatMap(({ ledger }) => ledger.calls),
    quarantine: parts.flatMap(({ ledger }) => ledger.quarantine),
  }
  return yield* planningEntries(desired, existing, posting, { trigger, duplicates })
}
