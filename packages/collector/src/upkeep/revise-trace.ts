/**
 * What a person asked for when a trace is brought to what its evidence says: reversals and charges through the same plan
 * as settlement, with the reason `operator`. A pure function.
 */
import { BUILT_IN_DIALECTS, planParts } from '#src/ledger/plan-parts.ts'
import { openRows, type PlannedEntries, type Posting } from '#src/ledger/plan-entries.ts'
import { chargeHashOf, type PostingPolicy } from '#src/ledger/settled-row.ts'
import { partsToSettle, type StoredTrace } from '#src/ledger/trace-record.ts'

/** At the beginning of time every trace is open still: all of it is derived, as it was cut when it closed. */
const ALL_OPEN_MS = 0
const NOTHING_NEW = { walId: '', fromLsn: undefined }

/**
 * A charge that was changed after it was posted is told by what it says now, not by the digest on it: so it is reversed as
 * it stands, and what it should say is charged.
 */
const asItReads = (trace: StoredTrace): StoredTrace => {
  const open = new Set(openRows(trace.ledger.calls))
  const calls = trace.ledger.calls.map((row) => (open.has(row) ? { ...row, content_hash: chargeHashOf(row) } : row))
  return { ...trace, ledger: { ...trace.ledger, calls } }
}

export const reviseTraces = (
  traces: readonly StoredTrace[],
  policy: PostingPolicy,
  posting: Posting,
): PlannedEntries => {
  const parts = traces.flatMap((trace) => partsToSettle(asItReads(trace), ALL_OPEN_MS, NOTHING_NEW))
  const planned = planParts(parts, { dialects: BUILT_IN_DIALECTS, policy, posting, trigger: 'operator' })
  const nameOf = (entryId: string, hash: string): string => `${entryId} ${hash}`
  const stored = new Map(
    traces
      .flatMap(({ ledger }) => openRows(ledger.calls))
      .map((row) => [nameOf(row.entry_id, chargeHashOf(row)), row.content_hash]),
  )
  return {
    ...planned,
    calls: planned.calls.map((row) =>
      row.sign < 0
        ? { ...row, content_hash: stored.get(nameOf(row.reverses, row.content_hash)) ?? row.content_hash }
        : row,
    ),
  }
}
