/**
 * Values of a Parquet file → cells. The reader would turn decimals into floats: their annotation is taken off the schema,
 * so that it hands out the stored integers, and the point is set here.
 */
import { formatDecimal } from '@outlay/core'
import type { FileMetaData, ParquetParsers, SchemaElement } from 'hyparquet'
import { EMPTY, type FactCell, floatCell, numberCell, otherCell, textCell } from '#src/facts/fact-sheet.ts'

const MS_PER_DAY = 86_400_000
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Cells are made where the type of a value is still known. A class, so that no struct can pass for one. */
class ReadCell {
  readonly cell: FactCell

  constructor(cell: FactCell) {
    this.cell = cell
  }
}

const textOfBytes = (bytes: Uint8Array): FactCell => {
  try {
    return textCell(strictUtf8.decode(bytes))
  } catch {
    return otherCell('bytes that are no UTF-8')
  }
}

/** ISO 8601 with every digit of the fraction that is not zero. */
const instantCell = (ticks: bigint, ticksPerSecond: bigint): FactCell => {
  const second = ticks >= 0n ? ticks / ticksPerSecond : -((-ticks + ticksPerSecond - 1n) / ticksPerSecond)
  const date = new Date(Number(second) * 1_000)
  if (Number.isNaN(date.getTime())) return otherCell('a time outside the calendar')
  const digits = String(ticksPerSecond).length - 1
  const fraction = String(ticks - second * ticksPerSecond)
    .padStart(digits, '0')
    .replace(/0+$/, '')
  return textCell(`${date.toISOString().slice(0, -'.000Z'.length)}${fraction === '' ? '' : `.${fraction}`}Z`)
}

const dayCell = (days: number): FactCell => {
  const date = new Date(days * MS_PER_DAY)
  return Number.isNaN(date.getTime())
    ? otherCell('a day outside the calendar')
    : textCell(date.toISOString().slice(0, 10))
}

const instantParser =
  (ticksPerSecond: bigint) =>
  (ticks: bigint): ReadCell =>
    new ReadCell(instantCell(ticks, ticksPerSecond))

/** Values whose type only the reader knows become cells in it. */
export const CELL_PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: instantParser(1_000n),
  timestampFromMicroseconds: instantParser(1_000_000n),
  timestampFromNanoseconds: instantParser(1_000_000_000n),
  dateFromDays: (days) => new ReadCell(dayCell(days)),
  stringFromBytes: (bytes) => new ReadCell(textOfBytes(bytes)),
  jsonFromBytes: () => new ReadCell(otherCell('a JSON column')),
}

const isDecimal = ({ converted_type, logical_type }: SchemaElement): boolean =>
  converted_type === 'DECIMAL' || logical_type?.type === 'DECIMAL'

const scaleOf = (element: SchemaElement): number =>
  element.logical_type?.type === 'DECIMAL' ? element.logical_type.scale : (element.scale ?? 0)

/** The schema with which the reader hands out decimals as the integers that are stored. */
export const withoutDecimals = (metadata: FileMetaData): FileMetaData => ({
  ...metadata,
  schema: metadata.schema.map((element) => {
    if (!isDecimal(element)) return element
    const { converted_type: _type, logical_type: _logical, ...stored } = element
    return stored
  }),
})

/** Two's complement, highest byte first. */
const integerOfBytes = (bytes: Uint8Array): bigint => {
  if (bytes.length === 0) return 0n
  const unsigned = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  return BigInt.asIntN(bytes.length * 8, unsigned)
}

const decimalCell = (value: unknown, scale: number): FactCell => {
  if (value instanceof Uint8Array) return numberCell(formatDecimal(integerOfBytes(value), scale))
  if (typeof value === 'number' || typeof value === 'bigint') return numberCell(formatDecimal(BigInt(value), scale))
  return otherCell('a value that its column cannot hold')
}

/** A value as the reader gives it, by the element of the schema as the file has it. */
export const parquetCellOf = (value: unknown, element: SchemaElement): FactCell => {
  if (value === null || value === undefined) return EMPTY
  if (value instanceof ReadCell) return value.cell
  if (isDecimal(element)) return decimalCell(value, scaleOf(element))
  if (typeof value === 'bigint') return numberCell(String(value))
  if (typeof value === 'number')
    return element.type?.startsWith('INT') === true ? numberCell(String(value)) : floatCell(value)
  if (typeof value === 'string') return textCell(value)
  // Writers that know no text type store it as bytes.
  if (value instanceof Uint8Array && element.type === 'BYTE_ARRAY') return textOfBytes(value)
  return otherCell(typeof value === 'boolean' ? 'a boolean' : 'a nested or binary value')
}
