/**
 * A full disk passes: what must be written before work goes on is written again until there is space. Nothing piles up
 * meanwhile, because the work waits; the log itself refuses requests on its own.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { limits } from '@outlay/core'
import { isOutOfSpace } from '#src/wal/index.ts'

interface Patience {
  /** Ends the waiting. */
  readonly signal: AbortSignal
  /** Told once per write, at its first failure: a wait that nobody hears of looks like health. */
  readonly onDiskFull: () => void
}

/** Repeats a write that leaves nothing behind when it fails. Rejects with any other error, or when aborted. */
export const untilThereIsSpace = async <Result>(
  { signal, onDiskFull }: Patience,
  write: () => Promise<Result>,
): Promise<Result> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write()
    } catch (error) {
      if (!isOutOfSpace(error)) throw error
      if (attempt === 1) onDiskFull()
      await delay(limits.insertRetryInitialMs, undefined, { signal })
    }
  }
}
