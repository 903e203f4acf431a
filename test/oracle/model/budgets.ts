/** Subjects of budgets: users or workspaces with what they used in a month, their caps and their budget in money. */
import type { TenantFact, TierFact, UserFact } from '@outlay/clickhouse'
import { groupsOf, latestTierOf, rowsBy, userOf } from './groups.ts'
import { tenantFacts, tierFacts, userFacts, userKey } from './holding-facts.ts'
import { countOf, ratioOf } from './money.ts'
import type { OracleLedger, PricedCall } from './oracle-ledger.ts'
import { isoDay, type Month, within } from './windows.ts'

const USD = 10n ** 15n

export interface Subject {
  readonly subject: string
  readonly tenant: string
  readonly tier: TierFact
  readonly calls: readonly PricedCall[]
  readonly used: number
  readonly softCap: number | null
  readonly hardCap: number | null
  readonly projected: number
  /** Effective tokens per second of the month so far. */
  readonly pace: number
  readonly budgetUsd: bigint | null
}

/** Whose budget a call counts against; undefined where its tier is unknown or wants a user and there is none. */
export const subjectOf = (call: PricedCall, tiers: ReadonlyMap<string, TierFact>): string | undefined => {
  const scope = tiers.get(call.row.tier)?.scope
  if (scope === 'workspace') return call.row.tenant
  return scope === 'user' && call.row.user !== '' ? userOf(call) : undefined
}

const hardCapOf = (tier: TierFact, tenant: TenantFact | undefined): number | null => {
  if (tier.cap_basis === 'pool') return tenant?.pool_tokens == null ? null : Number(tenant.pool_tokens)
  if (tier.hard_cap_tokens === null) return null
  if (tier.cap_basis === 'absolute') return Number(tier.hard_cap_tokens)
  return tenant === undefined || tenant.seats === 0 ? null : Number(tier.hard_cap_tokens) * tenant.seats
}

const softCapOf = (tier: TierFact, hardCap: number | null): number | null => {
  if (tier.soft_cap_tokens !== null) return Number(tier.soft_cap_tokens)
  return hardCap === null ? null : hardCap * tier.soft_cap_share
}

/** The most per month, or what the seat price leaves at the target margin. */
const budgetOf = (tier: TierFact, user: UserFact | undefined): bigint | null => {
  if (tier.max_cost_usd !== null) return tier.max_cost_usd
  if (tier.target_margin === null || user?.seat_price_usd == null) return null
  return (user.seat_price_usd * BigInt(Math.round((1 - tier.target_margin) * Number(USD)))) / USD
}

/**
 * All calls of each user with a user-scoped tier, and of each workspace those of its users, and of nobody, whose tier is
 * scoped to the workspace. What counts is the tier of the latest call of the user.
 */
const ownersOf = (
  calls: readonly PricedCall[],
  tiers: ReadonlyMap<string, TierFact>,
): readonly (readonly PricedCall[])[] => {
  const scopeOf = (own: readonly PricedCall[]): string | undefined => tiers.get(latestTierOf(own))?.scope
  const members = [...rowsBy(calls, userOf).values()]
  const users = members.filter((own) => scopeOf(own) === 'user' && own[0]?.row.user !== '')
  const workspaces = members.filter((own) => scopeOf(own) === 'workspace').flat()
  return [...groupsOf(users.flat(), userOf).values(), ...groupsOf(workspaces, ({ row }) => row.tenant).values()]
}

/** The subjects of a month so far. After a change of tier the whole month counts against the new one. */
export const subjectsOf = (
  ledger: OracleLedger,
  calls: readonly PricedCall[],
  month: Month,
  asOf = month.to,
): readonly Subject[] => {
  const tiers = tierFacts(ledger.facts, asOf)
  const tenants = tenantFacts(ledger.facts, asOf)
  const users = userFacts(ledger.facts, asOf)
  return ownersOf(within(calls, month), tiers).flatMap((ofSubject) => {
    const tier = tiers.get(latestTierOf(ofSubject))
    const first = ofSubject[0]?.row
    if (tier === undefined || first === undefined) return []
    const isUser = tier.scope === 'user'
    const used = countOf(ofSubject, ({ effective }) => effective)
    const hardCap = hardCapOf(tier, tenants.get(first.tenant))
    return {
      subject: isUser ? first.user : first.tenant,
      tenant: first.tenant,
      tier,
      calls: ofSubject,
      used,
      softCap: softCapOf(tier, hardCap),
      hardCap,
      projected: used / month.passed,
      pace: used / (month.to - month.from),
      budgetUsd: budgetOf(tier, isUser ? users.get(userKey(first.tenant, first.user)) : undefined),
    }
  })
}

/** UTC day on which the pace of the month so far reaches the hard cap, if that is in the month. */
export const capDateOf = ({ hardCap, pace }: Subject, { from, end }: Month): string | null => {
  const seconds = ratioOf(hardCap, pace)
  return seconds === null || from + seconds >= end ? null : isoDay(from + seconds)
}
