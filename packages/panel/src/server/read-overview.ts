/** The home page: eight tiles with what they were before, and the six figures of the headline. */
import type { ClickHouseClient, OverviewRow } from '@outlay/clickhouse'
import type { Before, Cell, Figure, HeadlineFigure, Overview, Tile } from '#src/shared/answers.ts'
import { askView } from './ask-ledger.ts'
import { type AskedWindow, windowOf } from './asked-window.ts'
import { describeColumn, nullReasonOf } from './column-meaning.ts'
import { findPage, isCalendarView, VIEW_PAGES } from './view-pages.ts'

type HeadlineRow = Readonly<Record<string, Cell>>

const HEADLINE_VIEW = 'kpi_headline'
/** The figures of the headline in the order of the page, with what stands beside and behind them. */
const HEADLINE: readonly {
  readonly name: string
  readonly band?: string
  readonly beside?: { readonly column: string; readonly of: string }
  readonly page?: string
}[] = [
  { name: 'spend_usd', beside: { column: 'calls', of: 'calls' }, page: 'sheet_spend' },
  { name: 'month_usd', page: 'tenant_cost' },
  {
    name: 'priced_share',
    band: 'priced_share_band',
    beside: { column: 'unpriced_calls', of: 'charges not priced' },
    page: 'coverage',
  },
  {
    name: 'unattributed_share',
    band: 'unattributed_share_band',
    beside: { column: 'unattributed_calls', of: 'calls in quarantine' },
    page: 'unattributed',
  },
  { name: 'ingest_lag_p99_s', band: 'ingest_lag_p99_s_band' },
  { name: 'budget_actions_today', page: 'overage_rate' },
]

const NEEDS_REVENUE = 'cost_to_revenue'

/** The registry cannot say for eight figures in one column what their NULL means. */
const headlineReason = ({ name, unit, unpriced_calls, priced_share }: OverviewRow): string => {
  if (name === NEEDS_REVENUE && priced_share !== null) return 'no revenue'
  return unit === 'usd' && unpriced_calls !== '0' ? 'no price' : 'no data'
}

const headlineOf = (line: OverviewRow): Figure => {
  const unit = line.unit === 'usd' ? 'usd' : 'share'
  const value = unit === 'usd' ? line.headline_usd : line.headline
  return value === null ? { unit, value, reason: headlineReason(line) } : { unit, value }
}

const tileOf = (line: OverviewRow): Tile => {
  const { kpi, headline: _, headline_usd: __, unit: ___, ...words } = line
  const paged = findPage(line.name)
  return {
    ...words,
    kpi: Number(kpi),
    headline: headlineOf(line),
    calendar: paged !== undefined && isCalendarView(paged.view),
  }
}

const figureOf = (row: HeadlineRow, { name, band, beside, page }: (typeof HEADLINE)[number]): HeadlineFigure => {
  const { label, unit, description, empty } = describeColumn(HEADLINE_VIEW, name)
  const value = row[name] ?? null
  return {
    name,
    label,
    unit,
    description,
    value,
    ...(value === null ? { reason: nullReasonOf({ empty }, row) } : {}),
    ...(band === undefined ? {} : { band: String(row[band]) }),
    ...(beside === undefined ? {} : { beside: { count: String(row[beside.column]), of: beside.of } }),
    ...(page === undefined || findPage(page) === undefined ? {} : { page }),
  }
}

const argumentsOf = ({ from, to, book }: AskedWindow) => ({ from_time: from, to_time: to, book })

/** Fails with `E_UNREACHABLE` or `E_QUERY`. */
export const readOverview = async (client: ClickHouseClient, asked: AskedWindow): Promise<Overview> => {
  const [lines, headlines] = await Promise.all([
    askView<OverviewRow>(client, asked.database, 'kpi_overview', argumentsOf(asked)),
    askView<HeadlineRow>(client, asked.database, HEADLINE_VIEW, argumentsOf(asked)),
  ])
  const [headline] = headlines
  if (!headline) throw new Error('BUG: kpi_headline answers exactly one row')
  return {
    ...windowOf(asked),
    tiles: lines.map(tileOf).toSorted((a, b) => a.kpi - b.kpi),
    figures: HEADLINE.map((figure) => figureOf(headline, figure)),
    calls: String(headline['calls']),
    pages: VIEW_PAGES.map(({ page }) => page),
  }
}

/** The headlines of the window of equal length before. Fails with `E_UNREACHABLE` or `E_QUERY`. */
export const readBefore = async (client: ClickHouseClient, asked: AskedWindow): Promise<Before> => {
  const { from, to } = asked
  const before = { ...asked, from: Math.max(0, from - (to - from)), to: from }
  const lines = await askView<OverviewRow>(client, asked.database, 'kpi_overview', argumentsOf(before))
  return {
    ...windowOf(before),
    headlines: Object.fromEntries(lines.map((line) => [line.name, headlineOf(line)])),
  }
}
