/**
 * Keeps prices in step: polls the price book, and recompiles at once when the ledger may have met a new sku. A failed
 * refresh is tried again at the next poll; until then readers keep the old prices.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { WindowLoad, WindowLoader } from '@outlay/clickhouse'

interface PriceWatcherSettings {
  readonly loader: WindowLoader
  readonly pollMs: number
  readonly signal: AbortSignal
  readonly onLoaded: (load: WindowLoad) => void
  readonly onFailed: (error: unknown) => void
}

export interface PriceWatcher {
  /** Asks for a refresh soon. */
  readonly nudge: () => void
  /** Runs until the signal aborts. */
  run(): Promise<void>
}

export const createPriceWatcher = ({
  loader,
  pollMs,
  signal,
  onLoaded,
  onFailed,
}: PriceWatcherSettings): PriceWatcher => {
  let wake = new AbortController()
  return {
    nudge: () => wake.abort(),
    run: async () => {
      while (!signal.aborted) {
        wake = new AbortController()
        try {
          const load = await loader.refresh()
          if (load) onLoaded(load)
        } catch (error) {
          onFailed(error)
        }
        await delay(pollMs, undefined, { signal: AbortSignal.any([signal, wake.signal]) }).catch(() => undefined)
      }
    },
  }
}
