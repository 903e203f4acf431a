/**
 * Which records have their spans in the database already. Asked once, at a start that found something of the log lost: the
 * cursor or a sealed unit may be gone, units would get other borders and other tokens, and these would protect nothing.
 */
import { type ClickHouseClient, readStoredRecords, type StoredRecords } from '@outlay/clickhouse'
import type { WalRecord } from '#src/wal/index.ts'

export class StoredRanges {
  readonly #ofLog: ReadonlyMap<string, readonly StoredRecords[]>

  constructor(ofLog: ReadonlyMap<string, readonly StoredRecords[]> = new Map()) {
    this.#ofLog = ofLog
  }

  has({ walUuid, lsn }: Pick<WalRecord, 'walUuid' | 'lsn'>): boolean {
    return this.#ofLog.get(walUuid)?.some(({ firstLsn, lastLsn }) => firstLsn <= lsn && lsn <= lastLsn) ?? false
  }
}

/** What the database has behind the cursor. Nothing is asked where nothing was lost. */
export const readStoredRanges = async (
  { client, database }: { readonly client: ClickHouseClient; readonly database: string },
  {
    anomalies,
    logs,
    afterLsn,
  }: {
    readonly anomalies: readonly string[]
    readonly logs: ReadonlySet<string>
    readonly afterLsn: bigint
  },
): Promise<StoredRanges> => {
  if (anomalies.length === 0) return new StoredRanges()
  const ofLog = new Map<string, readonly StoredRecords[]>()
  for (const walId of logs) ofLog.set(walId, await readStoredRecords(client, database, { walId, afterLsn }))
  return new StoredRanges(ofLog)
}
