/** Delimited text as people and providers save it (RFC 4180): comma or tab, quoted cells, a header row. */
import { CsvError, parse } from 'csv-parse/sync'

export interface CsvRow {
  /** 1 = the header. Counts lines of the file, also inside quoted cells. */
  readonly line: number
  readonly cells: readonly string[]
}

export interface CsvTable {
  readonly header: readonly string[]
  readonly rows: readonly CsvRow[]
  /** What is wrong, each with its line; the table is not to be used if there is any. */
  readonly faults: readonly { readonly line: number; readonly what: string }[]
}

/** What the library answers with `info` and `raw`. */
interface ReadRecord {
  readonly record: readonly string[]
  readonly raw: string
  readonly info: { readonly lines: number }
}

const linesIn = (text: string): number => text.match(/\r\n|\n|\r/g)?.length ?? 0

/** The library counts the last line of a row; blank lines before it belong to its raw text. */
const firstLineOf = ({ raw, info }: ReadRecord): number => info.lines - linesIn(raw.replace(/^[\r\n]+|[\r\n]+$/g, ''))

const readRows = (text: string): { readonly rows: readonly CsvRow[]; readonly brokenAt?: number } => {
  const tabbed = /^[^,\r\n]*\t[^,\r\n]*(?:[\r\n]|$)/.test(text)
  const rows: CsvRow[] = []
  try {
    parse(text, {
      delimiter: tabbed ? '\t' : ',',
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      info: true,
      raw: true,
      on_record: (read: unknown) => {
        const row = read as ReadRecord
        rows.push({ line: firstLineOf(row), cells: row.record })
        return null
      },
    })
    return { rows }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    return { rows, brokenAt: Number(error['lines']) }
  }
}

/** Blank lines are skipped; a row of another width than the header, or a quote that never ends, is a fault. */
export const parseCsvTable = (text: string): CsvTable => {
  const { rows, brokenAt } = readRows(text.replace(/^\uFEFF/, ''))
  const [first, ...rest] = rows
  const header = (first?.cells ?? []).map((name) => name.trim())
  const faults: { line: number; what: string }[] = []
  if (brokenAt !== undefined) faults.push({ line: brokenAt, what: 'a quoted cell that does not end properly' })
  for (const name of new Set(header.filter((name, index) => header.indexOf(name) !== index))) {
    faults.push({ line: 1, what: `column "${name}" is there twice` })
  }
  for (const { line, cells } of rest) {
    if (cells.length === header.length) continue
    faults.push({ line, what: `${cells.length} cells under ${header.length} columns` })
  }
  return { header, rows: rest, faults }
}
