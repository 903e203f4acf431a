/** Who makes the calls of a generated ledger: tenants, users with their tiers over time, and when. */
import { createRandom, type Random } from '../../../packages/cli/src/demo/random.ts'

const DAY = 86_400
const SLOT = 1_800
const HISTORY_DAYS = 100
const FIRST_AS_OF = Date.UTC(2026, 5, 15) / 1_000
const LAST_AS_OF = Date.UTC(2026, 10, 18) / 1_000

export interface Member {
  readonly tenant: string
  /** Empty: nobody in particular. */
  readonly user: string
  readonly tierAt: (seconds: number) => string
}

export interface World {
  readonly seed: string
  readonly random: Random
  /** Unix seconds. */
  readonly asOf: number
  readonly tenants: readonly string[]
  readonly members: readonly Member[]
  readonly features: readonly string[]
  /** How often a call has no price. */
  readonly unpriced: number
}

/** Moments that a boundary can get wrong: months, days, hours, slots, and none of them. */
const asOfOf = (random: Random): number => {
  const any = random.between(FIRST_AS_OF, LAST_AS_OF)
  const date = new Date(any * 1_000)
  const monthStart = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / 1_000
  const width = random.pick([DAY, 3_600, SLOT])
  return random.pick([monthStart, monthStart + DAY, any - (any % width), any - (any % width), any - (any % width), any])
}

/** A tier, that changes once for some. */
const tierOf = (random: Random, asOf: number): Member['tierAt'] => {
  const tiers = ['free', 'pro', 'pro', 'team', 'enterprise', 'legacy', '']
  const before = random.pick(tiers.slice(0, 5))
  const after = random.pick(tiers)
  const at = asOf - random.between(1, 40) * DAY - random.between(0, 47) * SLOT
  return random.chance(0.25) ? (seconds) => (seconds < at ? before : after) : () => before
}

const hashOf = (random: Random): string =>
  `h_${random
    .between(0, 2 ** 40)
    .toString(16)
    .padStart(10, '0')}`

export const createWorld = (seed: string): World => {
  const random = createRandom('oracle', seed)
  const asOf = asOfOf(random)
  // A contract is signed with acme. Names with quotes and spaces are names.
  const names = ['acme', "o'brien", 'globex', 'initech', 'hooli corp', 'umbrella', 'stark', 'wayne']
  const tenants = names.slice(0, random.pick([1, 3, 5, 8]))
  const members = tenants.flatMap((tenant) => {
    const users = Array.from({ length: random.pick([0, 1, 2, 3, 6]) }, () => hashOf(random))
    return ['', ...users].map((user): Member => ({ tenant, user, tierAt: tierOf(random, asOf) }))
  })
  // One hash in two tenants is two users.
  const first = members.find(({ user }) => user !== '')
  const twin = first && tenants.length > 1 ? [{ ...first, tenant: tenants.at(-1) ?? first.tenant }] : []
  return {
    seed,
    random,
    asOf,
    tenants,
    members: [...members, ...twin],
    features: ['support-chat', 'search', 'summary', 'draft', 'agent', "it's"].slice(0, random.pick([1, 3, 6])),
    unpriced: random.pick([0, 0.03, 0.03, 0.15]),
  }
}

/** A moment in milliseconds, often recent, sometimes on an edge or just before it. */
export const momentIn = ({ random, asOf }: World): number => {
  const back = random.pick([1, 3, 9, 30, 65, HISTORY_DAYS])
  // A few calls lie behind the moment that is asked about.
  const seconds = asOf - Math.floor((random.next() - 0.02) * back * DAY)
  const edge = random.pick([SLOT, 3_600, DAY, 0, 0, 0, 0, 0])
  if (edge === 0) return seconds * 1_000 + random.between(0, 999)
  const onEdge = (seconds - (seconds % edge)) * 1_000
  return random.chance(0.3) ? onEdge - 1 : onEdge
}

/** The first instant of the month of a moment, and the last millisecond before it. */
export const monthEdgesOf = ({ asOf }: World): readonly number[] => {
  const date = new Date((asOf - 1) * 1_000)
  const start = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
  return [start, start - 1, asOf * 1_000, asOf * 1_000 - 1]
}
