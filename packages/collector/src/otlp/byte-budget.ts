/** Bytes of requests in memory, admitted before they are read. */
export class ByteBudget {
  readonly #bytesMax: number
  readonly #onChange: (bytes: number) => void
  #taken = 0

  constructor(bytesMax: number, onChange: (bytes: number) => void) {
    this.#bytesMax = bytesMax
    this.#onChange = onChange
  }

  /** A share that grows with one request and is given back as a whole. */
  open(): ByteShare {
    let share = 0
    return {
      take: (bytes) => {
        if (this.#taken + bytes > this.#bytesMax) return false
        share += bytes
        this.#change(bytes)
        return true
      },
      release: () => {
        this.#change(-share)
        share = 0
      },
    }
  }

  #change(bytes: number): void {
    this.#taken += bytes
    if (bytes !== 0) this.#onChange(this.#taken)
  }
}

export interface ByteShare {
  /** False if the bytes do not fit; the share is as it was. */
  take(bytes: number): boolean
  release(): void
}
