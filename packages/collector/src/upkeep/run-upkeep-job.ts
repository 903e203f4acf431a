import { OutlayError } from '@outlay/core'
import type { LedgerKeeper } from './ledger-keeper.ts'
import { rebuildLedger } from './rebuild-ledger.ts'
import { replayFiles } from './replay-files.ts'
import { replayQuarantine } from './replay-quarantine.ts'
import type { UpkeepAnswer, UpkeepJob } from './upkeep-job.ts'

/** Fails with `E_UPKEEP_DATABASE` where the log writes to another database than the one that was named. */
export const runUpkeepJob = async (
  keeper: LedgerKeeper,
  job: UpkeepJob,
  onProgress: (line: string) => void,
): Promise<UpkeepAnswer<UpkeepJob>> => {
  const { database } = keeper.source
  if (job.database !== database) {
    throw new OutlayError('E_UPKEEP_DATABASE', 'the collector of this log writes to another database', {
      got: job.database,
      want: database,
      fix: 'name its database with --database, or the log of that database with --log',
    })
  }
  if (job.job === 'rebuild') return rebuildLedger(keeper, job, onProgress)
  // Files first: what they hold may settle calls that are in the quarantine.
  return {
    ...(job.files ? { files: await replayFiles(keeper, onProgress) } : {}),
    ...(job.quarantine ? { quarantine: await replayQuarantine(keeper, onProgress) } : {}),
  }
}
