/** What users cost, with their part of what a tenant shares. */
import { isComplete, ofAccounts, ofUsers, userOf, groupsOf } from './groups.ts'
import type { TenantFact } from '@outlay/clickhouse'
import { cost9Of } from './money.ts'
import type { PricedCall } from './oracle-ledger.ts'

export interface UserCost {
  readonly tenant: string
  readonly user: string
  readonly own: readonly PricedCall[]
  /** Own cost and part of what is shared, in ninths. */
  readonly cost9: bigint
  /** Neither an own nor a shared call is unpriced. */
  readonly complete: boolean
}

const splitsEvenly = (fact: TenantFact | undefined): boolean => fact?.shared_cost_policy === 'even_split'

/** Equal ninths for each, the remainder one each to the first in order of their hash. */
const withShares = (users: readonly UserCost[], shared: readonly PricedCall[]): readonly UserCost[] => {
  const total = cost9Of(shared)
  const each = total / BigInt(users.length)
  const remainder = Number(total % BigInt(users.length))
  const byHash = users.toSorted((a, b) => (a.user < b.user ? -1 : 1))
  return byHash.map((user, place) => ({
    ...user,
    cost9: user.cost9 + each + (place < remainder ? 1n : 0n),
    complete: user.complete && isComplete(shared),
  }))
}

/** Every user with calls, under the policies of their tenants. */
export const userCostsOf = (
  calls: readonly PricedCall[],
  tenants: ReadonlyMap<string, TenantFact>,
): readonly UserCost[] => {
  const users = [...groupsOf(ofUsers(calls), userOf).values()].map((own): UserCost => {
    const { tenant = '', user = '' } = own[0]?.row ?? {}
    return { tenant, user, own, cost9: cost9Of(own), complete: isComplete(own) }
  })
  const accounts = Map.groupBy(ofAccounts(calls), ({ row }) => row.tenant)
  return [...Map.groupBy(users, ({ tenant }) => tenant)].flatMap(([tenant, ofTenant]) =>
    splitsEvenly(tenants.get(tenant)) ? withShares(ofTenant, accounts.get(tenant) ?? []) : ofTenant,
  )
}

/** Account-level calls that users carry: those of tenants that share evenly and have an active user. */
export const sharedCalls = (
  calls: readonly PricedCall[],
  tenants: ReadonlyMap<string, TenantFact>,
): readonly PricedCall[] => {
  const active = new Set(groupsOf(ofUsers(calls), ({ row }) => row.tenant).keys())
  return ofAccounts(calls).filter(({ row }) => active.has(row.tenant) && splitsEvenly(tenants.get(row.tenant)))
}
