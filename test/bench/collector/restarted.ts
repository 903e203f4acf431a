/** A receiving side that starts on the log it is given, as after a crash, and tells how long that took. Started by `restart.ts`. */
import { openReception } from '../../../packages/collector/src/otlp/index.ts'
import { openWal } from '../../../packages/collector/src/wal/index.ts'
import { answerQuestions } from './child.ts'
import type { RestartedQuestion, Restarted } from './messages.ts'

const restart = async ({ directory, bytesMax }: RestartedQuestion): Promise<Restarted> => {
  const startedMs = performance.now()
  const wal = await openWal({ directory, bytesMax })
  const openedMs = performance.now()
  // Every record of the last minutes is looked at once more.
  await openReception({ wal })
  const readyMs = performance.now()
  const { records, lostRecords } = wal.recovery
  await wal.close()
  return { openingMs: openedMs - startedMs, readyMs: readyMs - startedMs, records, lost: lostRecords > 0n }
}

answerQuestions(restart)
