/** Rows as the registry declares them: a column that either side lacks does not compile. */
import type { KPI_VIEWS, KpiViewName } from '@outlay/clickhouse'
import type { Asked, OracleLedger } from './oracle-ledger.ts'

/**
 * What stands in a cell: femto-dollars as bigint; days as `2026-11-01`; times in Unix seconds. A verdict may name two
 * where the figure stands on the very edge of a band and floats may fall to either side.
 */
export type Cell = string | number | bigint | null

type Definition<Name extends KpiViewName> = Extract<(typeof KPI_VIEWS)[number], { readonly name: Name }>

export type ViewRow<Name extends KpiViewName> = {
  readonly [Column in keyof Definition<Name>['columns']]: Cell
}

/** The answer of the oracle to one question to one view. */
export type ViewOracle<Name extends KpiViewName> = (ledger: OracleLedger, asked: Asked) => readonly ViewRow<Name>[]
