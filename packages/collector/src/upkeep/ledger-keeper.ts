/** What upkeep of a ledger needs of whoever writes it: the collector that runs, or the log itself where none does. */
import type { LedgerSource } from '@outlay/clickhouse'
import type { Clock } from '@outlay/core'
import type { LedgerPoster } from '#src/ledger/ledger-poster.ts'
import type { PostingPolicy } from '#src/ledger/settled-row.ts'
import type { Wal } from '#src/wal/index.ts'
import type { DeliverySettings } from '#src/pipeline/deliver-unit.ts'

export interface LedgerKeeper {
  readonly source: LedgerSource
  readonly wal: Wal
  readonly delivery: DeliverySettings
  /** The packaged tables; edges and splits of the database take their place. */
  readonly policy: PostingPolicy
  readonly clock: Clock
  /** Nothing else is posted to the ledger through this log until the work ends. */
  exclusively<Result>(work: (poster: LedgerPoster) => Promise<Result>): Promise<Result>
}
