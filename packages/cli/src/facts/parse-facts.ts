/** A file of facts → rows of its table, or everything that is wrong with it. */
import type { FactRow } from '@outlay/clickhouse'
import { limits } from '@outlay/core'
import { suggestionFor } from '@outlay/pricing'
import { z } from 'zod'
import type { Refusal } from './cell-schema.ts'
import type { FactFormat } from './fact-format.ts'
import { type FactProblem, shown } from './fact-problem.ts'
import { EMPTY, type FactCell, type FactSheet, type SheetBounds, type SheetRow } from './fact-sheet.ts'
import type { BrokenRule, FactSource } from './fact-source.ts'
import { readSheet } from './read-sheet.ts'

export interface ParsedFacts {
  /** Empty if there is any problem: a file is loaded whole or not at all. */
  readonly rows: readonly FactRow[]
  readonly problems: readonly FactProblem[]
  /** Rows that could be told apart in the file, good or bad. */
  readonly rowsRead: number
}

interface FactFile {
  readonly bytes: Uint8Array
  readonly format: FactFormat
}

const BOUNDS: SheetBounds = { fileBytesMax: limits.factFileBytesMax, rowsMax: limits.factRowsMax }

/** Never fails for anything that is in the file. */
export const parseFacts = async (
  source: FactSource,
  { bytes, format }: FactFile,
  bounds: SheetBounds = BOUNDS,
): Promise<ParsedFacts> => {
  const sheet = await readSheet(bytes, format, bounds)
  const ofFile = [...sheet.problems, ...columnProblems(source, sheet)]
  const { rows, problems } = readRows(source, sheet)
  const all = [...ofFile, ...problems]
  return { rows: all.length > 0 ? [] : rows, problems: all, rowsRead: sheet.rows.length }
}

const fileProblem = (problem: Omit<FactProblem, 'row' | 'column'>): FactProblem => ({
  row: null,
  column: null,
  ...problem,
})

/** Unknown and missing columns. A file whose first row is data has no column that we know: its cells are not repeated. */
const columnProblems = ({ columns, shape }: FactSource, sheet: FactSheet): readonly FactProblem[] => {
  const known = Object.keys(columns)
  if (sheet.columns.length === 0 && sheet.problems.length > 0) return []
  const wanted = `columns of ${shape.table}: ${known.join(', ')}`
  if (sheet.columns.length > 0 && isForeign(known, sheet)) {
    return [fileProblem({ what: 'no column of the table in it', want: wanted, fix: 'a CSV file needs a header row' })]
  }
  if (sheet.rows.length === 0) return [fileProblem({ what: 'no rows in it', want: wanted })]
  const unknown = sheet.columns.filter((name) => !known.includes(name))
  const missing = known.filter((name) => columns[name]?.required === true && !sheet.columns.includes(name))
  return [
    ...unknown.map((name) =>
      fileProblem({
        what: `unknown column ${shown(name)}${suggestionFor(name, known)}`,
        ...(name === 'loaded_at' ? { fix: 'leave it out: it is the time of the load' } : { want: wanted }),
      }),
    ),
    ...missing.map((name) =>
      fileProblem({ what: `the column "${name}" is missing`, fix: 'add it; every row needs a value' }),
    ),
  ]
}

const isForeign = (known: readonly string[], { columns }: FactSheet): boolean =>
  !columns.some((name) => known.includes(name))

interface RowContext {
  readonly source: FactSource
  readonly schema: z.ZodType<FactRow>
  readonly problems: FactProblem[]
  /** Key → first row that has it. */
  readonly seen: Map<string, { readonly at: number; readonly row: FactRow }>
}

const readRows = (source: FactSource, sheet: FactSheet): { rows: FactRow[]; problems: FactProblem[] } => {
  const schema = z.object(
    Object.fromEntries(Object.entries(source.columns).map(([name, column]) => [name, column.schema])),
  ) as unknown as z.ZodType<FactRow>
  const context: RowContext = { source, schema, problems: [], seen: new Map() }
  // Without any column of the table, every row would repeat what is said of the file.
  if (isForeign(Object.keys(source.columns), sheet)) return { rows: [], problems: [] }
  const rows = sheet.rows.flatMap((sheetRow) => {
    const row = readRow(context, sheet.columns, sheetRow)
    if (row === undefined) return []
    return isKnownTwice(context, sheetRow.at, row) ? [] : [row]
  })
  return { rows, problems: context.problems }
}

const readRow = (
  { source, schema, problems }: RowContext,
  columns: readonly string[],
  { at, cells }: SheetRow,
): FactRow | undefined => {
  const given: Record<string, FactCell> = Object.fromEntries(
    columns.map((name, position) => [name, cells[position] ?? EMPTY]),
  )
  const parsed = schema.safeParse(given)
  if (!parsed.success) {
    // A column that is not there is said once, of the file.
    const issues = parsed.error.issues.filter(({ path }) => columns.includes(String(path[0])))
    problems.push(...issues.map((issue) => problemOfIssue(at, issue)))
    return undefined
  }
  const row = source.complete(parsed.data)
  const broken = source.brokenRules(row, (column) => given[column] ?? EMPTY)
  problems.push(...broken.map((rule) => ({ row: at, ...rule })))
  return broken.length > 0 ? undefined : row
}

const problemOfIssue = (row: number, { path, message, ...issue }: z.core.$ZodIssue): FactProblem => {
  const refusal = ('params' in issue ? issue.params : { what: message }) as Refusal
  return { row, column: path.length === 0 ? null : String(path[0]), ...refusal }
}

const isKnownTwice = ({ source, seen, problems }: RowContext, at: number, row: FactRow): boolean => {
  const key = source.keyOf(row)
  const earlier = seen.get(key)
  if (earlier === undefined) {
    seen.set(key, { at, row })
    return false
  }
  const because: BrokenRule | undefined = source.contradiction?.(earlier.row, row)
  problems.push({
    row: at,
    column: null,
    ...(because ?? { what: `the same ${source.key.join(', ')} as row ${earlier.at}`, fix: 'keep one of the two' }),
  })
  return true
}
