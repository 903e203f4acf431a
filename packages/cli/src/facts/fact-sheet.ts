/** A file of facts as cells: what CSV, JSON and Parquet have in common before anybody knows what the columns mean. */
import type { FactProblem } from './fact-problem.ts'

/** One cell as it was written. Numbers keep their digits: money must not pass through a float. */
export type FactCell =
  | { readonly kind: 'empty' }
  | { readonly kind: 'text'; readonly text: string }
  /** `exact` is false for a binary float, whose digits are not those that somebody meant. */
  | { readonly kind: 'number'; readonly text: string; readonly exact: boolean }
  /** Anything that no fact has: a list, a boolean, bytes. */
  | { readonly kind: 'other'; readonly what: string }

export const EMPTY: FactCell = { kind: 'empty' }
export const textCell = (text: string): FactCell => (text === '' ? EMPTY : { kind: 'text', text })
export const numberCell = (text: string): FactCell => ({ kind: 'number', text, exact: true })
export const floatCell = (value: number): FactCell => ({ kind: 'number', text: String(value), exact: false })
export const otherCell = (what: string): FactCell => ({ kind: 'other', what })

export interface SheetRow {
  /** Line of the file, or number of the row where a file has no lines; from 1. */
  readonly at: number
  /** In the order of `columns`. */
  readonly cells: readonly FactCell[]
}

export interface FactSheet {
  readonly columns: readonly string[]
  readonly rows: readonly SheetRow[]
  /** What is wrong with the file itself; `rows` has what can be read all the same, so that all problems are told at once. */
  readonly problems: readonly FactProblem[]
}

export const refusedSheet = (...problems: readonly FactProblem[]): FactSheet => ({ columns: [], rows: [], problems })

/** Bounds of a file, from `limits`; tests set smaller ones. */
export interface SheetBounds {
  readonly fileBytesMax: number
  readonly rowsMax: number
}

export const tooManyRows = (rows: number, { rowsMax }: SheetBounds): FactProblem => ({
  row: null,
  column: null,
  what: 'too many rows for one load',
  got: String(rows),
  want: `at most ${rowsMax}`,
  fix: 'split the file',
})
