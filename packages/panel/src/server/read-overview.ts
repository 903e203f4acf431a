/** The home page: eight tiles with their change and course, and the six figures of the headline. */
import type { ClickHouseClient } from '@outlay/clickhouse'
import { formatUsd, parseUsd } from '@outlay/core'
import type { Cell, Delta, Figure, HeadlineFigure, Overview, SeriesPoint, Tile } from '#src/shared/answers.ts'
import { askView } from './ask-ledger.ts'
import { describeColumn, nullReasonOf } from './column-meaning.ts'
import { readSeries } from './read-series.ts'
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

export interface AskedWindow {
  readonly database: string
  readonly databases: readonly string[]
  /** Unix seconds, half open. */
  readonly from: number
  readonly to: number
  readonly book: string
}

const MS_PER_SECOND = 1_000
const SPARKLINE_SECONDS = 30 * 86_400
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

export const isoOf = (seconds: number): string => new Date(seconds * MS_PER_SECOND).toISOString()

const headlineOf = (line: KpiLine): Figure => {
  const unit = line.unit === 'usd' ? 'usd' : 'share'
  const value = unit === 'usd' ? line.headline_usd : line.headline
  if (value !== null) return { unit, value }
  const name = line.name === 'cost_to_revenue' ? 'ratio' : line.name
  return { unit, value, reason: nullReasonOf({ name, unit }, { ...line }) }
}

const changeOf = (now: Figure, before: Figure): number | null => {
  if (now.value === null || before.value === null) return null
  if (now.unit === 'share') return Number(now.value) - Number(before.value)
  const [is, was] = [parseUsd(String(now.value)), parseUsd(String(before.value))]
  // The difference is exact; only the ratio of the two is a float.
  return was === 0n ? null : Number(formatUsd(is - was)) / Number(formatUsd(was))
}

const deltaOf = (now: Figure, before: Figure): Delta => ({
  kind: now.unit === 'share' ? 'points' : 'relative',
  change: changeOf(now, before),
  before,
})

const NOTHING: Figure = { unit: 'text', value: null, reason: 'no data' }

const tileOf = (line: KpiLine, before: KpiLine | undefined, series: readonly SeriesPoint[]): Tile => {
  const { kpi: _, headline: __, headline_usd: ___, unit: ____, ...words } = line
  const headline = headlineOf(line)
  const paged = findPage(line.name)
  return {
    ...words,
    kpi: Number(line.kpi),
    headline,
    calendar: paged !== undefined && isCalendarView(paged.view),
    delta: deltaOf(headline, before ? headlineOf(before) : NOTHING),
    series,
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

/** Fails with `E_UNREACHABLE` or `E_QUERY`. */
export const readOverview = async (client: ClickHouseClient, asked: AskedWindow): Promise<Overview> => {
  const { database, databases, from, to, book } = asked
  const window = { from_time: from, to_time: to, book }
  const before = { from_time: Math.max(0, from - (to - from)), to_time: from, book }
  const [lines, linesBefore, headlines, series] = await Promise.all([
    askView<KpiLine>(client, database, 'kpi_overview', window),
    askView<KpiLine>(client, database, 'kpi_overview', before),
    askView<HeadlineRow>(client, database, 'kpi_headline', window),
    readSeries(client, database, { ...window, from_time: Math.max(0, to - SPARKLINE_SECONDS) }),
  ])
  const [headline] = headlines
  if (!headline) throw new Error('BUG: kpi_headline answers exactly one row')
  return {
    database,
    databases,
    from: isoOf(from),
    to: isoOf(to),
    book,
    tiles: lines
      .map((line) =>
        tileOf(
          line,
          linesBefore.find(({ kpi }) => kpi === line.kpi),
          series.get(Number(line.kpi)) ?? [],
        ),
      )
      .toSorted((a, b) => a.kpi - b.kpi),
    figures: HEADLINE.map((figure) => figureOf(headline, figure)),
    calls: String(headline['calls']),
    pages: VIEW_PAGES.map(({ page }) => page),
  }
}
