/**
 * A stored trace, derived again from its evidence by the rules of today, and what that would change in the ledger. The
 * steps of settlement; nothing is posted. A pure function.
 */
import type { CallRow, QuarantineRow } from '@outlay/clickhouse'
import { type ListedSpan, type SettledCall, settleTrace } from '@outlay/semconv'
import { DEFAULT_REQUIRED } from '#src/collector-settings.ts'
import { BUILT_IN_DIALECTS, planParts } from '#src/ledger/plan-parts.ts'
import type { PostingPolicy } from '#src/ledger/settled-row.ts'
import { partsToSettle, type StoredTrace } from '#src/ledger/trace-record.ts'

export interface RederivedTrace {
  readonly calls: readonly SettledCall[]
  readonly listed: readonly ListedSpan[]
  /** Entries that would be posted now; none where the ledger says what the evidence says. */
  readonly corrections: { readonly calls: readonly CallRow[]; readonly quarantine: readonly QuarantineRow[] }
}

/** At the beginning of time every trace is open still: all of it is derived, as it was cut when it closed. */
const ALL_OPEN_MS = 0
const NOTHING_NEW = { walId: '', fromLsn: undefined }
const NEVER_POSTED = { postedAtMs: 0, walId: '', unit: 0n }

export const rederiveTrace = (
  trace: StoredTrace,
  { require = DEFAULT_REQUIRED, ...tables }: Omit<PostingPolicy, 'require'> & Partial<PostingPolicy>,
): RederivedTrace => {
  const parts = partsToSettle(trace, ALL_OPEN_MS, NOTHING_NEW)
  const settlements = parts.map(({ spans }) =>
    settleTrace(
      spans.map(({ span }) => span),
      { describeListed: true },
    ),
  )
  return {
    calls: settlements.flatMap(({ calls }) => calls),
    listed: settlements.flatMap(({ listed }) => listed),
    corrections: planParts(parts, {
      dialects: BUILT_IN_DIALECTS,
      policy: { ...tables, require },
      posting: NEVER_POSTED,
      trigger: 'rules',
    }),
  }
}
