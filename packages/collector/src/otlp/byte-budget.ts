/**
 * Bytes of requests in memory, admitted before they are read. New requests of one sender get in as long as it holds no
 * more than a multiple of what is free: one that floods leaves room, several that flood leave room between them, and who
 * is alone gets nearly all of it.
 */

/** One flooding sender ends at 8/9 of the budget, two at 8/17 each. */
const SHARES_OF_FREE = 8

export class ByteBudget {
  readonly #bytesMax: number
  readonly #onChange: (bytes: number) => void
  /** Of senders that hold any. */
  readonly #bySender = new Map<string, number>()
  #taken = 0

  constructor(bytesMax: number, onChange: (bytes: number) => void) {
    this.#bytesMax = bytesMax
    this.#onChange = onChange
  }

  /** A share that grows with one request and is given back as a whole. What was let in may grow up to the whole budget. */
  open(sender: string): ByteShare {
    let share = 0
    let isAdmitted = false
    return {
      take: (bytes) => {
        if (this.#taken + bytes > this.#bytesMax || (!isAdmitted && !this.#leavesRoom(sender))) return false
        isAdmitted = true
        share += bytes
        this.#change(sender, bytes)
        return true
      },
      release: () => {
        this.#change(sender, -share)
        share = 0
      },
    }
  }

  #leavesRoom(sender: string): boolean {
    return (this.#bySender.get(sender) ?? 0) <= SHARES_OF_FREE * (this.#bytesMax - this.#taken)
  }

  #change(sender: string, bytes: number): void {
    if (bytes === 0) return
    this.#taken += bytes
    const own = (this.#bySender.get(sender) ?? 0) + bytes
    if (own === 0) this.#bySender.delete(sender)
    else this.#bySender.set(sender, own)
    this.#onChange(this.#taken)
  }
}

export interface ByteShare {
  /** False if the bytes do not fit; the share is as it was. */
  take(bytes: number): boolean
  release(): void
}
