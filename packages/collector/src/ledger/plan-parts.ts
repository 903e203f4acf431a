/** Parts of traces → the entries that bring the ledger to what their evidence says. A pure function, in steps or at once. */
import type { CallRow, QuarantineRow } from '@outlay/clickhouse'
import { atOnce, type Steps } from '@outlay/core'
import { DIALECT_RULES, type DialectRule, RULES_VERSION, settleTrace, type SpanEvidence } from '@outlay/semconv'
import type { Trigger } from './correction-reason.ts'
import type { LedgerUnit } from './ledger-unit.ts'
import { type PlannedEntries, planningEntries, type Posting, spanKeyOf } from './plan-entries.ts'
import { isUnbilledAggregate, refusedAggregates } from './refused-aggregates.ts'
import { desiredEntryOf, type PostingPolicy } from './settled-row.ts'
import type { TracePart } from './trace-record.ts'

export interface Dialects {
  readonly version: string
  readonly rules: readonly DialectRule[]
}

export const BUILT_IN_DIALECTS: Dialects = { version: RULES_VERSION, rules: DIALECT_RULES }

export interface Plan {
  readonly dialects: Dialects
  readonly policy: PostingPolicy
  readonly trigger: Trigger
}

export const planParts = (parts: Iterable<TracePart>, plan: Plan & { readonly posting: Posting }): PlannedEntries =>
  atOnce(planningParts(parts, plan))

/** All entries of one unit. A part at a step, or some of its entries. */
export function* planningParts(
  parts: Iterable<TracePart>,
  { posting, ...plan }: Plan & { readonly posting: Posting },
): Steps<PlannedEntries> {
  const all: { readonly calls: CallRow[]; readonly quarantine: QuarantineRow[] } = { calls: [], quarantine: [] }
  for (const part of parts) {
    const before = { calls: all.calls.length, quarantine: all.quarantine.length }
    const { calls, quarantine } = yield* planningPart(part, plan, { ...posting, before })
    for (const row of calls) all.calls.push(row)
    for (const row of quarantine) all.quarantine.push(row)
    yield
  }
  return all
}

/** The same, each part made into the bytes of its unit before the next is looked at. */
export function* planningUnit(parts: Iterable<TracePart>, plan: Plan, unit: LedgerUnit): Steps<void> {
  for (const part of parts) {
    yield* unit.adding(yield* planningPart(part, plan, unit.posting))
    yield
  }
}

/** Entries of one part, some at a step. They depend on nothing but the part: a call has one part, and a key of its own. */
function* planningPart(
  { spans, ledger, orphans }: TracePart,
  { dialects: { rules, version }, policy, trigger }: Plan,
  posting: Posting,
): Steps<PlannedEntries> {
  const evidence = spans.map(({ span }) => span)
  const { calls, listed } = settleTrace(evidence, { rules })
  yield
  const desired = calls.map((call) => desiredEntryOf(call, policy, { rulesVersion: version, orphan: orphans }))
  if (listed.some(isUnbilledAggregate)) desired.push(...refusedAggregates(evidence, rules, policy))
  const duplicates = new Set<string>()
  for (const { spanId, disposition } of listed) {
    if (disposition === 'duplicate') duplicates.add(spanKeyOf({ ...keyOf(evidence), span_id: spanId }))
  }
  return yield* planningEntries(desired, ledger, posting, { trigger, duplicates })
}

const keyOf = ([first]: readonly SpanEvidence[]): { readonly authority: string; readonly trace_id: string } => ({
  authority: first?.authority ?? '',
  trace_id: first?.traceId ?? '',
})
