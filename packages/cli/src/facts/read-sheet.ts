/** A file of facts in any of its formats → cells. */
import type { FactFormat } from './fact-format.ts'
import { readCsvSheet } from './formats/csv-sheet.ts'
import { readJsonSheet } from './formats/json-sheet.ts'
import { type FactSheet, refusedSheet, type SheetBounds } from './fact-sheet.ts'

/** Never fails: what is wrong with the file is in the problems of the sheet. */
export const readSheet = async (bytes: Uint8Array, format: FactFormat, bounds: SheetBounds): Promise<FactSheet> => {
  if (bytes.byteLength > bounds.fileBytesMax) {
    return refusedSheet({
      row: null,
      column: null,
      what: 'the file is too large',
      got: `${bytes.byteLength} bytes`,
      want: `at most ${bounds.fileBytesMax}`,
      fix: 'split the file',
    })
  }
  if (format === 'parquet') {
    const { readParquetSheet } = await import('./formats/parquet-sheet.ts')
    return readParquetSheet(bytes, bounds)
  }
  const text = textOf(bytes)
  if (text === undefined) {
    return refusedSheet({ row: null, column: null, what: 'the file is no UTF-8 text', fix: 'save it as UTF-8' })
  }
  return format === 'csv' ? readCsvSheet(text, bounds) : readJsonSheet(text, bounds)
}

const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
