import { setTimeout as delay } from 'node:timers/promises'
import { limits, OutlayError } from '@outlay/core'

interface Patience {
  /** Ends the waiting. */
  readonly signal: AbortSignal
  /** Told once per read, at its first failure: a wait that nobody hears of looks like health. */
  readonly onUnreachable: (error: unknown) => void
}

/**
 * Repeats a read until the database answers: an outage must not lose what waits for it. Errors of ours and refusals that a
 * person must resolve are thrown.
 */
export const untilReachable = async <Result>(
  { signal, onUnreachable }: Patience,
  read: () => Promise<Result>,
): Promise<Result> => {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted()
    try {
      return await read()
    } catch (error) {
      if (isOurs(error)) throw error
      if (attempt === 1) onUnreachable(error)
      await delay(limits.insertRetryInitialMs, undefined, { signal })
    }
  }
}

/** A mistake of ours, or a refusal that a person must resolve: repeating it changes nothing. */
export const isOurs = (error: unknown): boolean =>
  error instanceof OutlayError ||
  error instanceof TypeError ||
  (error instanceof Error && error.message.startsWith('BUG:'))
