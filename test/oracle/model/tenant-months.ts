/** Cost and revenue of tenants in a month, and the segment that their margin puts them in. */
import { proRata, revenueOf } from './holding-facts.ts'
import { cost9Of, isNothingPriced, mapFigure, ratioOf, sumOf, usdOf } from './money.ts'
import type { Facts, PricedCall } from './oracle-ledger.ts'
import { type Month, within } from './windows.ts'

export interface TenantMonth {
  readonly tenant: string
  readonly calls: readonly PricedCall[]
  /** Of the whole month, in femto-dollars; null without a fact. */
  readonly revenue: bigint | null
  readonly month: Month
}

const HEALTHY = 0.6
const POWER = 0.4

/** Every tenant with calls or revenue in the month. */
export const tenantMonths = (
  facts: Facts,
  calls: readonly PricedCall[],
  month: Month,
): ReadonlyMap<string, TenantMonth> => {
  const revenue = revenueOf(facts, 'tenant', month.from)
  const own = Map.groupBy(within(calls, month), ({ row }) => row.tenant)
  const names = new Set([...own.keys(), ...revenue.keys()])
  return new Map(
    [...names].map((tenant) => [
      tenant,
      { tenant, calls: own.get(tenant) ?? [], revenue: revenue.get(tenant) ?? null, month },
    ]),
  )
}

const revenueSoFar = (tenants: readonly TenantMonth[]): bigint | null => {
  const known = tenants.filter(({ revenue }) => revenue !== null)
  const month = known[0]?.month
  if (month === undefined) return null
  return sumOf(known, ({ revenue }) => proRata(revenue ?? 0n, month))
}

/** Revenue so far of some tenants, and the margin of those of them with revenue above 0. */
export const callsOfTenants = (
  tenants: readonly TenantMonth[],
): { readonly revenue: bigint | null; readonly grossMargin: number | null } => {
  const paying = tenants.filter(({ revenue }) => revenue !== null && revenue > 0n)
  const calls = paying.flatMap((tenant) => tenant.calls)
  const ratio = isNothingPriced(calls) ? null : ratioOf(usdOf(cost9Of(calls)), revenueSoFar(paying))
  return { revenue: revenueSoFar(tenants), grossMargin: mapFigure(ratio, (part) => 1 - part) }
}

/** By gross margin; unknown without revenue. */
export const segmentOf = (tenant: TenantMonth): string => {
  const margin = callsOfTenants([tenant]).grossMargin
  if (margin === null) return 'unknown'
  if (margin >= HEALTHY) return 'healthy'
  return margin >= POWER ? 'power' : 'runaway'
}
