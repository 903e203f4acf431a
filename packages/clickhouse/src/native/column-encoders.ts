/**
 * Columns of one block, filled some rows at a time: what was made into bytes need not be kept as rows. The format wants the
 * parts of a nested column one after the other, so that each part is bytes of its own until the block is put together.
 */
import { ByteWriter } from './byte-writer.ts'

/** The bytes of one column. */
export interface ColumnBytes {
  readonly length: number
  /** What was appended so far stays. */
  commit(): void
  /** Forgets what was appended since the last commit. */
  rollback(): void
  writeTo(out: ByteWriter): void
  /** Gives its memory back. */
  release(): void
}

export interface ColumnEncoder<Value> extends ColumnBytes {
  /** Throws where a value is out of range; what was written of the values then wants a rollback. */
  append(values: readonly Value[]): void
}

/** Bytes that can go back to where they were. */
class Part implements ColumnBytes {
  readonly out = new ByteWriter()
  #kept = 0

  get length(): number {
    return this.out.length
  }

  commit(): void {
    this.#kept = this.out.length
  }

  rollback(): void {
    this.out.truncate(this.#kept)
  }

  writeTo(out: ByteWriter): void {
    out.append(this.out)
  }

  release(): void {
    this.out.release()
  }
}

export class PlainEncoder<Value> extends Part implements ColumnEncoder<Value> {
  readonly #write: (values: readonly Value[], out: ByteWriter) => void

  constructor(write: (values: readonly Value[], out: ByteWriter) => void) {
    super()
    this.#write = write
  }

  append(values: readonly Value[]): void {
    this.#write(values, this.out)
  }
}

/** A column of several parts. */
abstract class PartsEncoder<Value> implements ColumnEncoder<Value> {
  protected abstract readonly parts: readonly ColumnBytes[]

  abstract append(values: readonly Value[]): void

  get length(): number {
    return this.parts.reduce((sum, { length }) => sum + length, 0)
  }

  commit(): void {
    for (const part of this.parts) part.commit()
  }

  rollback(): void {
    for (const part of this.parts) part.rollback()
  }

  writeTo(out: ByteWriter): void {
    for (const part of this.parts) part.writeTo(out)
  }

  release(): void {
    for (const part of this.parts) part.release()
  }
}

/** Which values are null, then the values. */
export class NullableEncoder<Value> extends PartsEncoder<Value | null> {
  protected readonly parts: readonly ColumnBytes[]
  readonly #nulls = new Part()
  readonly #values: ColumnEncoder<Value>
  readonly #placeholder: Value

  constructor(values: ColumnEncoder<Value>, placeholder: Value) {
    super()
    this.#values = values
    this.#placeholder = placeholder
    this.parts = [this.#nulls, values]
  }

  append(values: readonly (Value | null)[]): void {
    for (const value of values) this.#nulls.out.uint8(value === null ? 1 : 0)
    this.#values.append(values.map((value) => value ?? this.#placeholder))
  }
}

/** Where each row ends among the elements of all rows. */
class RowEnds extends Part {
  #count = 0
  #keptCount = 0

  end(elements: number): void {
    this.#count += elements
    this.out.count(this.#count)
  }

  override commit(): void {
    super.commit()
    this.#keptCount = this.#count
  }

  override rollback(): void {
    super.rollback()
    this.#count = this.#keptCount
  }
}

/** The ends of the rows, then the elements of all rows. */
export class ArrayEncoder<Value> extends PartsEncoder<readonly Value[]> {
  protected readonly parts: readonly ColumnBytes[]
  readonly #ends = new RowEnds()
  readonly #elements: ColumnEncoder<Value>

  constructor(elements: ColumnEncoder<Value>) {
    super()
    this.#elements = elements
    this.parts = [this.#ends, elements]
  }

  append(values: readonly (readonly Value[])[]): void {
    const flat: Value[] = []
    for (const value of values) {
      for (const each of value) flat.push(each)
      this.#ends.end(value.length)
    }
    this.#elements.append(flat)
  }
}

/** The keys of all rows. Most rows have those of the row before: their bytes are copied as a whole. */
class KeyTexts extends Part {
  #last: string[] = []
  #start = 0
  #end = 0
  /** Keys of the row that is being written. */
  #count = 0
  /** So far they are those of the row before, and nothing is written. */
  #isRepeated = true

  add(key: string): void {
    if (this.#isRepeated && this.#last[this.#count] !== key) this.#writeOut()
    if (!this.#isRepeated) {
      this.#last.push(key)
      this.out.text(key)
    }
    this.#count += 1
  }

  /** Returns how many keys the row has. */
  endRow(): number {
    const count = this.#count
    if (this.#isRepeated && count < this.#last.length) this.#writeOut()
    if (this.#isRepeated) this.out.again(this.#start, this.#end)
    else this.#end = this.out.length
    this.#count = 0
    this.#isRepeated = true
    return count
  }

  /** The row differs from the one before it: what they share is written as well. */
  #writeOut(): void {
    this.#isRepeated = false
    this.#last = this.#last.slice(0, this.#count)
    this.#start = this.out.length
    for (const key of this.#last) this.out.text(key)
  }

  override rollback(): void {
    super.rollback()
    this.#last = []
    this.#start = this.#end = this.#count = 0
    this.#isRepeated = true
  }
}

/** The ends of the rows, all keys, all values. */
export class MapEncoder<Value> extends PartsEncoder<Readonly<Record<string, Value>>> {
  protected readonly parts: readonly ColumnBytes[]
  readonly #ends = new RowEnds()
  readonly #keys = new KeyTexts()
  readonly #values: ColumnEncoder<Value>
  /** Values of the rows that are being appended. */
  #flat: Value[] = []

  constructor(values: ColumnEncoder<Value>) {
    super()
    this.#values = values
    this.parts = [this.#ends, this.#keys, values]
  }

  append(values: readonly Readonly<Record<string, Value>>[]): void {
    for (const value of values) {
      for (const key of Object.keys(value)) this.add(key, value[key] as Value)
      this.endRow()
    }
    this.endRows()
  }

  /** An entry of the row that `endRow` ends. */
  add(key: string, value: Value): void {
    this.#keys.add(key)
    this.#flat.push(value)
  }

  endRow(): void {
    this.#ends.end(this.#keys.endRow())
  }

  /** After some rows. */
  endRows(): void {
    const flat = this.#flat
    this.#flat = []
    this.#values.append(flat)
  }

  override rollback(): void {
    super.rollback()
    this.#flat = []
  }
}
