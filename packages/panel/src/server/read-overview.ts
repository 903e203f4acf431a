/** The home page: eight tiles with what they were before, and the six figures of the headline. */
import type { ClickHouseClient } from '@outlay/clickhouse'
import type { Before, Cell, Figure, HeadlineFigure, Overview, Tile } from '#src/shared/answers.ts'
import { askView } from './ask-ledger.ts'
import { type AskedWindow, windowOf } from './asked-window.ts'
import { describeColumn, nullReasonOf } from './column-meaning.ts'
import { COURSES_VIEW } from './read-courses.ts'
import { findPage, isCalendarView, VIEW_PAGES } from './view-pages.ts'

/** One line of `kpi_overview`. */
interface KpiLine {
  readonly kpi: string
  readonly name: string
  readonly title: string
  readonly headline: number | null
  readonly headline_usd: string | null
  readonly unit: 'usd' | 'ratio'
  readonly meaning: string
  readonly band: string
  readonly band_of: string
  readonly lever: string
  readonly unpriced_calls: string
  readonly priced_share: number | null
}

type HeadlineRow = Readonly<Record<string, Cell>>

/** The figures of `kpi_headline` in the order of the page, with what stands beside and behind them. */
const HEADLINE: readonly {
  readonly name: string
  readonly type: string
  readonly band?: string
  readonly beside?: { readonly column: string; readonly of: string }
  readonly page?: string
}[] = [
  { name: 'spend_usd', type: 'Decimal(38, 15)', beside: { column: 'calls', of: 'calls' }, page: 'sheet_spend' },
  { name: 'month_usd', type: 'Decimal(38, 15)', page: 'tenant_cost' },
  {
    name: 'priced_share',
    type: 'Float64',
    band: 'priced_share_band',
    beside: { column: 'unpriced_calls', of: 'calls not priced' },
    page: 'coverage',
  },
  {
    name: 'unattributed_share',
    type: 'Float64',
    band: 'unattributed_share_band',
    beside: { column: 'unattributed_calls', of: 'calls in quarantine' },
    page: 'unattributed',
  },
  { name: 'ingest_lag_p99_s', type: 'Float64' },
  { name: 'budget_actions_today', type: 'UInt64', page: 'overage_rate' },
]

const headlineOf = (line: KpiLine): Figure => {
  const unit = line.unit === 'usd' ? 'usd' : 'share'
  const value = unit === 'usd' ? line.headline_usd : line.headline
  if (value !== null) return { unit, value }
  const name = line.name === 'cost_to_revenue' ? 'ratio' : line.name
  return { unit, value, reason: nullReasonOf({ name, unit }, { ...line }) }
}

const tileOf = (line: KpiLine): Tile => {
  const { kpi, headline: _, headline_usd: __, unit: ___, ...words } = line
  const paged = findPage(line.name)
  return {
    ...words,
    kpi: Number(kpi),
    headline: headlineOf(line),
    calendar: paged !== undefined && isCalendarView(paged.view),
  }
}

const figureOf = (row: HeadlineRow, { name, type, band, beside, page }: (typeof HEADLINE)[number]): HeadlineFigure => {
  const { label, unit, description } = describeColumn({ name, type })
  const value = row[name] ?? null
  return {
    name,
    label,
    unit,
    description,
    value,
    ...(value === null ? { reason: nullReasonOf({ name, unit }, row) } : {}),
    ...(band === undefined ? {} : { band: String(row[band]) }),
    ...(beside === undefined ? {} : { beside: { count: String(row[beside.column]), of: beside.of } }),
    ...(page === undefined || findPage(page) === undefined ? {} : { page }),
  }
}

const argumentsOf = ({ from, to, book }: AskedWindow) => ({ from_time: from, to_time: to, book })

/** Fails with `E_UNREACHABLE` or `E_QUERY`. */
export const readOverview = async (client: ClickHouseClient, asked: AskedWindow): Promise<Overview> => {
  const [lines, headlines] = await Promise.all([
    askView<KpiLine>(client, asked.database, 'kpi_overview', argumentsOf(asked)),
    askView<HeadlineRow>(client, asked.database, 'kpi_headline', argumentsOf(asked)),
  ])
  const [headline] = headlines
  if (!headline) throw new Error('BUG: kpi_headline answers exactly one row')
  return {
    ...windowOf(asked),
    tiles: lines.map(tileOf).toSorted((a, b) => a.kpi - b.kpi),
    figures: HEADLINE.map((figure) => figureOf(headline, figure)),
    calls: String(headline['calls']),
    has_courses: COURSES_VIEW !== undefined,
    pages: VIEW_PAGES.map(({ page }) => page),
  }
}

/** The headlines of the window of equal length before. Fails with `E_UNREACHABLE` or `E_QUERY`. */
export const readBefore = async (client: ClickHouseClient, asked: AskedWindow): Promise<Before> => {
  const { from, to } = asked
  const before = { ...asked, from: Math.max(0, from - (to - from)), to: from }
  const lines = await askView<KpiLine>(client, asked.database, 'kpi_overview', argumentsOf(before))
  return {
    ...windowOf(before),
    headlines: Object.fromEntries(lines.map((line) => [line.name, headlineOf(line)])),
  }
}
