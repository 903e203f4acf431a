import { setTimeout as delay } from 'node:timers/promises'
import { limits, OutlayError } from '@outlay/core'

/**
 * Repeats a read until the database answers: an outage must not lose what waits for it. Errors of ours and refusals that a
 * person must resolve are thrown.
 */
export const untilReachable = async <Result>(signal: AbortSignal, read: () => Promise<Result>): Promise<Result> => {
  for (;;) {
    signal.throwIfAborted()
    try {
      return await read()
    } catch (error) {
      if (isOurs(error)) throw error
      await delay(limits.insertRetryInitialMs, undefined, { signal })
    }
  }
}

const isOurs = (error: unknown): boolean =>
  error instanceof OutlayError ||
  error instanceof TypeError ||
  (error instanceof Error && error.message.startsWith('BUG:'))
