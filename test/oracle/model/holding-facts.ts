/** Which fact holds: of those that start before the moment asked about the latest, of equal ones the one loaded last. */
import type { RevenueFact, TenantFact, TierFact, UserFact } from '@outlay/clickhouse'
import type { Facts, Loaded } from './oracle-ledger.ts'
import { DAY } from './windows.ts'

interface Dated {
  readonly valid_from: number
}

const isLater = (a: Loaded<Dated>, b: Loaded<Dated>): boolean =>
  a.valid_from === b.valid_from ? a.loaded_at > b.loaded_at : a.valid_from > b.valid_from

/** By key. The moment that is asked about is excluded, so a fact that starts at it does not hold yet. */
const holdingAt = <Fact extends Loaded<Dated>>(
  facts: readonly Fact[],
  asOf: number,
  keyOf: (fact: Fact) => string,
): ReadonlyMap<string, Fact> => {
  const holding = new Map<string, Fact>()
  for (const fact of facts) {
    if (fact.valid_from >= asOf) continue
    const key = keyOf(fact)
    const other = holding.get(key)
    if (other === undefined || isLater(fact, other)) holding.set(key, fact)
  }
  return holding
}

export const userKey = (tenant: string, user: string): string => `${tenant}\u0000${user}`

export const tenantFacts = ({ tenants }: Facts, asOf: number): ReadonlyMap<string, TenantFact> =>
  holdingAt(tenants, asOf, ({ tenant }) => tenant)

export const userFacts = ({ users }: Facts, asOf: number): ReadonlyMap<string, UserFact> =>
  holdingAt(users, asOf, ({ tenant, user }) => userKey(tenant, user))

export const tierFacts = ({ tiers }: Facts, asOf: number): ReadonlyMap<string, TierFact> =>
  holdingAt(tiers, asOf, ({ tier }) => tier)

export const engagementSignals = ({ engagement }: Facts, asOf: number): ReadonlyMap<string, string> =>
  new Map(
    [...holdingAt(engagement, asOf, ({ tenant, user }) => userKey(tenant, user))].map(([key, { signal }]) => [
      key,
      signal,
    ]),
  )

/** Revenue in US dollars of the month that starts at `monthFrom`, in femto-dollars by scope. Of one scope the fact loaded last holds. */
export const revenueOf = (
  { revenue }: Facts,
  kind: string,
  monthFrom: number,
): ReadonlyMap<string, RevenueFact['amount']> => {
  const holding = new Map<string, Loaded<RevenueFact>>()
  for (const fact of revenue) {
    if (fact.scope_kind !== kind || fact.month * DAY !== monthFrom || fact.currency !== 'USD') continue
    const other = holding.get(fact.scope)
    if (other === undefined || fact.loaded_at > other.loaded_at) holding.set(fact.scope, fact)
  }
  return new Map([...holding].map(([scope, { amount }]) => [scope, amount]))
}

/** An amount of a month for the part of it that has passed, rounded down. */
export const proRata = (amount: bigint, { from, to, end }: { from: number; to: number; end: number }): bigint => {
  const scaled = amount * BigInt(to - from)
  const month = BigInt(end - from)
  const down = scaled / month
  return scaled % month < 0n ? down - 1n : down
}
