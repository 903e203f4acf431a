/** Consumers that wait for the next readable record. */
import { OutlayError } from '@outlay/core'

interface Waiter {
  readonly afterLsn: bigint
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

export class RecordWaiters {
  readonly #waiters = new Set<Waiter>()
  #readableLsn: bigint
  #closed = false

  constructor(readableLsn: bigint) {
    this.#readableLsn = readableLsn
  }

  /** Records up to `lsn` can be read. */
  announce(lsn: bigint): void {
    this.#readableLsn = lsn
    for (const waiter of this.#waiters) {
      if (lsn <= waiter.afterLsn) continue
      this.#waiters.delete(waiter)
      waiter.resolve()
    }
  }

  /** Nothing above `afterLsn` could be read although it was announced: whoever waits must not spin on it. */
  retract(afterLsn: bigint): void {
    if (afterLsn < this.#readableLsn) this.#readableLsn = afterLsn
  }

  wait(afterLsn: bigint, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    if (this.#closed) return Promise.reject(closedError())
    if (this.#readableLsn > afterLsn) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter)
        reject(signal?.reason)
      }
      const settled = (): void => signal?.removeEventListener('abort', onAbort)
      const waiter: Waiter = {
        afterLsn,
        resolve: () => {
          settled()
          resolve()
        },
        reject: (reason) => {
          settled()
          reject(reason)
        },
      }
      this.#waiters.add(waiter)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  close(): void {
    this.#closed = true
    for (const waiter of this.#waiters) waiter.reject(closedError())
    this.#waiters.clear()
  }
}

const closedError = (): OutlayError => new OutlayError('E_WAL_CLOSED', 'the log is closed')
