/** KPI 8: what part of the revenue the model cost eats. */
import { proRata, revenueOf, userFacts, userKey } from '../model/holding-facts.ts'
import { cost9Of, costOrNull, coverageOf, isNothingPriced, mapFigure, ratioOf, sumOf, usdOf } from '../model/money.ts'
import type { Asked, OracleLedger, PricedCall } from '../model/oracle-ledger.ts'
import { segmentOf, tenantMonths } from '../model/tenant-months.ts'
import { verdictOf } from '../model/verdicts.ts'
import type { ViewOracle } from '../model/view-rows.ts'
import {
  admitsTenant,
  admitsTier,
  admitted,
  isoDay,
  isoDayOfDate,
  type Month,
  monthBefore,
  monthOf,
  monthsOf,
  windowOf,
  within,
} from '../model/windows.ts'

const MONTH_LENGTH = 7

/** A scope of revenue with its calls and what it paid in the month; null without a fact. */
interface Scope {
  readonly key: string
  readonly calls: readonly PricedCall[]
  readonly revenue: bigint | null
}

const admitsScope = (asked: Asked, kind: string, scope: string): boolean => {
  if (kind === 'tenant') return admitsTenant(asked, scope)
  if (kind === 'tier') return admitsTier(asked, scope)
  return kind !== 'feature' || asked.features.includes('*') || asked.features.includes(scope)
}

const scopeOf = (ledger: OracleLedger, kind: string, asOf: number): ((call: PricedCall) => string) => {
  const users = userFacts(ledger.facts, asOf)
  const scopes: Readonly<Record<string, (call: PricedCall) => string>> = {
    tenant: ({ row }) => row.tenant,
    tier: ({ row }) => row.tier,
    feature: ({ row }) => row.feature,
    product: ({ row }) => row.service,
    cohort: ({ row }) => {
      const fact = users.get(userKey(row.tenant, row.user))
      return fact === undefined ? '' : isoDayOfDate(fact.signup_month).slice(0, MONTH_LENGTH)
    },
  }
  return scopes[kind] ?? (() => '')
}

/** All scopes of a month with calls or revenue. */
const scopesOf = (ledger: OracleLedger, asked: Asked, month: Month, asOf: number): readonly Scope[] => {
  const kind = asked.by === 'all' || asked.by === 'segment' ? 'tenant' : asked.by
  const calls = admitted(ledger.calls(asked.book), asked)
  const own = Map.groupBy(within(calls, month), scopeOf(ledger, kind, asOf))
  const revenue = new Map(
    [...revenueOf(ledger.facts, kind, month.from)].filter(([scope]) => admitsScope(asked, kind, scope)),
  )
  const segments = tenantMonths(ledger.facts, calls, month)
  const keyOf = (scope: string): string => {
    if (asked.by === 'all') return 'all'
    const tenant = segments.get(scope)
    return asked.by === 'segment' ? (tenant === undefined ? 'unknown' : segmentOf(tenant)) : scope
  }
  return [...new Set([...own.keys(), ...revenue.keys()])].map((scope) => ({
    key: keyOf(scope),
    calls: own.get(scope) ?? [],
    revenue: revenue.get(scope) ?? null,
  }))
}

const figuresOf = (scopes: readonly Scope[], month: Month) => {
  const funded = scopes.filter(({ revenue }) => revenue !== null)
  const whole = funded.length === 0 ? null : sumOf(funded, ({ revenue }) => revenue ?? 0n)
  const soFar = funded.length === 0 ? null : sumOf(funded, ({ revenue }) => proRata(revenue ?? 0n, month))
  const calls = funded.filter(({ revenue }) => (revenue ?? 0n) > 0n).flatMap((scope) => scope.calls)
  const ratio = isNothingPriced(calls) ? null : ratioOf(usdOf(cost9Of(calls)), soFar)
  return { whole, soFar, ratio, grossMargin: mapFigure(ratio, (part) => 1 - part) }
}

export const costToRevenue: ViewOracle<'kpi_cost_to_revenue'> = (ledger, asked) => {
  const { as_of } = asked
  const month = monthOf(as_of)
  const last = monthBefore(as_of)
  const before = Map.groupBy(scopesOf(ledger, asked, last, as_of), ({ key }) => key)
  return [...Map.groupBy(scopesOf(ledger, asked, month, as_of), ({ key }) => key)].map(([key, scopes]) => {
    const calls = scopes.flatMap((scope) => scope.calls)
    const { whole, soFar, ratio, grossMargin } = figuresOf(scopes, month)
    const earlier = figuresOf(before.get(key) ?? [], last).ratio
    return {
      key,
      cost_usd: costOrNull(calls),
      revenue_usd: soFar,
      revenue_month_usd: whole,
      ratio,
      band: verdictOf(ratio, 'cost_to_revenue'),
      gross_margin: grossMargin,
      trend: ratio === null || earlier === null ? null : ratio - earlier,
      unfunded_scopes: scopes.filter((scope) => scope.revenue === null && scope.calls.length > 0).length,
      ...coverageOf(calls),
    }
  })
}

export const costToRevenueSeries: ViewOracle<'kpi_cost_to_revenue_series'> = (ledger, asked) =>
  monthsOf(windowOf(asked)).flatMap((month) =>
    [...Map.groupBy(scopesOf(ledger, asked, month, asked.to_time), ({ key }) => key)].map(([key, scopes]) => {
      const calls = scopes.flatMap((scope) => scope.calls)
      const { soFar, ratio, grossMargin } = figuresOf(scopes, month)
      return {
        month: isoDay(month.from),
        key,
        cost_usd: costOrNull(calls),
        revenue_usd: soFar,
        ratio,
        gross_margin: grossMargin,
        ...coverageOf(calls),
      }
    }),
  )
