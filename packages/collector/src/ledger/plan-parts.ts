/** Parts of traces → the entries that bring the ledger to what their evidence says. A pure function, in steps or at once. */
import type { CallRow, QuarantineRow } from '@outlay/clickhouse'
import { atOnce, type Steps } from '@outlay/core'
import { DIALECT_RULES, type DialectRule, RULES_VERSION, settleTrace } from '@outlay/semconv'
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

export const planParts = (parts: Iterable<TracePart>, plan: Plan): PlannedEntries => atOnce(planningParts(parts, plan))

/** A part at a step, taken when its turn comes and let go behind it, then some entries. */
export function* planningParts(
  parts: Iterable<TracePart>,
  { dialects: { rules, version }, policy, posting, trigger }: Plan,
): Steps<PlannedEntries> {
  const desired: DesiredEntry[] = []
  const duplicates = new Set<string>()
  const existing: { readonly calls: CallRow[]; readonly quarantine: QuarantineRow[] } = { calls: [], quarantine: [] }
  for (const { spans, ledger, orphans } of parts) {
    existing.calls.push(...ledger.calls)
    existing.quarantine.push(...ledger.quarantine)
    const evidence = spans.map(({ span }) => span)
    const [first] = evidence
    if (first === undefined) continue
    const { calls, listed } = settleTrace(evidence, { rules })
    for (const call of calls) desired.push(desiredEntryOf(call, policy, { rulesVersion: version, orphan: orphans }))
    for (const { spanId, disposition } of listed) {
      if (disposition !== 'duplicate') continue
      duplicates.add(spanKeyOf({ authority: first.authority, trace_id: first.traceId, span_id: spanId }))
    }
    if (listed.some(isUnbilledAggregate)) desired.push(...refusedAggregates(evidence, rules, policy))
    yield
  }
  return yield* planningEntries(desired, existing, posting, { trigger, duplicates })
}
