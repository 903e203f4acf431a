/** Delimited text as providers export it (RFC 4180): comma or tab, quoted cells, a header row. */

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

const CELL = (delimiter: string): RegExp =>
  new RegExp(`(?:"((?:[^"]|"")*)"|([^"${delimiter}\\r\\n]*))(${delimiter}|\\r\\n|\\n|\\r|$)`, 'y')

const linesIn = (text: string): number => text.match(/\r\n|\n|\r/g)?.length ?? 0

/** Rows of cells; a position where no cell can be read ends the table. */
const readRows = (text: string): { rows: CsvRow[]; brokenAt: number | undefined } => {
  const tabbed = /^[^,\r\n]*\t[^,\r\n]*(?:[\r\n]|$)/.test(text)
  const cell = CELL(tabbed ? '\t' : ',')
  const rows: CsvRow[] = []
  let cells: string[] = []
  let line = 1
  let rowLine = 1
  for (let at = 0; at < text.length || cells.length > 0; ) {
    cell.lastIndex = at
    const match = cell.exec(text)
    if (match === null) return { rows, brokenAt: line }
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    line += linesIn(match[0])
    at = cell.lastIndex
    const ended = match[3] === '' || /[\r\n]/.test(match[3] ?? '')
    if (!ended) continue
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: rowLine, cells })
    cells = []
    rowLine = line
  }
  return { rows, brokenAt: undefined }
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
