/**
 * Turns of senders at the work behind a request: inflate, strip, append. As long as there is room nobody waits; then who
 * waits is served sender by sender, so that the backlog of one costs another at most one turn.
 *
 * Bounded: when the line is full, whoever has most in it loses its newest request to one that has less.
 */
export interface FairTurnsSettings {
  /** Requests at work at once. */
  readonly workingMax: number
  /** Requests in line, of all senders together. */
  readonly waitingMax: number
}

interface Waiting {
  readonly bytes: number
  readonly go: (isTurn: boolean) => void
}

export class FairTurns {
  readonly #settings: FairTurnsSettings
  /** By sender, in the order of their next turns. */
  readonly #lines = new Map<string, Waiting[]>()
  #working = 0
  #waiting = 0
  #waitingBytes = 0

  constructor(settings: FairTurnsSettings) {
    this.#settings = settings
  }

  get waiting(): number {
    return this.#waiting
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Runs some work when it is the sender's turn. Undefined if there was no room to wait. */
  async take<Result>(sender: string, bytes: number, work: () => Promise<Result>): Promise<Result | undefined> {
    if (!(await this.#enter(sender, bytes))) return undefined
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  #enter(sender: string, bytes: number): Promise<boolean> | true {
    if (this.#working < this.#settings.workingMax) {
      this.#working += 1
      return true
    }
    if (this.#waiting >= this.#settings.waitingMax && !this.#makeRoomFor(sender)) return Promise.resolve(false)
    return new Promise((go) => {
      const line = this.#lines.get(sender)
      if (line === undefined) this.#lines.set(sender, [{ bytes, go }])
      else line.push({ bytes, go })
      this.#count(1, bytes)
    })
  }

  /** The place goes to the next sender in line, and that one goes to the end. */
  #leave(): void {
    for (const [sender, line] of this.#lines) {
      this.#lines.delete(sender)
      const next = line.shift()
      if (next === undefined) continue
      if (line.length > 0) this.#lines.set(sender, line)
      this.#count(-1, -next.bytes)
      next.go(true)
      return
    }
    this.#working -= 1
  }

  /** False where nobody waits with more requests than this sender would. */
  #makeRoomFor(sender: string): boolean {
    let longest: Waiting[] = []
    for (const line of this.#lines.values()) if (line.length > longest.length) longest = line
    if (longest.length <= (this.#lines.get(sender)?.length ?? 0) + 1) return false
    const last = longest.pop()
    if (last === undefined) return false
    this.#count(-1, -last.bytes)
    last.go(false)
    return true
  }

  #count(requests: number, bytes: number): void {
    this.#waiting += requests
    this.#waitingBytes += bytes
  }
}
