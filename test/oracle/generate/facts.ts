/** Facts of a generated ledger: with gaps, later versions, ones that start too late, and amounts that are zero. */
import { DEFAULT_TIERS } from '@outlay/clickhouse'
import type { Random } from '../../../packages/cli/src/demo/random.ts'
import type { Facts, Loaded } from '../model/oracle-ledger.ts'
import type { World } from './world.ts'

const DAY = 86_400
const USD = 10n ** 15n
const MONTHS_BACK = 4

/** Times of loading count up, so that of two facts of one start the later one is known. */
const createLoader = () => {
  let loadedAt = BigInt(Date.UTC(2026, 0, 1))
  return <Fact>(fact: Fact): Loaded<Fact> => {
    loadedAt += 1n
    return { ...fact, loaded_at: loadedAt }
  }
}
type Load = ReturnType<typeof createLoader>

/** When versions of a fact start: at the beginning, some time ago, at the very moment asked about, or after it. */
const startsOf = ({ random, asOf }: World): readonly number[] => {
  const later = random.pick([asOf - random.between(1, 60) * DAY, asOf, asOf + DAY])
  return random.pick([[0], [0], [0, later], [0, later], [0, 0], [later]])
}

const dollars = (random: Random, max: number): bigint => (BigInt(random.between(1, max * 100)) * USD) / 100n
const optional = <Value>(random: Random, value: Value): Value | null => (random.chance(0.75) ? value : null)

const tenantFactsOf = (world: World, load: Load): Facts['tenants'] => {
  const { random, asOf } = world
  return world.tenants
    .filter(() => random.chance(0.85))
    .flatMap((tenant) =>
      startsOf(world).map((valid_from) =>
        load({
          tenant,
          name: random.pick(['', `Name of ${tenant}`]),
          tier: random.pick(['free', 'pro', 'team', 'enterprise']),
          seats: random.between(0, 30),
          pool_tokens: optional(random, BigInt(random.between(1, 900_000))),
          arr_usd: optional(random, random.chance(0.1) ? 0n : dollars(random, 40)),
          renewal_date: optional(random, Math.floor(asOf / DAY) + random.pick([-60, -59, -45, -31, -30, -29, 20, 90])),
          admin_contact: '',
          shared_cost_policy: random.pick(['account', 'even_split', 'even_split']),
          valid_from,
        }),
      ),
    )
}

const monthsSinceEpoch = (days: number): number => {
  const date = new Date(days * DAY * 1_000)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}
const monthStart = (months: number): number => Date.UTC(Math.floor(months / 12), months % 12, 1) / (DAY * 1_000)

const userFactsOf = (world: World, load: Load): Facts['users'] => {
  const { random, asOf } = world
  const thisMonth = monthsSinceEpoch(Math.floor(asOf / DAY))
  return world.members
    .filter(({ user }) => user !== '' && random.chance(0.8))
    .flatMap(({ tenant, user }) =>
      startsOf(world).map((valid_from) =>
        load({
          user,
          tenant,
          tier: random.pick(['free', 'pro', 'team']),
          signup_month: monthStart(thisMonth - random.pick([0, 1, 2, 12, 13, 14])),
          seat_price_usd: optional(random, dollars(random, 5)),
          valid_from,
        }),
      ),
    )
}

/** The packaged tiers, and for some worlds other caps or a budget in money from some time on. */
const tierFactsOf = (world: World, load: Load): Facts['tiers'] => {
  const { random } = world
  const packaged = DEFAULT_TIERS.map(load)
  const changed = DEFAULT_TIERS.filter(() => random.chance(0.4)).flatMap((tier) =>
    startsOf(world).map((valid_from) =>
      load({
        ...tier,
        hard_cap_tokens: tier.hard_cap_tokens === null ? null : tier.hard_cap_tokens / BigInt(random.between(1, 20)),
        soft_cap_tokens: tier.soft_cap_tokens === null ? null : tier.soft_cap_tokens / 20n,
        ...random.pick([
          { max_cost_usd: dollars(random, 3), target_margin: null },
          { max_cost_usd: null, target_margin: tier.scope === 'user' ? 0.8 : null },
          { max_cost_usd: null, target_margin: null },
        ]),
        valid_from,
      }),
    ),
  )
  return [...packaged, ...changed]
}

const revenueOf = (world: World, load: Load): Facts['revenue'] => {
  const { random, asOf } = world
  const thisMonth = monthsSinceEpoch(Math.floor((asOf - 1) / DAY))
  const scopes = [
    // A tenant that pays and makes no call is a scope as well.
    ...[...world.tenants, 'idle'].map((scope) => ['tenant', scope] as const),
    ...world.features.map((scope) => ['feature', scope] as const),
    ...['free', 'pro', 'team'].map((scope) => ['tier', scope] as const),
    ...['api', 'worker'].map((scope) => ['product', scope] as const),
    ...['2026-08', '2026-09', '2025-09'].map((scope) => ['cohort', scope] as const),
  ]
  return Array.from({ length: MONTHS_BACK }, (_, back) => monthStart(thisMonth - back)).flatMap((month) =>
    scopes
      .filter(() => random.chance(0.6))
      .flatMap(([scope_kind, scope]) => {
        const fact = (amount: bigint, currency = 'USD') => load({ month, scope_kind, scope, amount, currency })
        const amount = random.chance(0.1) ? 0n : dollars(random, 5)
        return random.pick([
          [fact(amount)],
          [fact(amount)],
          [fact(USD), fact(amount)],
          [fact(amount), fact(7n * USD, 'EUR')],
          [fact(amount, 'EUR')],
        ])
      }),
  )
}

const planEventsOf = (world: World, load: Load): Facts['planEvents'] => {
  const { random, asOf } = world
  // Seconds that no call has, so that before and after do not hang on a slot.
  const at = (): number => asOf - random.between(0, 75) * DAY - 777
  return world.members.flatMap(({ tenant, user }) =>
    Array.from({ length: random.pick([0, 0, 1, 3]) }, () =>
      load({
        tenant,
        user,
        kind: random.pick(['upgrade', 'upgrade', 'expansion', 'downgrade', 'renewal']),
        from_tier: 'free',
        to_tier: 'pro',
        at: at(),
      }),
    ),
  )
}

const engagementOf = (world: World, load: Load): Facts['engagement'] => {
  const { random } = world
  return world.members
    .filter(({ user }) => user !== '' && random.chance(0.5))
    .flatMap(({ tenant, user }) =>
      startsOf(world).map((valid_from) =>
        load({ tenant, user, signal: random.pick(['retained', 'growing', 'at_risk']), score: null, valid_from }),
      ),
    )
}

export const generateFacts = (world: World): Facts => {
  const load = createLoader()
  return {
    tenants: tenantFactsOf(world, load),
    users: userFactsOf(world, load),
    tiers: tierFactsOf(world, load),
    revenue: revenueOf(world, load),
    planEvents: planEventsOf(world, load),
    engagement: engagementOf(world, load),
  }
}
