/** Rows of facts written as files of every format, and read back as the command reads them. */
import type { FactRow } from '@outlay/clickhouse'
import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer'
import type { SchemaElement } from 'hyparquet'
import type { FactFormat } from '../../src/facts/fact-format.ts'
import type { FactProblem } from '../../src/facts/fact-problem.ts'
import type { SheetBounds } from '../../src/facts/fact-sheet.ts'
import { FACT_SOURCES } from '../../src/facts/fact-sources.ts'
import type { FactTable } from '../../src/facts/fact-tables.ts'
import { type ParsedFacts, parseFacts } from '../../src/facts/parse-facts.ts'

/** One column of a Parquet file. Decimals are given as their stored integers. */
export type ParquetColumn = {
  readonly name: string
  readonly values: readonly unknown[]
} & (
  | { readonly type: BasicType }
  | { readonly decimal: { readonly precision: number; readonly scale: number; readonly storedAs: 'INT64' | 'FIXED' } }
  | { readonly convertedType: 'DATE' | 'TIMESTAMP_MILLIS' }
)

const BYTES_OF_DECIMAL38 = 16

const elementOf = (column: ParquetColumn): SchemaElement => {
  const { name } = column
  const optional = { name, repetition_type: 'OPTIONAL' } as const
  if ('decimal' in column) {
    const { precision, scale, storedAs } = column.decimal
    const stored =
      storedAs === 'INT64'
        ? ({ type: 'INT64' } as const)
        : ({ type: 'FIXED_LEN_BYTE_ARRAY', type_length: BYTES_OF_DECIMAL38 } as const)
    return { ...optional, ...stored, converted_type: 'DECIMAL', precision, scale } as const
  }
  if ('convertedType' in column) {
    return {
      ...optional,
      type: column.convertedType === 'DATE' ? 'INT32' : 'INT64',
      converted_type: column.convertedType,
    } as const
  }
  const type = column.type === 'STRING' ? 'BYTE_ARRAY' : (column.type as 'INT64' | 'DOUBLE' | 'BOOLEAN')
  return { ...optional, type, ...(column.type === 'STRING' ? ({ converted_type: 'UTF8' } as const) : {}) }
}

export const parquetFile = (columns: readonly ParquetColumn[]): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: columns.map(({ name, values }) => ({ name, data: [...values] })),
      schema: [{ name: 'root', num_children: columns.length }, ...columns.map(elementOf)],
    }),
  )

const textFile = (text: string): Uint8Array => Buffer.from(text, 'utf8')

export const parse = (
  table: FactTable,
  format: FactFormat,
  bytes: Uint8Array | string,
  bounds?: SheetBounds,
): Promise<ParsedFacts> =>
  parseFacts(FACT_SOURCES[table], { bytes: typeof bytes === 'string' ? textFile(bytes) : bytes, format }, bounds)

export const rowsOf = async (...args: Parameters<typeof parse>): Promise<readonly FactRow[]> => {
  const { rows, problems } = await parse(...args)
  if (problems.length > 0) throw new Error(`refused: ${JSON.stringify(problems)}`)
  return rows
}

export const problemsOf = async (...args: Parameters<typeof parse>): Promise<readonly FactProblem[]> => {
  const { rows, problems } = await parse(...args)
  if (rows.length > 0 && problems.length > 0) throw new Error('rows of a refused file')
  return problems
}
