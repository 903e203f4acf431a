/** A price may rely on a cut only when no call stands on the wrong side of it any more. */
import type { ClickHouseClient } from '@clickhouse/client'
import { OutlayError, SLOT_SECONDS } from '@outlay/core'
import type { BookData } from '@outlay/pricing'
import { type LedgerTables, readLedgerTables } from './ledger-tables.ts'
import { readWaitingLogs } from './waiting-calls.ts'

/** Thresholds on edges that calls may have been stored without, and instants inside slots. */
const cutsUsedBy = ({ rows, bands, names }: BookData, { bandEdges, laterEdges }: LedgerTables): Set<string> => {
  const later = new Set(laterEdges.map((index) => bandEdges[index]))
  const thresholds = bands.flatMap(({ gt }) => gt.filter((tokens) => later.has(tokens)))
  const instants = [rows, bands, names]
    .flat()
    .flatMap(({ validFrom, validTo }) => [validFrom, validTo])
    .filter((at) => at % SLOT_SECONDS !== 0)
  return new Set([...thresholds.map((tokens) => `${tokens} tokens`), ...instants.map((at) => `instant ${at}`)])
}

/**
 * Fails with `E_CALLS_WAIT` where the next book relies on a cut that the one before it did not use, and calls still stand
 * as they did before some cut: their prices would be silently wrong until they are moved.
 */
export const assertCutsAreSettled = async (
  client: ClickHouseClient,
  database: string,
  before: BookData,
  next: BookData,
): Promise<void> => {
  const tables = await readLedgerTables(client, database, next)
  const known = cutsUsedBy(before, tables)
  if ([...cutsUsedBy(next, tables)].every((cut) => known.has(cut))) return
  const waiting = await readWaitingLogs({ client, database }, tables)
  if (waiting.length === 0) return
  throw new OutlayError('E_CALLS_WAIT', 'calls still have to be moved behind a new edge or slot edge', {
    got: waiting.map(({ log, calls }) => `${calls} calls of log ${log}`).join(', '),
    want: 'none',
    fix: 'start the collectors of these logs, then apply the price again',
  })
}
