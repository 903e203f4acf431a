/** KPI 3: what a tenant costs this month, and whether its contract carries that. */
import type { TenantFact } from '@outlay/clickhouse'
import { callsOfTenants, segmentOf, type TenantMonth, tenantMonths } from '../model/tenant-months.ts'
import {
  callsIn,
  cost9Of,
  costOrNull,
  countOf,
  coverageOf,
  dearest,
  dearestPart,
  isNothingPriced,
  mapFigure,
  ratioOf,
  sumOf,
  usdOf,
} from '../model/money.ts'
import { rowsBy } from '../model/groups.ts'
import { tenantFacts } from '../model/holding-facts.ts'
import type { PricedCall } from '../model/oracle-ledger.ts'
import { sharedCalls, userCostsOf } from '../model/user-costs.ts'
import { verdictOf } from '../model/verdicts.ts'
import type { ViewOracle, ViewRow } from '../model/view-rows.ts'
import { admitted, bucketOf, daysBefore, isoDayOfDate, monthOf, windowOf, within } from '../model/windows.ts'

type Row = ViewRow<'kpi_tenant_cost'>
const TOP_TENANTS = 20
const POOL_FILLED = 0.7
const POOL_STEP = 100_000
const YEAR_DAYS = 365
const WINDOW_DAYS = 30

/** A tenant with its calls of the month so far and of the 30 days before. */
interface TenantCalls {
  readonly tenant: string
  readonly fact: TenantFact | undefined
  readonly month: readonly PricedCall[]
  readonly days: readonly PricedCall[]
  readonly margin: TenantMonth
}

const costToArr = (tenants: readonly TenantCalls[]): number | null => {
  const withArr = tenants.filter(({ fact }) => (fact?.arr_usd ?? 0n) > 0n)
  const days = withArr.flatMap((tenant) => tenant.days)
  const arr = sumOf(withArr, ({ fact }) => fact?.arr_usd ?? 0n)
  if (isNothingPriced(days)) return null
  return mapFigure(ratioOf(usdOf(cost9Of(days)), arr), (ratio) => (ratio * YEAR_DAYS) / WINDOW_DAYS)
}

const effectiveOf = (tenants: readonly TenantCalls[]): number =>
  countOf(
    tenants.flatMap(({ days }) => days),
    ({ effective }) => effective,
  )

const withPool = (tenants: readonly TenantCalls[]): readonly TenantCalls[] =>
  tenants.filter(({ fact }) => fact?.pool_tokens != null)

const recommendedPool = (tenants: readonly TenantCalls[]): number | null =>
  tenants.length === 0 ? null : Math.ceil(effectiveOf(tenants) / POOL_FILLED / POOL_STEP) * POOL_STEP

const recommendationOf = (arr: number | null, pool: number | null): string => {
  if (arr !== null && arr > 0.2) return 'renegotiate at renewal'
  if (pool !== null && pool > 0.9) return 'upgrade candidate'
  if (arr !== null && arr > 0.12) return 'funding off margin'
  return pool !== null && pool < 0.3 ? 'right-size candidate' : ''
}

const sumOrNull = (values: readonly (bigint | null | undefined)[]): bigint | null => {
  const known = values.filter((value) => value != null)
  return known.length === 0 ? null : sumOf(known, (value) => value)
}

/** What belongs to single users, with what they share. */
const directOf = (tenants: readonly TenantCalls[], facts: ReadonlyMap<string, TenantFact>): bigint =>
  sumOf(
    tenants.flatMap(({ month }) => [
      ...month.filter(({ row }) => row.subject !== 'account' || row.user !== ''),
      ...sharedCalls(month, facts).filter(({ row }) => row.subject === 'account'),
    ]),
    ({ cost9 }) => cost9,
  )

const topUserShare = (month: readonly PricedCall[], facts: ReadonlyMap<string, TenantFact>): number | null => {
  // Only what is account-level by its subject is shared here; a call of a user who is not named is nobody's.
  const shareable = month.filter(({ row }) => row.user !== '' || row.subject === 'account')
  const costs = userCostsOf(shareable, facts).map(({ cost9 }) => cost9)
  return isNothingPriced(month) || costs.length === 0 ? null : ratioOf(dearestPart(costs, 5), cost9Of(month))
}

const tenantOnly = (tenant: TenantCalls, facts: ReadonlyMap<string, TenantFact>, row: Row): Row => {
  const { fact, month } = tenant
  const share = topUserShare(month, facts)
  return {
    ...row,
    tier: fact?.tier ?? '',
    top_user_share: share,
    top_user_share_band: verdictOf(share, 'top_user'),
    renewal_date: mapFigure(fact?.renewal_date ?? null, isoDayOfDate),
    recommendation: recommendationOf(row.cost_to_arr as number | null, row.pool_utilization as number | null),
  }
}

interface Group {
  readonly key: string
  readonly tenants: readonly TenantCalls[]
}

const rowOf = (
  { key, tenants }: Group,
  all: readonly PricedCall[],
  { facts, by }: { readonly facts: ReadonlyMap<string, TenantFact>; readonly by: string },
): Row => {
  const month = tenants.flatMap((tenant) => tenant.month)
  const direct = directOf(tenants, facts)
  const pools = withPool(tenants)
  const pool = ratioOf(
    effectiveOf(pools),
    sumOf(pools, ({ fact }) => fact?.pool_tokens ?? 0n),
  )
  const arr = costToArr(tenants)
  const top20 = dearest(
    tenants.map((tenant) => cost9Of(tenant.month)),
    TOP_TENANTS,
  )
  const margin = callsOfTenants(tenants.map((tenant) => tenant.margin))
  const row: Row = {
    tenant: key,
    tenants: tenants.filter((tenant) => callsIn(tenant.month) > 0).length,
    tier: '',
    seats: countOf(tenants, ({ fact }) => fact?.seats ?? 0),
    arr_usd: sumOrNull(tenants.map(({ fact }) => fact?.arr_usd)),
    month_usd: costOrNull(month),
    direct_usd: usdOf(direct),
    shared_usd: usdOf(cost9Of(month) - direct),
    share: isNothingPriced(month) ? null : ratioOf(cost9Of(month), cost9Of(all)),
    top20_share: isNothingPriced(month) ? null : ratioOf(top20, cost9Of(month)),
    pool_utilization: pool,
    pool_utilization_band: verdictOf(pool, 'pool'),
    top_user_share: null,
    top_user_share_band: 'none',
    cost_to_arr: arr,
    cost_to_arr_band: verdictOf(arr, 'cost_to_arr'),
    revenue_usd: margin.revenue,
    gross_margin: margin.grossMargin,
    segment: by === 'all' ? '' : tenants[0] === undefined ? '' : segmentOf(tenants[0].margin),
    runaway_tenants: tenants.filter((tenant) => segmentOf(tenant.margin) === 'runaway').length,
    renewal_date: null,
    recommended_pool: recommendedPool(pools),
    recommendation: '',
    ...coverageOf(month),
  }
  const [only] = tenants
  return by === 'tenant' && only !== undefined ? tenantOnly(only, facts, row) : row
}

export const tenantCost: ViewOracle<'kpi_tenant_cost'> = (ledger, asked) => {
  const { as_of } = asked
  const month = monthOf(as_of)
  const facts = tenantFacts(ledger.facts, as_of)
  const calls = admitted(ledger.calls(asked.book), asked)
  const margins = tenantMonths(ledger.facts, calls, month)
  const days = Map.groupBy(within(calls, daysBefore(as_of, WINDOW_DAYS)), ({ row }) => row.tenant)
  const ofMonth = Map.groupBy(within(calls, month), ({ row }) => row.tenant)
  const seen = new Set([...days.keys(), ...ofMonth.keys()])
  const tenants = [...seen].map((tenant): TenantCalls => {
    const own = ofMonth.get(tenant) ?? []
    const margin = margins.get(tenant) ?? { tenant, calls: own, revenue: null, month }
    return { tenant, fact: facts.get(tenant), month: own, days: days.get(tenant) ?? [], margin }
  })
  const groups = Map.groupBy(tenants, (tenant) =>
    asked.by === 'tenant' ? tenant.tenant : asked.by === 'segment' ? segmentOf(tenant.margin) : 'all',
  )
  const all = within(calls, month)
  return [...groups].map(([key, ofKey]) => rowOf({ key, tenants: ofKey }, all, { facts, by: asked.by }))
}

export const tenantSeries: ViewOracle<'kpi_tenant_series'> = (ledger, asked) => {
  const calls = within(admitted(ledger.calls(asked.book), asked), windowOf(asked))
  const buckets = rowsBy(calls, ({ slot, row }) => JSON.stringify([bucketOf(slot, asked.step), row.tenant]))
  return [...buckets].map(([key, own]) => {
    const [time, tenant] = JSON.parse(key) as [number, string]
    return {
      time,
      tenant,
      calls: callsIn(own),
      cost_usd: costOrNull(own),
      effective_tokens: countOf(own, ({ effective }) => effective),
      ...coverageOf(own),
    }
  })
}
