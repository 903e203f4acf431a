/** Attributes of all types → one map column per type, in one pass over them. */
import type { ColumnBytes } from './column-encoders.ts'
import { float64, int64, mapOf, string, uint8 } from './column-types.ts'
import type { Columns, ColumnsEncoder } from './native-block.ts'

export type MixedValues = Readonly<Record<string, string | bigint | number | boolean>>

const texts = mapOf(string)
const integers = mapOf(int64)
const doubles = mapOf(float64)
const booleans = mapOf(uint8)

/** Names of the columns by type of their values. */
export interface MixedMapNames {
  readonly strings: string
  readonly ints: string
  readonly doubles: string
  readonly bools: string
}

/** Columns in the order strings, integers, doubles, booleans. */
export const mixedMaps = <Row>(names: MixedMapNames, read: (row: Row) => MixedValues): Columns<Row> => ({
  heads: [
    { name: names.strings, type: texts.name },
    { name: names.ints, type: integers.name },
    { name: names.doubles, type: doubles.name },
    { name: names.bools, type: booleans.name },
  ],
  encoder: () => new MixedMapsEncoder(read),
})

interface MapRows extends ColumnBytes {
  endRow(): void
  endRows(): void
}

class MixedMapsEncoder<Row> implements ColumnsEncoder<Row> {
  readonly columns: readonly ColumnBytes[]
  readonly #read: (row: Row) => MixedValues
  readonly #maps: readonly MapRows[]
  readonly #strings = texts.encoder()
  readonly #ints = integers.encoder()
  readonly #doubles = doubles.encoder()
  readonly #bools = booleans.encoder()

  constructor(read: (row: Row) => MixedValues) {
    this.#read = read
    this.#maps = [this.#strings, this.#ints, this.#doubles, this.#bools]
    this.columns = this.#maps
  }

  append(rows: readonly Row[]): void {
    for (const row of rows) {
      const values = this.#read(row)
      for (const key of Object.keys(values)) this.#add(key, values[key])
      for (const map of this.#maps) map.endRow()
    }
    for (const map of this.#maps) map.endRows()
  }

  #add(key: string, value: MixedValues[string] | undefined): void {
    if (typeof value === 'string') this.#strings.add(key, value)
    else if (typeof value === 'bigint') this.#ints.add(key, value)
    else if (typeof value === 'number') this.#doubles.add(key, value)
    else this.#bools.add(key, value === true ? 1 : 0)
  }
}
