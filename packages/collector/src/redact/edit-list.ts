/**
 * Edits of a protobuf message, collected in one pass over it and applied in one copy. A message that lost or changed
 * something inside gets a new length prefix; everything else is copied as it is. Without an edit the body itself is the
 * result.
 */
import { assert } from '@outlay/core'
import { varintBytes, writeVarint } from '#src/otlp/wire-reader.ts'

/** Open messages reserve their place in the list, so that edits stay ordered by offset. */
export interface OpenMessage {
  readonly slot: number
  readonly sizeBefore: number
}

export interface EditMark {
  readonly edits: number
  readonly sizeChange: number
}

export class EditList {
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #replacements: (Buffer | number | undefined)[] = []
  /** How much longer the result is than the original. */
  #sizeChange = 0

  get isEmpty(): boolean {
    return this.#starts.length === 0
  }

  drop(start: number, end: number): void {
    const last = this.#starts.length - 1
    if (last >= 0 && this.#ends[last] === start && this.#replacements[last] === undefined) {
      this.#ends[last] = end
    } else {
      this.#push(start, end, undefined)
    }
    this.#sizeChange -= end - start
  }

  replace(start: number, end: number, replacement: Buffer): void {
    this.#push(start, end, replacement)
    this.#sizeChange += replacement.length - (end - start)
  }

  /** Begins a message whose length prefix lies at `[lengthStart, lengthEnd)`. */
  open(lengthStart: number, lengthEnd: number): OpenMessage {
    const slot = this.#starts.length
    // The number stands for a length; filled in by `close`.
    this.#push(lengthStart, lengthEnd, 0)
    return { slot, sizeBefore: this.#sizeChange }
  }

  /** Ends the message; `length` is what its prefix said. */
  close({ slot, sizeBefore }: OpenMessage, length: number): void {
    if (this.#starts.length === slot + 1) {
      this.#starts.pop()
      this.#ends.pop()
      this.#replacements.pop()
      return
    }
    const newLength = length + this.#sizeChange - sizeBefore
    this.#replacements[slot] = newLength
    this.#sizeChange += varintBytes(newLength) - ((this.#ends[slot] as number) - (this.#starts[slot] as number))
  }

  /** What `backTo` takes back everything after; only between messages. */
  mark(): EditMark {
    return { edits: this.#starts.length, sizeChange: this.#sizeChange }
  }

  backTo({ edits, sizeChange }: EditMark): void {
    this.#starts.length = this.#ends.length = this.#replacements.length = edits
    this.#sizeChange = sizeChange
  }

  apply(body: Buffer): Buffer {
    if (this.isEmpty) return body
    const result = Buffer.allocUnsafe(body.length + this.#sizeChange)
    let from = 0
    let to = 0
    for (let index = 0; index < this.#starts.length; index += 1) {
      const start = this.#starts[index] as number
      to += body.copy(result, to, from, start)
      const replacement = this.#replacements[index]
      if (typeof replacement === 'number') to = writeVarint(result, replacement, to)
      else if (replacement !== undefined) to += replacement.copy(result, to)
      from = this.#ends[index] as number
    }
    to += body.copy(result, to, from)
    assert(to === result.length, 'the edited body does not have the size its edits add up to')
    return result
  }

  #push(start: number, end: number, replacement: Buffer | number | undefined): void {
    this.#starts.push(start)
    this.#ends.push(end)
    this.#replacements.push(replacement)
  }
}
