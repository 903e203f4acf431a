/**
 * Parquet → cells. The reader would turn decimals into floats: their annotation is taken off the schema, so that it hands
 * out the stored integers, and the point is set here.
 */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { formatDecimal } from '@outlay/core'
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  type ParquetParsers,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type SchemaElement,
} from 'hyparquet'
import {
  EMPTY,
  type FactCell,
  type FactSheet,
  floatCell,
  numberCell,
  otherCell,
  refusedSheet,
  type SheetBounds,
  textCell,
  tooManyRows,
} from '#src/facts/fact-sheet.ts'

const bounded =
  (decompress: (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array) =>
  (input: Uint8Array, outputLength: number): Uint8Array =>
    decompress(input, { maxOutputLength: Math.max(1, outputLength) })

const COMPRESSORS: Compressors = {
  GZIP: bounded(gunzipSync),
  BROTLI: bounded(brotliDecompressSync),
  ZSTD: bounded(zstdDecompressSync),
}
const READABLE_CODECS = new Set<string>(['UNCOMPRESSED', 'SNAPPY', ...Object.keys(COMPRESSORS)])

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

const PARSERS: Partial<ParquetParsers> = {
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

const withoutDecimals = (metadata: FileMetaData): FileMetaData => ({
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

const cellOf = (value: unknown, element: SchemaElement): FactCell => {
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

const fileOf = (bytes: Uint8Array): AsyncBuffer => {
  const whole = new Uint8Array(bytes)
  return { byteLength: whole.byteLength, slice: (start, end) => whole.buffer.slice(start, end) }
}

/** Of the rows, or the reason that they cannot be read. Only codecs of this runtime: uncompressed, Snappy, gzip, Brotli, Zstandard. */
export const readParquetSheet = async (bytes: Uint8Array, bounds: SheetBounds): Promise<FactSheet> => {
  try {
    const file = fileOf(bytes)
    const metadata = await parquetMetadataAsync(file, { geoparquet: false })
    if (metadata.num_rows > BigInt(bounds.rowsMax)) return refusedSheet(tooManyRows(Number(metadata.num_rows), bounds))
    const codec = unreadableCodec(metadata)
    if (codec !== undefined) {
      return refusedSheet({
        row: null,
        column: null,
        what: 'the compression of the file cannot be read',
        got: codec,
        want: [...READABLE_CODECS].join(', '),
        fix: 'write it with another compression, such as Snappy',
      })
    }
    return await readRows(file, metadata)
  } catch {
    // The reader's own messages are about offsets and bytes.
    return refusedSheet({
      row: null,
      column: null,
      what: 'not a Parquet file that can be read',
      fix: 'write it again, or give CSV',
    })
  }
}

const unreadableCodec = ({ row_groups }: FileMetaData): string | undefined =>
  row_groups
    .flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data?.codec))
    .find((codec) => codec !== undefined && !READABLE_CODECS.has(codec))

const readRows = async (file: AsyncBuffer, metadata: FileMetaData): Promise<FactSheet> => {
  const elements = parquetSchema(metadata).children.map(({ element }) => element)
  let objects: readonly Readonly<Record<string, unknown>>[] = []
  await parquetRead({
    file,
    metadata: withoutDecimals(metadata),
    rowFormat: 'object',
    compressors: COMPRESSORS,
    parsers: PARSERS,
    // Bytes stay bytes: a decimal may be stored as such.
    utf8: false,
    geoparquet: false,
    onComplete: (rows) => {
      objects = rows
    },
  })
  return {
    columns: elements.map(({ name }) => name),
    rows: objects.map((row, index) => ({
      at: index + 1,
      cells: elements.map((element) => cellOf(row[element.name], element)),
    })),
    problems: [],
  }
}
