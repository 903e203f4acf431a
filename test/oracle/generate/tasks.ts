/** Tasks of a generated ledger: calls that belong together, with retries, turns, parts and what guards did to them. */
import type { MeterQuantities } from '@outlay/core'
import type { SettledCall } from '@outlay/semconv'
import type { Random } from '../../../packages/cli/src/demo/random.ts'
import type { CallSpec } from '../../harness/ledger-rows.ts'
import { useModel } from './offer.ts'
import { type Member, momentIn, monthEdgesOf, type World } from './world.ts'

export interface GeneratedCall extends CallSpec {
  readonly part: string
  readonly layers: SettledCall['layers']
  /** From receipt to the ledger. */
  readonly lagMs: number
}

const NO_LAYERS = { prompt: 0, tool: 0, memory: 0 }
const ACTION_OF_TIER = new Map([
  ['free', 'denied'],
  ['pro', 'degraded'],
  ['team', 'metered'],
  ['enterprise', 'metered'],
])
const STEP_MS = 400_000

/** What a guard did: as the tier says, and sometimes something else. */
const controlOf = (random: Random, tier: string): SettledCall['control'] => {
  if (!random.chance(0.2)) return { intendedModel: '', overagePattern: '', overageAction: random.pick(['', 'none']) }
  const usual = ACTION_OF_TIER.get(tier) ?? 'denied'
  const overageAction = random.chance(0.85) ? usual : random.pick(['denied', 'degraded', 'metered'])
  const pattern = { denied: 'hard_cap', degraded: 'soft_cap', metered: 'payg' }[overageAction] ?? ''
  const intended = random.pick(['gpt-6.1-sol', 'claude-opus-5-5', 'gpt-5', 'gpt-5', 'lab-preview-7', ''])
  return { intendedModel: overageAction === 'degraded' ? intended : '', overagePattern: pattern, overageAction }
}

interface Shape {
  readonly world: World
  readonly member: Member
  readonly task: string
  readonly startMs: number
  readonly attribution: NonNullable<CallSpec['attribution']>
}

const usageOf = (random: Random, action: string): Pick<CallSpec, 'usageStatus'> & { meters?: MeterQuantities } => {
  if (action === 'denied') return { usageStatus: 'reported', meters: {} }
  if (random.chance(0.015)) return { usageStatus: 'conflict', meters: {} }
  return random.chance(0.015) ? { usageStatus: 'absent', meters: {} } : { usageStatus: 'reported' }
}

const callOf = ({ world, member, startMs, attribution }: Shape, id: number, place: number): GeneratedCall => {
  const { random } = world
  const atMs = startMs + place * random.between(1, STEP_MS)
  const tier = member.tierAt(Math.floor(atMs / 1_000))
  const control = controlOf(random, tier)
  return {
    id,
    at: new Date(atMs).toISOString(),
    ...useModel(random, world.unpriced),
    ...usageOf(random, control.overageAction),
    control,
    part: 'main',
    layers: random.chance(0.5)
      ? { prompt: random.between(1, 900), tool: 0, memory: random.between(0, 4_000) }
      : NO_LAYERS,
    lagMs: random.between(0, random.chance(0.02) ? 900_000 : 50_000),
    attribution: {
      ...attribution,
      tier,
      turn: random.pick(['', 'turn-1', 'turn-2']),
      tool: random.pick(['', '', 'search', 'browser']),
      attempt: random.pick([1, 1, 1, 1, 2, 3]),
      outcome: random.pick(['', '', 'success', 'failure']),
      feature: random.chance(0.05) ? random.pick(world.features) : (attribution.feature ?? ''),
      workload: random.chance(0.03) ? random.pick(['chat', 'agent', 'rag', '']) : (attribution.workload ?? ''),
    },
  }
}

const shapeOf = (world: World, number: number): Shape => {
  const { random } = world
  const member = random.pick(world.members)
  const feature = random.pick(world.features)
  const startMs = random.chance(0.04) ? random.pick(monthEdgesOf(world)) : momentIn(world)
  // A task id that two tenants use is two tasks.
  const task = random.chance(0.03) ? 'task-shared' : `task-${number}`
  return {
    world,
    member,
    task,
    startMs,
    attribution: {
      tenant: member.tenant,
      user: member.user,
      subject: member.user === '' && random.chance(0.8) ? 'account' : 'user',
      feature,
      route: random.pick(['', 'cheap', 'premium']),
      workload: random.pick(['chat', 'agent', 'rag']),
      task,
      taskType: random.chance(0.3) ? random.pick(['answer', 'lookup']) : feature,
      session: random.pick(['', `session-${random.between(1, 40)}`, `session-${number}`]),
      promptVersion: random.pick(['', 'v1', 'v2']),
      environment: random.pick(['prod', 'prod', 'test']),
      service: random.pick(['api', 'worker']),
    },
  }
}

type PartUse = Pick<GeneratedCall, 'part' | 'provider' | 'model' | 'meters'>

/** Parts bill beside their call: with a price, of a model without one, and with a meter that has none. */
const PRICED_PARTS: readonly PartUse[] = [
  { part: 'compaction', provider: 'openai', model: 'gpt-5-nano', meters: { input: 4_321, output: 123 } },
  { part: 'advisor:1', provider: 'openai', model: 'gpt-5', meters: { input: 987, output: 65 } },
]
const UNPRICED_PARTS: readonly PartUse[] = [
  { part: 'advisor:1', provider: 'openai', model: 'lab-preview-7', meters: { input: 876, output: 54 } },
  { part: 'compaction', provider: 'openai', model: 'gpt-5-mini', meters: { input: 3_210, input_audio: 12, output: 3 } },
]
const UNPRICED_PART_SHARE = 0.4

const CALLS_PER_TASK = [1, 1, 1, 2, 3, 5, 8]

/** Calls of about `tasks` tasks. Ids of calls count up, so that a corrected call can be named. */
export const generateCalls = (world: World, tasks: number): readonly GeneratedCall[] => {
  const { random } = world
  const calls: GeneratedCall[] = []
  for (let number = 1; number <= tasks; number += 1) {
    const shape = shapeOf(world, number)
    const length = random.pick(CALLS_PER_TASK)
    for (let place = 0; place < length; place += 1) {
      const call = callOf(shape, calls.length + 1, place)
      calls.push(call)
      // A part bills as its own row, maybe of another model, under the id of its call.
      if (call.usageStatus !== 'reported' || call.control?.overageAction === 'denied' || !random.chance(0.07)) continue
      const isUnpriced = world.unpriced > 0 && random.chance(UNPRICED_PART_SHARE)
      const part = random.pick(isUnpriced ? UNPRICED_PARTS : PRICED_PARTS)
      calls.push({ ...call, ...part, selectors: {}, layers: NO_LAYERS })
    }
  }
  return withTies(calls)
}

/** Some calls cost exactly the same: two tasks of one price, two users of one spend. */
const withTies = (calls: readonly GeneratedCall[]): readonly GeneratedCall[] =>
  calls.map((call, index) => {
    const other = calls[index - 7]
    const isTie = index % 23 === 0 && other?.part === 'main' && call.part === 'main' && call.usageStatus === 'reported'
    return isTie && other.usageStatus === 'reported' && call.control?.overageAction !== 'denied'
      ? { ...call, model: 'gpt-5', provider: 'openai', selectors: {}, meters: { input: 1_000, output: 100 } }
      : call
  })
