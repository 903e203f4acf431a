/** Parquet → cells of its rows. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet'
import { type FactSheet, refusedSheet, type SheetBounds, tooManyRows } from '#src/facts/fact-sheet.ts'
import { CELL_PARSERS, parquetCellOf, withoutDecimals } from './parquet-cell.ts'

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

const fileOf = (bytes: Uint8Array): AsyncBuffer => {
  const whole = new Uint8Array(bytes)
  return { byteLength: whole.byteLength, slice: (start, end) => whole.buffer.slice(start, end) }
}

/** Never fails: a file that cannot be read is a problem. Codecs: uncompressed, Snappy, gzip, Brotli, Zstandard. */
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
    parsers: CELL_PARSERS,
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
      cells: elements.map((element) => parquetCellOf(row[element.name], element)),
    })),
    problems: [],
  }
}
