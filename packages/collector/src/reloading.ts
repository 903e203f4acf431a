/** Something that is read again at an interval, or when somebody asks; two at once are one. */
export class Reloading {
  readonly #readAgain: () => Promise<void>
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined

  /** `readAgain` never rejects. */
  constructor(everyMs: number, readAgain: () => Promise<void>) {
    this.#readAgain = readAgain
    this.#timer = setInterval(() => void this.now(), everyMs).unref()
  }

  now(): Promise<void> {
    this.#running ??= this.#readAgain().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
