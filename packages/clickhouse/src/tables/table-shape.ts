/**
 * One declaration per table: column name → kind. From it follow the TypeScript row, the Native encoding and the
 * read-back, so that the three cannot drift apart.
 */
import { parseDecimal, setOwn } from '@outlay/core'
import * as types from '../native/column-types.ts'
import { column, type Columns } from '../native/native-block.ts'

interface Kind<Value> {
  readonly type: types.ColumnType<Value>
  /** SQL that renders the column so that `parse` can read it from JSON. */
  readonly select: (name: string) => string
  readonly parse: (json: unknown) => Value
}

const kind = <Value>(
  type: types.ColumnType<Value>,
  parse: (json: unknown) => Value,
  select: (name: string) => string = (name) => name,
): Kind<Value> => ({ type, parse, select })

const hex = (bytes: number): Kind<string> =>
  kind(types.fixedHex(bytes), String, (name) => `lower(hex(${name})) AS ${name}`)
const asRecord = <Value>(json: unknown, parse: (value: unknown) => Value): Record<string, Value> => {
  const record: Record<string, Value> = {}
  // A key may be any text of a sender: `__proto__` must become a key like others.
  for (const [key, value] of Object.entries(json as Record<string, unknown>)) setOwn(record, key, parse(value))
  return record
}
const NOT_FINITE: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
}
const toDouble = (json: unknown): number => NOT_FINITE[json as string] ?? Number(json)
const toBigInt = (json: unknown): bigint => BigInt(json as string)

export const KINDS = {
  string: kind(types.string, String),
  strings: kind(types.array(types.string), (json) => (json as unknown[]).map(String)),
  hex16: hex(16),
  hex8: hex(8),
  int8: kind(types.int8, Number),
  uint8: kind(types.uint8, Number),
  uint16: kind(types.uint16, Number),
  uint32: kind(types.uint32, Number),
  uint32s: kind(types.array(types.uint32), (json) => (json as unknown[]).map(Number)),
  uint64s: kind(types.array(types.uint64), (json) => (json as unknown[]).map(toBigInt)),
  count: kind(types.count, Number),
  uint64: kind(types.uint64, toBigInt),
  int64: kind(types.int64, toBigInt),
  optionalInt64: kind(types.nullable(types.int64, 0n), (json) => (json === null ? null : toBigInt(json))),
  nanos: kind(types.dateTime64Nanos, toBigInt, (name) => `toUnixTimestamp64Nano(${name}) AS ${name}`),
  millis: kind(types.dateTime64Millis, toBigInt, (name) => `toUnixTimestamp64Milli(${name}) AS ${name}`),
  seconds: kind(types.dateTime, Number, (name) => `toUnixTimestamp(${name}) AS ${name}`),
  days: kind(types.date, Number, (name) => `toUInt16(${name}) AS ${name}`),
  decimal9: kind(
    types.decimal18p9,
    (json) => parseDecimal(json as string, 9),
    (name) => `toString(${name}) AS ${name}`,
  ),
  /** USD as exact femto-dollars. */
  usd: kind(
    types.decimal38p15,
    (json) => parseDecimal(json as string, 15),
    (name) => `toString(${name}) AS ${name}`,
  ),
  optionalUsd: kind(
    types.nullable(types.decimal38p15, 0n),
    (json) => (json === null ? null : parseDecimal(json as string, 15)),
    (name) => `toString(${name}) AS ${name}`,
  ),
  double: kind(types.float64, Number),
  optionalDouble: kind(types.nullable(types.float64, 0), (json) => (json === null ? null : Number(json))),
  optionalUint64: kind(types.nullable(types.uint64, 0n), (json) => (json === null ? null : toBigInt(json))),
  optionalDays: kind(
    types.nullable(types.date, 0),
    (json) => (json === null ? null : Number(json)),
    (name) => `toUInt16(${name}) AS ${name}`,
  ),
  stringMap: kind(types.mapOf(types.string), (json) => asRecord(json, String)),
  intMap: kind(types.mapOf(types.int64), (json) => asRecord(json, toBigInt)),
  doubleMap: kind(
    types.mapOf(types.float64),
    (json) => asRecord(json, toDouble),
    // JSON has no NaN and no infinities: as numbers they would come back as nothing.
    (name) => `mapApply((key, value) -> (key, toString(value)), ${name}) AS ${name}`,
  ),
  boolMap: kind(types.mapOf(types.uint8), (json) => asRecord(json, Number)),
  countMap: kind(types.mapOf(types.count), (json) => asRecord(json, Number)),
} as const

export type KindName = keyof typeof KINDS
type ValueOf<Name extends KindName> = (typeof KINDS)[Name] extends Kind<infer Value> ? Value : never

export type TableColumns = Readonly<Record<string, KindName>>

export interface TableShape<Columns extends TableColumns> {
  readonly table: string
  readonly columns: Columns
}

/** The row of a table, with the database's column names. */
export type RowOf<Shape> =
  Shape extends TableShape<infer Columns> ? { readonly [Name in keyof Columns]: ValueOf<Columns[Name]> } : never

export const defineTable = <const Columns extends TableColumns>(
  table: string,
  columns: Columns,
): TableShape<Columns> => ({
  table,
  columns,
})

export const columnNames = (shape: TableShape<TableColumns>): readonly string[] => Object.keys(shape.columns)

/** The columns of a shape, in declared order, read off rows that name their values as it does. */
export const columnsOf = <Row>(shape: TableShape<TableColumns>): readonly Columns<Row>[] =>
  Object.entries(shape.columns).map(([name, kindName]) => {
    const { type } = KINDS[kindName] as Kind<unknown>
    return column(name, type, (row: Row) => (row as Record<string, unknown>)[name])
  })

/** Select list that `parseRow` understands. */
export const selectListOf = (shape: TableShape<TableColumns>): string =>
  Object.entries(shape.columns)
    .map(([name, kindName]) => KINDS[kindName].select(name))
    .join(', ')

type Parsers = readonly (readonly [name: string, parse: (json: unknown) => unknown])[]

/** Put together once per table: what is read back comes by the million. */
const parsersByShape = new WeakMap<TableShape<TableColumns>, Parsers>()

const parsersOf = (shape: TableShape<TableColumns>): Parsers => {
  const known = parsersByShape.get(shape)
  if (known !== undefined) return known
  const parsers = Object.entries(shape.columns).map(([name, kindName]) => [name, KINDS[kindName].parse] as const)
  parsersByShape.set(shape, parsers)
  return parsers
}

/** One row of JSONCompactEachRow, selected by `selectListOf` and perhaps more behind it, → a row. */
export const parseRow = <Columns extends TableColumns>(
  shape: TableShape<Columns>,
  cells: readonly unknown[],
): RowOf<TableShape<Columns>> => {
  const row: Record<string, unknown> = {}
  let at = 0
  for (const [name, parse] of parsersOf(shape)) {
    row[name] = parse(cells[at])
    at += 1
  }
  return row as RowOf<TableShape<Columns>>
}
