/** What upkeep of a ledger needs of whoever writes it: the collector that runs, or the log itself where none does. */
import type { LedgerSource } from '@outlay/clickhouse'
import type { Clock } from '@outlay/core'
import type { LedgerPoster } from '#src/ledger/ledger-poster.ts'
import type { PostingPolicy } from '#src/ledger/settled-row.ts'
import type { Wal } from '#src/wal/index.ts'

export interface LedgerKeeper {
  readonly source: LedgerSource
  readonly wal: Wal
  /** The packaged tables; edges and splits of the database take their place. */
  readonly policy: PostingPolicy
  readonly clock: Clock
  /** Ends upkeep between two steps, each of which is whole. */
  readonly signal: AbortSignal
  /** Nothing else is posted to the ledger through this log until the work ends. */
  exclusively<Result>(work: (poster: LedgerPoster) => Promise<Result>): Promise<Result>
}
