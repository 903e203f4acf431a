/**
 * ClickHouse column types in the Native format (revision 0). Strings are declared plain: the server casts them to
 * LowCardinality itself. Every value is checked against its range, so a refused block is our bug, never bad input.
 */
import { assert } from '@outlay/core'
import type { ByteWriter } from './byte-writer.ts'

/** How one column type is spelled and written. `write` takes the whole column. */
export interface ColumnType<Value> {
  readonly name: string
  write(values: readonly Value[], out: ByteWriter): void
}

const eachValue =
  <Value>(name: string, isValid: (value: Value) => boolean, write: (value: Value, out: ByteWriter) => void) =>
  (values: readonly Value[], out: ByteWriter): void => {
    for (const value of values) {
      if (!isValid(value)) throw new Error(`BUG: value out of range for ${name}`)
      write(value, out)
    }
  }

const unsigned = (name: string, max: number, write: (value: number, out: ByteWriter) => void): ColumnType<number> => ({
  name,
  write: eachValue(name, (value) => Number.isInteger(value) && value >= 0 && value <= max, write),
})

export const uint8 = unsigned('UInt8', 0xff, (value, out) => out.uint8(value))
export const uint16 = unsigned('UInt16', 0xffff, (value, out) => out.uint16(value))
export const uint32 = unsigned('UInt32', 0xffff_ffff, (value, out) => out.uint32(value))

export const int8: ColumnType<number> = {
  name: 'Int8',
  write: eachValue(
    'Int8',
    (value: number) => Number.isInteger(value) && value >= -128 && value <= 127,
    (value, out) => out.uint8(value & 0xff),
  ),
}

const UINT64_MAX = 2n ** 64n - 1n
export const uint64: ColumnType<bigint> = {
  name: 'UInt64',
  write: eachValue(
    'UInt64',
    (value: bigint) => value >= 0n && value <= UINT64_MAX,
    (value, out) => out.uint64(value),
  ),
}

const DECIMAL38_LIMIT = 10n ** 38n
const INT64_MIN = -(2n ** 63n)
const fitsInt64 = (value: bigint): boolean => value >= INT64_MIN && value < -INT64_MIN

const int64Named = (name: string): ColumnType<bigint> => ({
  name,
  write: eachValue(name, fitsInt64, (value: bigint, out) => out.int64(value)),
})

export const int64 = int64Named('Int64')
/** Ticks of 10⁻⁹ s since the epoch. */
export const dateTime64Nanos = int64Named("DateTime64(9, 'UTC')")
/** Ticks of 10⁻³ s since the epoch. */
export const dateTime64Millis = int64Named("DateTime64(3, 'UTC')")
/** Units of 10⁻⁹. */
export const decimal18p9 = int64Named('Decimal(18, 9)')

/** Units of 10⁻¹⁵. */
export const decimal38p15: ColumnType<bigint> = {
  name: 'Decimal(38, 15)',
  write: eachValue(
    'Decimal(38, 15)',
    (value: bigint) => value > -DECIMAL38_LIMIT && value < DECIMAL38_LIMIT,
    (value, out) => {
      const bits = BigInt.asUintN(128, value)
      out.uint64(bits & UINT64_MAX)
      out.uint64(bits >> 64n)
    },
  ),
}

/** Whole seconds since the epoch. */
export const dateTime = unsigned("DateTime('UTC')", 0xffff_ffff, (value, out) => out.uint32(value))
/** Whole days since the epoch. */
export const date = unsigned('Date', 0xffff, (value, out) => out.uint16(value))

export const float64: ColumnType<number> = {
  name: 'Float64',
  write: eachValue(
    'Float64',
    () => true,
    (value: number, out) => out.float64(value),
  ),
}

export const string: ColumnType<string> = {
  name: 'String',
  write: (values, out) => {
    for (const value of values) out.text(value)
  },
}

/** Raw bytes given as lower-case hex. */
export const fixedHex = (bytes: number): ColumnType<string> => ({
  name: `FixedString(${bytes})`,
  write: eachValue(
    `FixedString(${bytes})`,
    (value: string) => value.length === bytes * 2,
    (value, out) => out.hex(value, bytes),
  ),
})

export const array = <Value>(element: ColumnType<Value>): ColumnType<readonly Value[]> => ({
  name: `Array(${element.name})`,
  write: (values, out) => {
    writeOffsets(
      values.map((value) => value.length),
      out,
    )
    element.write(
      values.flatMap((value) => value),
      out,
    )
  },
})

export const nullable = <Value>(element: ColumnType<Value>, placeholder: Value): ColumnType<Value | null> => ({
  name: `Nullable(${element.name})`,
  write: (values, out) => {
    for (const value of values) out.uint8(value === null ? 1 : 0)
    element.write(
      values.map((value) => value ?? placeholder),
      out,
    )
  },
})

export const mapOf = <Value>(element: ColumnType<Value>): ColumnType<Readonly<Record<string, Value>>> => ({
  name: `Map(String, ${element.name})`,
  write: (values, out) => {
    const entries = values.map((value) => Object.entries(value))
    writeOffsets(
      entries.map((pairs) => pairs.length),
      out,
    )
    const flat = entries.flat()
    string.write(
      flat.map(([key]) => key),
      out,
    )
    element.write(
      flat.map(([, value]) => value),
      out,
    )
  },
})

const writeOffsets = (lengths: readonly number[], out: ByteWriter): void => {
  let offset = 0
  for (const length of lengths) {
    offset += length
    out.uint64(BigInt(offset))
  }
  assert(Number.isSafeInteger(offset), 'Native offsets overflow')
}
