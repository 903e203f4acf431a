/** The KPI screen for a terminal: eight lines, their verdicts, and what is not priced or not attributed. */
import { displayUsd, parseUsd } from '@outlay/core'
import Table from 'cli-table3'
import { createColors } from 'picocolors'
import type { HeadlineRow, KpiOverview, KpiRow, UnpricedRow } from './kpi-overview.ts'

type Colors = ReturnType<typeof createColors>

const NO_VALUE = '–'
const PERCENT = 100
const UNPRICED_LINES_MAX = 5

const displayRatio = (ratio: number | null): string => (ratio === null ? NO_VALUE : `${(ratio * PERCENT).toFixed(1)} %`)

const displayHeadline = ({ unit, headline, headline_usd }: KpiRow): string => {
  if (unit === 'ratio') return displayRatio(headline)
  return headline_usd === null ? 'no price' : displayUsd(parseUsd(headline_usd))
}

/** Never colour alone: the word stands beside it. */
const verdictOf = (band: string, colors: Colors): string => {
  const paint: Record<string, (text: string) => string> = {
    ok: (text) => colors.green(`● ${text}`),
    watch: (text) => colors.yellow(`◐ ${text}`),
    warn: (text) => colors.yellow(`▲ ${text}`),
    act: (text) => colors.red(`■ ${text}`),
    low: (text) => colors.blue(`▽ ${text}`),
  }
  return paint[band]?.(band) ?? colors.dim('· no band')
}

const coverageOf = ({ priced_share, unpriced_calls }: KpiRow, colors: Colors): string => {
  if (priced_share === null) return colors.dim(NO_VALUE)
  if (Number(unpriced_calls) === 0) return colors.dim('all priced')
  return colors.yellow(`${displayRatio(priced_share)}, ${unpriced_calls} charges not priced`)
}

const summaryLines = (headline: HeadlineRow): readonly string[] => {
  const { spend_usd, month_usd, calls, unpriced_calls, priced_share, unattributed_calls, unattributed_share } = headline
  const spend = spend_usd === null ? 'no price' : displayUsd(parseUsd(spend_usd))
  const unpriced = Number(unpriced_calls) === 0 ? '' : ` + ${unpriced_calls} charges not priced`
  const lag = headline.ingest_lag_p99_s === null ? NO_VALUE : `${headline.ingest_lag_p99_s.toFixed(1)} s`
  return [
    `Spend ${spend}${unpriced} over ${calls} calls · month to date ${displayUsd(parseUsd(month_usd))}`,
    `Coverage: ${displayRatio(priced_share)} of charges priced · unattributed ${displayRatio(unattributed_share)} (${unattributed_calls} calls in quarantine)`,
    `Receipt to ledger, p99: ${lag} · budget actions today: ${headline.budget_actions_today}`,
  ]
}

/** Said only where there is more to say than the dollars above. */
const currencyLines = ({ currency, currencies }: KpiOverview): readonly string[] => {
  if (currency === 'USD' && currencies.every((total) => total.currency === 'USD')) return []
  const amountOf = (code: string, amount: string): string => displayUsd(parseUsd(amount)).replace('$', `${code} `)
  return currencies.map(({ currency: code, amount, converted, unpriced_calls, rates }) => {
    const inOther =
      code === currency ? '' : converted === null ? ` · no rate to ${currency}` : ` = ${amountOf(currency, converted)}`
    const by = rates.length === 0 ? '' : ` at ${rates.join(', ')}`
    const unpriced = unpriced_calls === 0 ? '' : ` + ${unpriced_calls} charges not priced`
    return `Spend on ${code} sheets: ${amountOf(code, amount)}${unpriced}${inOther}${by}`
  })
}

const unpricedLines = (rows: readonly UnpricedRow[]): readonly string[] => {
  const shown = rows
    .slice(0, UNPRICED_LINES_MAX)
    .map(
      ({ provider, model, meter, tokens, unpriced_calls, last_seen }) =>
        `  ${provider || '(no provider)'} / ${model || '(no model)'} · ${meter}: ${tokens} units in ${unpriced_calls} charges, last seen ${last_seen} UTC`,
    )
  const more = rows.length - shown.length
  return more > 0 ? [...shown, `  … and ${more} more: outlay kpi coverage`] : shown
}

export const renderOverview = (overview: KpiOverview, { color }: { readonly color: boolean }): string => {
  const colors = createColors(color)
  const table = new Table({
    head: ['', 'KPI', 'figure', 'verdict', 'what it is', 'coverage'],
    style: { head: color ? ['bold'] : [], border: color ? ['gray'] : [] },
    colAligns: ['right', 'left', 'right', 'left', 'left', 'left'],
    colWidths: [null, null, null, null, 44, 20],
    wordWrap: true,
  })
  for (const row of overview.kpis) {
    table.push([
      String(row.kpi),
      row.title,
      colors.bold(displayHeadline(row)),
      verdictOf(row.band, colors),
      `${row.meaning}${row.band === 'none' ? '' : colors.dim(` (verdict: ${row.band_of})`)}`,
      coverageOf(row, colors),
    ])
  }
  const period = `${overview.from.slice(0, 16).replace('T', ' ')} to ${overview.to.slice(0, 16).replace('T', ' ')} UTC`
  return [
    colors.bold(`Outlay · ${overview.database} · ${period} · price book ${overview.book}`),
    table.toString(),
    ...summaryLines(overview.headline),
    ...currencyLines(overview),
    ...(overview.unpriced.length > 0 ? [colors.yellow('Not priced:'), ...unpricedLines(overview.unpriced)] : []),
    '',
  ].join('\n')
}
