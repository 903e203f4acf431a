/** What the KPI screen shows, read once from the views: the same rows for the terminal and for `--json`. */
import { type ClickHouseClient, type OverviewRow, queryKpi } from '@outlay/clickhouse'
import { type CurrencyLine, type CurrencyTotal, totalsByCurrency } from './spend-by-currency.ts'

/** One of the eight. Money is exact decimal text. */
export interface KpiRow extends Omit<OverviewRow, 'kpi'> {
  readonly kpi: number
}

export interface HeadlineRow {
  readonly spend_usd: string | null
  readonly month_usd: string
  readonly calls: string
  readonly unpriced_calls: string
  readonly priced_share: number | null
  readonly priced_share_band: string
  readonly unattributed_calls: string
  readonly unattributed_share: number | null
  readonly unattributed_share_band: string
  readonly ingest_lag_p99_s: number | null
  readonly ingest_lag_p99_s_band: string
  readonly budget_actions_today: string
}

export interface UnpricedRow {
  readonly provider: string
  readonly model: string
  readonly tier: string
  readonly meter: string
  readonly tokens: string
  readonly unpriced_calls: string
  readonly first_seen: string
  readonly last_seen: string
}

export interface KpiOverview {
  readonly database: string
  /** ISO 8601, UTC, half open [from, to). */
  readonly from: string
  readonly to: string
  readonly book: string
  readonly kpis: readonly KpiRow[]
  readonly headline: HeadlineRow
  readonly unpriced: readonly UnpricedRow[]
  /** The currency that `currencies` is converted to. */
  readonly currency: string
  /** Spend of the window per currency of the price sheets; the KPIs count dollars only. */
  readonly currencies: readonly CurrencyTotal[]
}

export interface OverviewWindow {
  readonly database: string
  /** Unix seconds. */
  readonly from: number
  readonly to: number
  readonly book: string
  /** ISO 4217; dollars where it is left out. */
  readonly currency?: string
}

const MS_PER_SECOND = 1_000

export const readKpiOverview = async (
  client: ClickHouseClient,
  { database, from, to, book, currency = 'USD' }: OverviewWindow,
): Promise<KpiOverview> => {
  const window = { from_time: from, to_time: to, book }
  const [kpis, headlines, unpriced, lines] = await Promise.all([
    queryKpi<OverviewRow>(client, database, 'kpi_overview', window),
    queryKpi<HeadlineRow>(client, database, 'kpi_headline', window),
    queryKpi<UnpricedRow>(client, database, 'kpi_coverage', window),
    queryKpi<CurrencyLine>(client, database, 'kpi_spend_by_currency', { ...window, currency }),
  ])
  const [headline] = headlines
  if (!headline) throw new Error('BUG: kpi_headline answers exactly one row')
  const iso = (seconds: number): string => new Date(seconds * MS_PER_SECOND).toISOString()
  return {
    database,
    from: iso(from),
    to: iso(to),
    book,
    kpis: kpis.map((row) => ({ ...row, kpi: Number(row.kpi) })).toSorted((a, b) => a.kpi - b.kpi),
    headline,
    unpriced,
    currency,
    currencies: totalsByCurrency(lines, currency),
  }
}
