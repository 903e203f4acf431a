/** Everything about a ledger that its own tables prove. Settlement from evidence is proven by the collector's rules. */
import { readLedgerTables } from '#src/prices/ledger-tables.ts'
import { readWaitingLogs } from '#src/prices/waiting-calls.ts'
import type { BookTables } from '@outlay/pricing'
import { lookAtCounters, lookAtTraceIndexes } from './check-counters.ts'
import { lookAtEntryIds, lookAtNetSigns, lookAtReversals } from './check-entries.ts'
import { lookAtEvidence, lookAtLogRecords } from './check-evidence.ts'
import { lookAtSchema, lookAtWindows } from './check-schema.ts'
import { lookAtSkus } from './check-skus.ts'
import { confirmLook, type Patience } from './confirm-look.ts'
import { type CheckName, type CheckResult, keyed, type Look } from './finding.ts'
import { type LedgerSource, type TimeRange, wholeSlots } from './ledger-range.ts'

export interface VerifyQuestion {
  readonly range: TimeRange
  readonly patience: Patience
  /** The packaged tables; edges and splits of the database take their place. */
  readonly tables: BookTables
  /** Told before each check: a large ledger takes a while. */
  readonly onCheck: (check: CheckName) => void
}

/** Calls that newer edges and splits have not reached. Of the whole ledger, as settlement moves it. */
const lookAtCuts = async (source: LedgerSource, packaged: BookTables): Promise<Look> => {
  const tables = await readLedgerTables(source.client, source.database, packaged)
  const waiting = await readWaitingLogs(source, tables)
  return {
    checked: { edges: tables.bandEdges.length, splits: tables.slotSplits.length },
    found: waiting.length,
    listed: waiting.map(({ log, calls }) =>
      keyed({
        check: 'cuts',
        what: 'calls stand in a band or slot that edges and splits of today do not give them',
        where: { table: 'calls', wal_id: log },
        got: `${calls} call(s)`,
        want: '0',
        fix: 'start the collector of that log: it moves them; or `outlay rebuild` where it is gone',
      }),
    ),
  }
}

/** In order. Memory stays bounded: whatever is grouped is cut into slices before. */
export async function* verifyTables(
  source: LedgerSource,
  { range, patience, tables, onCheck }: VerifyQuestion,
): AsyncGenerator<CheckResult> {
  const slots = wholeSlots(range)
  const checks: readonly (readonly [CheckName, () => Promise<Look>])[] = [
    ['schema', () => lookAtSchema(source)],
    ['windows', () => lookAtWindows(source)],
    ['entry_ids', () => lookAtEntryIds(source, slots)],
    ['net_signs', () => lookAtNetSigns(source, slots)],
    ['reversals', () => lookAtReversals(source, slots)],
    ['counters', () => lookAtCounters(source, slots)],
    ['skus', () => lookAtSkus(source)],
    ['trace_indexes', () => lookAtTraceIndexes(source, range)],
    ['cuts', () => lookAtCuts(source, tables)],
    ['evidence', () => lookAtEvidence(source, slots)],
    ['log_records', () => lookAtLogRecords(source, range)],
  ]
  for (const [check, look] of checks) {
    onCheck(check)
    yield await confirmLook(check, look, patience)
  }
}
