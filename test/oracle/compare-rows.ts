/** Rows of a view against rows of the oracle, cell by cell: money, counts, words and days exactly, quotients nearly. */
import { type KpiViewName, kpiViewOf } from '@outlay/clickhouse'
import { parseUsd } from '@outlay/core'
import type { Cell } from './model/view-rows.ts'

/** As JSON brings it: decimals and 64-bit integers are text. */
type FoundCell = string | number | null
export type FoundRow = Readonly<Record<string, FoundCell>>
export type WantedRow = Readonly<Record<string, Cell>>

interface Difference {
  readonly row: string
  readonly column: string
  readonly got: string
  readonly want: string
}

const TOLERANCE = 1e-9
const EXACT_FIGURES: ReadonlySet<string> = new Set(['count', 'flag'])
const NEAR_FIGURES: ReadonlySet<string> = new Set(['share', 'ratio', 'factor', 'tokens', 'seconds'])

/** Columns that tell the rows of a view apart. */
const KEYS: Partial<Record<KpiViewName, readonly string[]>> = {
  kpi_task_cost_series: ['time', 'workload'],
  kpi_task_histogram: ['time', 'bucket'],
  kpi_task_outliers: ['task_id', 'tenant', 'task_type'],
  kpi_session_cost: ['workload'],
  kpi_user_list: ['tenant', 'user'],
  kpi_user_cohorts: ['signup_month', 'tier'],
  kpi_active_user_series: ['time'],
  kpi_tenant_cost: ['tenant'],
  kpi_tenant_series: ['time', 'tenant'],
  kpi_tier_utilization: ['tenant', 'subject', 'tier'],
  kpi_tier_summary: ['tier'],
  kpi_tier_histogram: ['tier', 'bucket'],
  kpi_overage_rate: ['tier'],
  kpi_overage_series: ['day', 'tier'],
  kpi_degradation_series: ['day'],
  kpi_feature_series: ['time', 'feature'],
  kpi_cost_to_revenue_series: ['month', 'key'],
  kpi_model_mix: ['time', 'model'],
  kpi_tool_share: ['tool'],
  kpi_prompt_length: ['time', 'route'],
  kpi_feature_answer: ['driver'],
  kpi_forecast: ['time'],
  kpi_coverage: ['provider', 'model', 'tier', 'meter'],
  kpi_overview: ['kpi'],
  kpi_overview_series: ['kpi', 'day'],
  dim_values: ['value'],
}

/** Money that is computed with floats, by its own definition. */
const FLOATING_MONEY: ReadonlySet<string> = new Set(['expected_usd', 'low_usd', 'high_usd'])
/** Words that no figure decides. */
const WORDS: ReadonlySet<string> = new Set(
  ['title', 'unit', 'meaning', 'band', 'band_of', 'lever'].map((word) => `kpi_overview.${word}`),
)

const unitOf = (name: KpiViewName, column: string): string => kpiViewOf(name).columns[column]?.unit ?? 'text'

const isNear = (got: number, want: number): boolean =>
  Math.abs(got - want) <= TOLERANCE * Math.max(Math.abs(got), Math.abs(want)) || Math.abs(got - want) < 1e-12

const timeOf = (got: string): number => Date.parse(`${got.replace(' ', 'T')}Z`) / 1_000

const isSame = (unit: string, column: string, got: FoundCell | undefined, want: Cell): boolean => {
  if (got === undefined) return false
  if (got === null || want === null) return got === want
  if (unit === 'usd') {
    if (FLOATING_MONEY.has(column))
      return isNear(Number(got), Number(want) / 1e15) || Math.abs(Number(got) - Number(want) / 1e15) < 1e-12
    return parseUsd(String(got)) === want
  }
  if (unit === 'time') return timeOf(String(got)) === want
  if (unit === 'verdict') return String(want).split('|').includes(String(got))
  if (EXACT_FIGURES.has(unit)) return BigInt(String(got)) === BigInt(want)
  return NEAR_FIGURES.has(unit) ? isNear(Number(got), Number(want)) : got === want
}

const shown = (unit: string, value: unknown): string => {
  if (unit === 'usd' && typeof value === 'bigint') return `${Number(value) / 1e15} (${value} femto)`
  return unit === 'time' && typeof value === 'number' ? new Date(value * 1_000).toISOString() : String(value)
}

const keyOf = (name: KpiViewName, row: FoundRow | WantedRow): string =>
  (KEYS[name] ?? ['key'])
    .map((column) => {
      const value = row[column]
      return unitOf(name, column) === 'time' && typeof value === 'string' ? timeOf(value) : (value ?? 'NULL')
    })
    .map(String)
    .join(' | ')

const columnsThatDiffer = (name: KpiViewName, row: FoundRow | WantedRow): readonly Difference[] => {
  const wanted = Object.keys(kpiViewOf(name).columns).toSorted().join()
  const got = Object.keys(row).toSorted().join()
  return got === wanted ? [] : [{ row: '', column: 'columns', got, want: wanted }]
}

const cellsThatDiffer = (name: KpiViewName, key: string, got: FoundRow, want: WantedRow): readonly Difference[] =>
  Object.keys(want).flatMap((column) => {
    const unit = unitOf(name, column)
    if (WORDS.has(`${name}.${column}`) || isSame(unit, column, got[column], want[column] ?? null)) return []
    return { row: key, column, got: shown(unit, got[column]), want: shown(unit, want[column]) }
  })

/** A row without its key is a row of one: views that give one row need none. */
export const compareRows = (
  name: KpiViewName,
  got: readonly FoundRow[],
  want: readonly WantedRow[],
): readonly Difference[] => {
  const found = new Map(got.map((row) => [keyOf(name, row), row]))
  const wanted = new Map(want.map((row) => [keyOf(name, row), row]))
  const count =
    found.size === got.length ? [] : [{ row: '', column: 'rows', got: 'rows of equal keys', want: 'distinct keys' }]
  const missing = [...wanted].flatMap(([key, row]) => {
    const other = found.get(key)
    if (other === undefined) return { row: key, column: 'row', got: 'no such row', want: 'a row' }
    return [
      ...columnsThatDiffer(name, other),
      ...columnsThatDiffer(name, row),
      ...cellsThatDiffer(name, key, other, row),
    ]
  })
  const surplus = [...found.keys()].flatMap((key) =>
    wanted.has(key) ? [] : { row: key, column: 'row', got: 'a row', want: 'no such row' },
  )
  return [...count, ...missing, ...surplus]
}

export const describeDifference = ({ row, column, got, want }: Difference): string =>
  `${column} of [${row}]: got ${got}, want ${want}`
