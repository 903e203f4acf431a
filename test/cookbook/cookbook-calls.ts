/**
 * Three months of a small company, the same in every run: five tenants, four features, one slow change in October (a new
 * prompt, longer research runs, a second model) and what goes wrong anyway: retries, a loop, a model without a price.
 */
import type { CallSpec } from '../harness/ledger-rows.ts'

const MS_PER_DAY = 86_400_000
const MS_PER_MINUTE = 60_000
const FIRST_DAY_MS = Date.UTC(2026, 7, 1)
const DAYS = 92

interface Day {
  /** 0 is 1 August 2026. */
  readonly index: number
  readonly startMs: number
  readonly ofMonth: number
  readonly isOctober: boolean
  readonly isWeekday: boolean
}

const dayOf = (index: number): Day => {
  const startMs = FIRST_DAY_MS + index * MS_PER_DAY
  const date = new Date(startMs)
  return {
    index,
    startMs,
    ofMonth: date.getUTCDate(),
    isOctober: date.getUTCMonth() === 9,
    isWeekday: ![0, 6].includes(date.getUTCDay()),
  }
}

type Draft = Omit<CallSpec, 'id' | 'at'> & { readonly minute: number }
type Attribution = NonNullable<CallSpec['attribution']>

interface Member {
  readonly user: string
  readonly tenant: string
  readonly tier: string
}

const membersOf = (tenant: string, tier: string, users: readonly string[]): readonly Member[] =>
  users.map((user) => ({ user, tenant, tier }))
const ACME = membersOf('acme', 'enterprise', ['h_a1', 'h_a2', 'h_a3', 'h_a4'])
const GLOBEX = membersOf('globex', 'team', ['h_g1', 'h_g2', 'h_g3'])
const INITECH = membersOf('initech', 'pro', ['h_i1', 'h_i2', 'h_i3', 'h_i4'])
const HOOLI = membersOf('hooli', 'free', ['h_h1', 'h_h2', 'h_h3'])
const STARK = membersOf('stark', 'team', ['h_s1', 'h_s2'])

const COMMON: Partial<Attribution> = { environment: 'production', service: 'assistant' }

/** Two turns of a chat, four of one who likes to talk. The new prompt of October is longer, and more of it comes from the cache. */
const chatOf = (member: Member, day: Day): readonly Draft[] => {
  const task = `chat-${member.user}-${day.index}`
  const isDegraded = member.tier === 'pro' && day.ofMonth > 20
  const model = member.tier === 'pro' && !isDegraded ? 'gpt-5' : 'gpt-5-mini'
  const meters = day.isOctober
    ? { input: 2_200, cache_read: 5_000, output: 520 }
    : { input: 3_000, cache_read: 3_000, output: 480 }
  const turns = member.user === 'h_i1' ? [1, 2, 3, 4] : [1, 2]
  return turns.map((turn) => ({
    minute: 9 * 60 + turn * 7,
    model,
    meters,
    attribution: {
      ...COMMON,
      ...member,
      feature: 'support-chat',
      workload: 'chat',
      route: 'default',
      promptVersion: day.isOctober ? 'chat-v2' : 'chat-v1',
      task,
      taskType: 'answer',
      session: task,
      turn: `${turn}`,
      outcome: turn === 2 && day.index % 8 !== 0 ? 'success' : '',
    },
    ...(isDegraded
      ? { control: { intendedModel: 'gpt-5', overagePattern: 'soft_cap' as const, overageAction: 'degraded' as const } }
      : {}),
  }))
}

const TOOLS = ['browser', 'sql', 'browser', 'files'] as const
const LOOP = { user: 'h_a2', day: 80, calls: 24 }

/** Steps of one agent run: each reads what the ones before have put into the cache. */
const researchOf = (member: Member, day: Day): readonly Draft[] => {
  const task = `research-${member.user}-${day.index}`
  const isLoop = member.user === LOOP.user && day.index === LOOP.day
  const steps = isLoop ? LOOP.calls : day.isOctober ? 5 : 3
  const isOpenAi = day.isOctober && day.index % 2 === 1
  const drafts = Array.from({ length: steps }, (_, step): Draft => {
    const written = { cache_write_5m: 6_000, cache_read: 6_000 * step }
    return {
      minute: 13 * 60 + step * 2,
      model: isOpenAi ? 'gpt-5' : 'claude-sonnet-4-5',
      provider: isOpenAi ? 'openai' : 'anthropic',
      meters: isOpenAi
        ? { input: 12_000, cache_read: 6_000 * step, output: 900, output_reasoning: 1_400 }
        : { input: 12_000, ...written, output: 1_500 },
      attribution: {
        ...COMMON,
        ...member,
        feature: 'research',
        workload: 'agent',
        route: 'deep',
        promptVersion: 'research-v3',
        task,
        taskType: 'report',
        session: task,
        turn: '1',
        tool: TOOLS[step % TOOLS.length] ?? '',
        outcome: step === steps - 1 && day.index % 5 !== 0 ? 'success' : '',
      },
    }
  })
  const [first] = drafts
  const isRetried = day.index % 4 === 0 && first !== undefined
  return isRetried
    ? [...drafts, { ...first, minute: first.minute + 1, attribution: { ...first.attribution, attempt: 2 } }]
    : drafts
}

/** Answers over documents; the context grows in the second half of October. */
const searchOf = (member: Member, day: Day): readonly Draft[] => [
  {
    minute: 15 * 60 + 30,
    model: 'gpt-5-mini',
    meters: { input: day.index >= 78 ? 11_500 : 9_000, output: 300 },
    attribution: {
      ...COMMON,
      ...member,
      feature: 'search',
      workload: 'rag',
      route: 'hybrid',
      promptVersion: 'search-v1',
      task: `search-${member.user}-${day.index}`,
      taskType: 'lookup',
      outcome: 'success',
    },
  },
]

const DENIED = { intendedModel: '', overagePattern: 'hard_cap', overageAction: 'denied' } as const

/** A free user searches until the cap; what comes then is denied. */
const freeSearchOf = (member: Member, day: Day): readonly Draft[] => {
  const cadence = { h_h1: 3, h_h2: 7, h_h3: 14 }[member.user] ?? 7
  if (day.index % cadence !== 0) return []
  const isDenied = member.user === 'h_h1' && day.ofMonth > 15
  return searchOf(member, day).map((draft) => (isDenied ? { ...draft, meters: {}, control: DENIED } : draft))
}

/** The nightly digest belongs to nobody in particular. */
const digestOf = (tenant: string, tier: string): Draft => ({
  minute: 2 * 60,
  model: 'gpt-5-nano',
  meters: { input: 220_000, output: 18_000 },
  attribution: {
    ...COMMON,
    tenant,
    tier,
    user: '',
    subject: 'account',
    feature: 'digest',
    workload: 'rag',
    route: 'nightly',
    promptVersion: 'digest-v1',
    task: `digest-${tenant}`,
    taskType: 'digest',
    service: 'jobs',
  },
})

/** A fine-tuned model that nobody has put into the book. */
const pilotOf = (member: Member): Draft => ({
  minute: 11 * 60,
  model: 'ft-globex-tone',
  meters: { input: 2_000, output: 400 },
  attribution: {
    ...COMMON,
    ...member,
    feature: 'pilot',
    workload: 'chat',
    route: 'default',
    promptVersion: 'pilot-v1',
    task: `pilot-${member.user}`,
    taskType: 'answer',
  },
})

/** One user of globex goes quiet. */
const hasLeft = (user: string, day: Day): boolean => user === 'h_g3' && day.isOctober && day.ofMonth > 6

const draftsOf = (day: Day): readonly Draft[] => {
  const chatting = [...ACME, ...GLOBEX, ...INITECH.slice(0, 3), ...STARK].filter(
    ({ user }) => day.isWeekday && !hasLeft(user, day),
  )
  const researching = [...ACME, ...GLOBEX, ...STARK].filter(
    ({ user }, place) => (day.index + place) % 3 === 0 && !hasLeft(user, day),
  )
  const searching = [...INITECH, ...ACME].filter(
    ({ user }) => day.isWeekday && (user !== 'h_i4' || day.index % 10 === 0),
  )
  const isPilot = day.isOctober && day.ofMonth >= 26 && day.isWeekday
  return [
    ...chatting.flatMap((member) => chatOf(member, day)),
    ...researching.flatMap((member) => researchOf(member, day)),
    ...searching.flatMap((member) => searchOf(member, day)),
    ...HOOLI.flatMap((member) => freeSearchOf(member, day)),
    digestOf('acme', 'enterprise'),
    digestOf('stark', 'team'),
    ...(isPilot ? GLOBEX.slice(0, 1).map(pilotOf) : []),
  ].map((draft) => ({
    ...draft,
    attribution: {
      ...draft.attribution,
      ...(draft.attribution?.subject === 'account' ? { task: `${draft.attribution.task ?? ''}-${day.index}` } : {}),
    },
  }))
}

/** In order of time within each day; ids count from 1. */
export const COOKBOOK_CALLS: readonly CallSpec[] = Array.from({ length: DAYS }, (_, index) => dayOf(index))
  .flatMap((day) =>
    draftsOf(day).map(({ minute, ...call }) => ({
      ...call,
      at: new Date(day.startMs + minute * MS_PER_MINUTE).toISOString(),
    })),
  )
  .map((call, position) => ({ ...call, id: position + 1 }))
