/**
 * ClickHouse column types in the Native format (revision 0). Strings are declared plain: the server casts them to
 * LowCardinality itself. Every value is checked against its range, so a refused block is our bug, never bad input.
 */
import type { ByteWriter } from './byte-writer.ts'
import { ArrayEncoder, type ColumnEncoder, MapEncoder, NullableEncoder, PlainEncoder } from './column-encoders.ts'

/** How one column type is spelled and encoded. */
export interface ColumnType<Value> {
  readonly name: string
  /** For one column of one block. */
  encoder(): ColumnEncoder<Value>
}

/** A type whose values follow each other, each written as it is. */
const plain = <Value>(name: string, write: (values: readonly Value[], out: ByteWriter) => void): ColumnType<Value> => ({
  name,
  encoder: () => new PlainEncoder(write),
})

const outOfRange = (name: string): never => {
  throw new Error(`BUG: value out of range for ${name}`)
}

// A loop per type, each with its own check and write: shared through functions, none of them can be compiled well.

export const uint8: ColumnType<number> = plain('UInt8', (values, out) => {
  for (const value of values) {
    if (!isUnsigned(value, 0xff)) outOfRange('UInt8')
    out.uint8(value)
  }
})

const uint16Named = (name: string): ColumnType<number> =>
  plain(name, (values, out) => {
    for (const value of values) {
      if (!isUnsigned(value, 0xffff)) outOfRange(name)
      out.uint16(value)
    }
  })

export const uint16 = uint16Named('UInt16')

const uint32Named = (name: string): ColumnType<number> =>
  plain(name, (values, out) => {
    for (const value of values) {
      if (!isUnsigned(value, 0xffff_ffff)) outOfRange(name)
      out.uint32(value)
    }
  })

export const uint32 = uint32Named('UInt32')

const isUnsigned = (value: number, max: number): boolean => Number.isInteger(value) && value >= 0 && value <= max

export const int8: ColumnType<number> = plain('Int8', (values, out) => {
  for (const value of values) {
    if (!Number.isInteger(value) || value < -128 || value > 127) outOfRange('Int8')
    out.uint8(value & 0xff)
  }
})

const UINT64_MAX = 2n ** 64n - 1n
export const uint64: ColumnType<bigint> = plain('UInt64', (values, out) => {
  for (const value of values) {
    if (value < 0n || value > UINT64_MAX) outOfRange('UInt64')
    out.uint64(value)
  }
})

/** Whole quantities that fit a safe integer, stored as UInt64. */
export const count: ColumnType<number> = plain('UInt64', (values, out) => {
  for (const value of values) {
    if (!Number.isSafeInteger(value) || value < 0) outOfRange('UInt64')
    out.count(value)
  }
})

const DECIMAL38_LIMIT = 10n ** 38n
const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

const int64Named = (name: string): ColumnType<bigint> =>
  plain(name, (values, out) => {
    for (const value of values) {
      if (value < INT64_MIN || value > INT64_MAX) outOfRange(name)
      out.int64(value)
    }
  })

export const int64 = int64Named('Int64')
/** Ticks of 10⁻⁹ s since the epoch. */
export const dateTime64Nanos = int64Named("DateTime64(9, 'UTC')")
/** Ticks of 10⁻³ s since the epoch. */
export const dateTime64Millis = int64Named("DateTime64(3, 'UTC')")
/** Units of 10⁻⁹. */
export const decimal18p9 = int64Named('Decimal(18, 9)')

/** Units of 10⁻¹⁵. */
export const decimal38p15: ColumnType<bigint> = plain('Decimal(38, 15)', (values, out) => {
  for (const value of values) {
    if (value <= -DECIMAL38_LIMIT || value >= DECIMAL38_LIMIT) outOfRange('Decimal(38, 15)')
    const bits = BigInt.asUintN(128, value)
    out.uint64(bits & UINT64_MAX)
    out.uint64(bits >> 64n)
  }
})

/** Whole seconds since the epoch. */
export const dateTime = uint32Named("DateTime('UTC')")
/** Whole days since the epoch. */
export const date = uint16Named('Date')

export const float64: ColumnType<number> = plain('Float64', (values, out) => {
  for (const value of values) out.float64(value)
})

export const string: ColumnType<string> = plain('String', (values, out) => {
  let [last, start, end] = ['', 0, 0]
  for (const value of values) {
    // Most columns say the same in row after row.
    if (value === last && value !== '') {
      out.again(start, end)
      continue
    }
    start = out.length
    out.text(value)
    end = out.length
    last = value
  }
})

/** Raw bytes given as lower-case hex. */
export const fixedHex = (bytes: number): ColumnType<string> => {
  const name = `FixedString(${bytes})`
  return plain(name, (values, out) => {
    for (const value of values) if (value.length !== bytes * 2 || !out.hex(value, bytes)) outOfRange(name)
  })
}

export const array = <Value>(element: ColumnType<Value>): ColumnType<readonly Value[]> => ({
  name: `Array(${element.name})`,
  encoder: () => new ArrayEncoder(element.encoder()),
})

export const nullable = <Value>(element: ColumnType<Value>, placeholder: Value): ColumnType<Value | null> => ({
  name: `Nullable(${element.name})`,
  encoder: () => new NullableEncoder(element.encoder(), placeholder),
})

export const mapOf = <Value>(element: ColumnType<Value>): MapType<Value> => ({
  name: `Map(String, ${element.name})`,
  encoder: () => new MapEncoder(element.encoder()),
})

/** Maps are filled entry by entry as well. */
interface MapType<Value> extends ColumnType<Readonly<Record<string, Value>>> {
  encoder(): MapEncoder<Value>
}
