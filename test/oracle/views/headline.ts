/** Beside the eight: the state of the ledger, and which values its dimensions have. */
import { tenantFacts } from '../model/holding-facts.ts'
import { rowsBy } from '../model/groups.ts'
import { callsIn, cost9Of, costOrNull, countOf, coverageOf, percentileOf, ratioOf, usdOf } from '../model/money.ts'
import type { PricedCall } from '../model/oracle-ledger.ts'
import { verdictOf } from '../model/verdicts.ts'
import type { ViewOracle } from '../model/view-rows.ts'
import { dayOf, monthOf, windowOf, within } from '../model/windows.ts'
import { refusedIn } from './attribution.ts'

const NANOS_PER_MS = 1_000_000n
const MS_PER_SECOND = 1_000
const GUARDED = new Set(['denied', 'degraded', 'metered'])
const VALUES_MAX = 500

export const headline: ViewOracle<'kpi_headline'> = (ledger, asked) => {
  const window = windowOf(asked)
  const all = ledger.calls(asked.book)
  const calls = within(all, window)
  const refused = callsIn(refusedIn(ledger, asked.book, window))
  const lags = ledger.charges.flatMap(({ posted_at, received_at }) => {
    const postedAtMs = Number(posted_at)
    const isInside = window.from * MS_PER_SECOND <= postedAtMs && postedAtMs < window.to * MS_PER_SECOND
    return isInside ? [Number(posted_at - received_at / NANOS_PER_MS) / MS_PER_SECOND] : []
  })
  const coverage = coverageOf(calls)
  const refusedShare = ratioOf(refused, refused + callsIn(calls))
  const lag = percentileOf(lags, 0.99)
  const today = within(all, { from: dayOf(asked.to_time - 1), to: asked.to_time })
  return [
    {
      spend_usd: costOrNull(calls),
      month_usd: usdOf(cost9Of(within(all, monthOf(asked.to_time)))),
      calls: callsIn(calls),
      ...coverage,
      priced_share_band: verdictOf(coverage.priced_share, 'priced'),
      unattributed_calls: refused,
      unattributed_share: refusedShare,
      unattributed_share_band: verdictOf(refusedShare, 'unattributed'),
      ingest_lag_p99_s: lag,
      ingest_lag_p99_s_band: verdictOf(lag, 'lag_s'),
      budget_actions_today: countOf(today, ({ row, counts }) => (GUARDED.has(row.overage_action) ? counts : 0)),
    },
  ]
}

const DIMENSIONS: Readonly<Record<string, (call: PricedCall) => string>> = {
  tenant: ({ row }) => row.tenant,
  feature: ({ row }) => row.feature,
  tier: ({ row }) => row.tier,
  workload: ({ row }) => row.workload,
  model: ({ row }) => row.price_model,
  environment: ({ row }) => row.environment,
}

export const dimValues: ViewOracle<'dim_values'> = (ledger, asked) => {
  const names = tenantFacts(ledger.facts, asked.to_time)
  const groups = rowsBy(within(ledger.calls(asked.book), windowOf(asked)), DIMENSIONS[asked.dimension] ?? (() => ''))
  const values = [...groups].map(([value, own]) => ({ value, cost: cost9Of(own), calls: callsIn(own) }))
  const sorted = values.toSorted((a, b) => {
    if (a.cost !== b.cost) return a.cost < b.cost ? 1 : -1
    return b.calls - a.calls || (a.value < b.value ? -1 : 1)
  })
  return sorted.slice(0, VALUES_MAX).map(({ value }) => {
    const name = asked.dimension === 'tenant' ? (names.get(value)?.name ?? '') : ''
    return { value, label: name === '' ? value : name }
  })
}
