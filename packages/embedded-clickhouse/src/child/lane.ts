import { busyFault } from './fault.ts'

interface Waiter {
  readonly enter: () => void
}

/** A bounded number of statements at once, with a bounded queue before it: nothing here grows without limit. */
export class Lane {
  readonly #name: string
  readonly #slots: number
  readonly #queueMax: number
  readonly #waitMs: number
  #running = 0
  readonly #waiting: Waiter[] = []

  constructor(settings: { name: string; slots: number; queueMax: number; waitMs: number }) {
    this.#name = settings.name
    this.#slots = settings.slots
    this.#queueMax = settings.queueMax
    this.#waitMs = settings.waitMs
  }

  /** Runs `work` when a slot is free; a 503 with code 202 when the queue is full or the wait was too long. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#running >= this.#slots) await this.#wait(signal)
    else this.#running++
    try {
      return await work()
    } finally {
      // The slot is handed over, not freed: a newcomer cannot overtake the queue.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next.enter()
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) throw busyFault('The client has gone away')
    if (this.#waiting.length >= this.#queueMax)
      throw busyFault(`All ${this.#name} slots are busy and the queue is full`)
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', giveUp)
      }
      const waiter: Waiter = {
        enter: () => {
          leave()
          resolve()
        },
      }
      const giveUp = (): void => {
        leave()
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(busyFault(`All ${this.#name} slots were busy for ${this.#waitMs} ms`))
      }
      const timer = setTimeout(giveUp, this.#waitMs)
      signal?.addEventListener('abort', giveUp, { once: true })
      this.#waiting.push(waiter)
    })
  }
}
