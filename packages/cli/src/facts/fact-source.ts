/** What a file for one table of facts may hold: columns, what a fact is known by, and rules across columns. */
import type { FactRow, RowOf, TableColumns, TableShape } from '@outlay/clickhouse'
import type { FactColumn, Refusal } from './cell-schema.ts'
import type { FactCell } from './fact-sheet.ts'

/** A broken rule across columns, shown at one of them. */
export interface BrokenRule extends Refusal {
  readonly column: string
}

export interface FactSource<Row extends FactRow = FactRow> {
  readonly shape: TableShape<TableColumns>
  readonly columns: Readonly<Record<string, FactColumn<unknown>>>
  /** Columns that tell facts apart. Of rows with the same ones the one loaded last holds. */
  readonly key: readonly string[]
  readonly keyOf: (row: FactRow) => string
  /** What a row says where it is silent, where that depends on its other columns. */
  readonly complete: (row: Row) => Row
  /** Rules across columns. `given` is the cell as it was written. */
  readonly brokenRules: (row: Row, given: (column: string) => FactCell) => readonly BrokenRule[]
  /** Why two rows of one key contradict each other, where there is more to say than that. */
  readonly contradiction?: (earlier: Row, later: Row) => BrokenRule | undefined
}

interface SourceSettings<Row> {
  readonly columns: { readonly [Name in keyof Row]: FactColumn<Row[Name]> }
  readonly key: readonly (keyof Row & string)[]
  /** The part of the key that a column gives; its value unless said otherwise. */
  readonly keyPart?: (column: string, value: unknown) => unknown
  readonly complete?: (row: Row) => Row
  readonly brokenRules?: (row: Row, given: (column: string) => FactCell) => readonly BrokenRule[]
  readonly contradiction?: (earlier: Row, later: Row) => BrokenRule | undefined
}

export const defineFactSource = <Columns extends TableColumns>(
  shape: TableShape<Columns>,
  settings: SourceSettings<RowOf<TableShape<Columns>>>,
): FactSource => {
  const {
    columns,
    key,
    keyPart = (_: string, value: unknown) => value,
    complete,
    brokenRules,
    contradiction,
  } = settings
  type Row = RowOf<TableShape<Columns>>
  return {
    shape,
    columns,
    key,
    keyOf: (row) => JSON.stringify(key.map((name) => keyPart(name, row[name]))),
    complete: (row) => (complete === undefined ? row : (complete(row as Row) as FactRow)),
    brokenRules: (row, given) => brokenRules?.(row as Row, given) ?? [],
    ...(contradiction === undefined
      ? {}
      : { contradiction: (earlier, later) => contradiction(earlier as Row, later as Row) }),
  }
}
