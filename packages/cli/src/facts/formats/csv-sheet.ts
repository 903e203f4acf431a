import { parseCsvTable } from '@outlay/pricing'
import { type FactSheet, refusedSheet, type SheetBounds, textCell, tooManyRows } from '#src/facts/fact-sheet.ts'

/** CSV with a header row: comma or tab, quoted cells (RFC 4180). An empty cell is no value. */
export const readCsvSheet = (text: string, bounds: SheetBounds): FactSheet => {
  const { header, rows, faults } = parseCsvTable(text)
  if (rows.length > bounds.rowsMax) return refusedSheet(tooManyRows(rows.length, bounds))
  // Cells of a row that is too short or too long may stand under the wrong columns.
  const isSound = new Set(header).size === header.length
  const sound = isSound ? rows.filter(({ cells }) => cells.length === header.length) : []
  return {
    columns: header,
    rows: sound.map(({ line, cells }) => ({ at: line, cells: cells.map(textCell) })),
    problems: faults.map(({ line, what }) => ({ row: line, column: null, what })),
  }
}
