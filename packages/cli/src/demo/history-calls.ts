/**
 * The made-up past: every call of every demo user, day by day, with a budget guard that does what the tiers say.
 * The same start gives the same calls, so loading can be repeated and resumed without counting anything twice.
 */
import { digestOf } from '@outlay/core'
import { type DemoFeature, type DemoTenant, type DemoUser, TENANTS, usersOf } from './demo-company.ts'
import { BUDGET_MODEL, type DemoModel, premiumModel, UNPRICED_MODEL } from './model-choice.ts'
import { createRandom, type Random } from './random.ts'
import { NO_TOKENS, type SampleCall, sampleCall, sampleOf } from './sample-usage.ts'

export interface HistoryCall {
  readonly traceId: string
  readonly spanId: string
  readonly startMs: number
  readonly durationMs: number
  readonly tenant: DemoTenant | undefined
  /** Absent for account-level runs. */
  readonly user: DemoUser | undefined
  readonly feature: DemoFeature
  readonly taskId: string
  readonly session: string
  readonly turn: string
  readonly attempt: number
  readonly model: DemoModel
  readonly intendedModel: string | undefined
  readonly overage: { readonly pattern: string; readonly action: string } | undefined
  readonly outcome: string | undefined
  readonly sample: SampleCall
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const SOFT_CAP = { free: 50_000, pro: 350_000 }
const HARD_CAP = { free: 50_000, pro: 500_000 }
const WEEKEND_SHARE = 0.3
const AGENT_STEPS = { least: 4, most: 9 }
const RETRY_SHARE = 0.03
const SUCCESS_SHARE = 0.87
const TRACE_ID_BYTES = 16
const SPAN_ID_BYTES = 8

/** Names that say nothing about the person behind them. */
const shortDigest = (...parts: readonly string[]): string => digestOf(parts, SPAN_ID_BYTES).toString('hex')

/** Effective tokens used in the running month, per subject. */
class Budgets {
  #month = ''
  readonly #used = new Map<string, number>()

  startMonth(month: string): void {
    if (month === this.#month) return
    this.#month = month
    this.#used.clear()
  }

  used(subject: string): number {
    return this.#used.get(subject) ?? 0
  }

  add(subject: string, tokens: number): void {
    this.#used.set(subject, this.used(subject) + tokens)
  }
}

interface Decision {
  readonly model: DemoModel
  readonly intendedModel: string | undefined
  readonly overage: HistoryCall['overage']
}

const decide = (tenant: DemoTenant, user: DemoUser, wanted: DemoModel, budgets: Budgets): Decision => {
  const plain: Decision = { model: wanted, intendedModel: undefined, overage: undefined }
  if (tenant.tier === 'enterprise') {
    const over = budgets.used(tenant.tenant) >= Number(tenant.poolTokens ?? Number.POSITIVE_INFINITY)
    return over ? { ...plain, overage: { pattern: 'payg', action: 'metered' } } : plain
  }
  const used = budgets.used(user.id)
  const pattern = tenant.tier === 'free' ? 'hard_cap' : 'soft_cap'
  if (used >= HARD_CAP[tenant.tier]) return { ...plain, overage: { pattern, action: 'denied' } }
  if (used >= SOFT_CAP[tenant.tier]) {
    return { model: BUDGET_MODEL, intendedModel: wanted.model, overage: { pattern, action: 'degraded' } }
  }
  return plain
}

const isWeekend = (dayMs: number): boolean => [0, 6].includes(new Date(dayMs).getUTCDay())

/** How many times something of this mean rate happens: the whole part for sure, the rest by chance. */
const occurrences = (mean: number, random: Random): number => Math.floor(mean) + (random.chance(mean % 1) ? 1 : 0)

interface TaskSeed {
  readonly tenant: DemoTenant
  readonly user: DemoUser
  readonly feature: DemoFeature
  readonly startMs: number
  readonly name: string
}

const callsOfTask = (task: TaskSeed, budgets: Budgets, random: Random): readonly HistoryCall[] => {
  const { tenant, user, feature, startMs, name } = task
  const steps = feature.workload === 'agent' ? random.between(AGENT_STEPS.least, AGENT_STEPS.most) : 1
  const calls: HistoryCall[] = []
  let atMs = startMs
  for (let step = 0; step < steps; step += 1) {
    const decision = decide(tenant, user, premiumModel(feature.workload, atMs), budgets)
    const denied = decision.overage?.action === 'denied'
    const attempts = !denied && random.chance(RETRY_SHARE) ? [1, 2] : [1]
    for (const attempt of attempts) {
      const sample = denied
        ? sampleOf(NO_TOKENS, decision.model)
        : sampleCall(feature.workload, decision.model, step, random)
      const durationMs = denied ? 2 : random.between(700, 6_000)
      calls.push({
        traceId: digestOf([name], TRACE_ID_BYTES).toString('hex'),
        spanId: digestOf([name, `${step}`, `${attempt}`], SPAN_ID_BYTES).toString('hex'),
        startMs: atMs,
        durationMs,
        tenant,
        user,
        feature,
        taskId: `task-${shortDigest(name, 'task')}`,
        session: `session-${shortDigest(user.id, String(Math.floor(startMs / HOUR_MS)))}`,
        turn: `turn-${shortDigest(name)}`,
        attempt,
        ...decision,
        outcome: step === steps - 1 && !denied && random.chance(SUCCESS_SHARE) ? 'success' : undefined,
        sample,
      })
      budgets.add(tenant.tier === 'enterprise' ? tenant.tenant : user.id, sample.effectiveTokens)
      atMs += durationMs + random.between(100, 900)
    }
    if (denied) break
  }
  return calls
}

const tasksOfDay = (dayMs: number): readonly TaskSeed[] => {
  const tasks: TaskSeed[] = []
  for (const tenant of TENANTS) {
    for (const user of usersOf(tenant)) {
      const random = createRandom('day', tenant.tenant, user.id, String(dayMs))
      for (const { feature, perDay } of tenant.habits) {
        const mean = perDay * user.appetite * (isWeekend(dayMs) ? WEEKEND_SHARE : 1)
        for (let n = occurrences(mean, random); n > 0; n -= 1) {
          const startMs = dayMs + Math.floor(random.next() * DAY_MS)
          tasks.push({
            tenant,
            user,
            feature,
            startMs,
            name: `${tenant.tenant}/${user.id}/${feature.feature}/${dayMs}/${n}`,
          })
        }
      }
    }
  }
  return tasks.toSorted((a, b) => a.startMs - b.startMs || (a.name < b.name ? -1 : 1))
}

const NIGHTLY: DemoFeature = { feature: 'nightly-digest', workload: 'rag', taskType: 'digest' }
const LEGACY: DemoFeature = { feature: '', workload: 'chat', taskType: '' }

/** What real bills also contain: a shared nightly run, a model nobody has priced, a service nobody has attributed. */
const oddCallsOfDay = (dayMs: number, isRecent: boolean): readonly HistoryCall[] => {
  const random = createRandom('odd', String(dayMs))
  const [acme, northwind] = TENANTS
  const base = (name: string, startMs: number, model: DemoModel, feature: DemoFeature) => ({
    traceId: digestOf([name, `${dayMs}`], TRACE_ID_BYTES).toString('hex'),
    spanId: digestOf([name, `${dayMs}`], SPAN_ID_BYTES).toString('hex'),
    startMs,
    durationMs: random.between(900, 4_000),
    feature,
    user: undefined,
    taskId: `task-${name}-${dayMs}`,
    session: '',
    turn: '',
    attempt: 1,
    model,
    intendedModel: undefined,
    overage: undefined,
    outcome: undefined,
    sample: sampleCall(feature.workload, model, 0, random),
  })
  const nightly = { ...base('nightly', dayMs + 2 * HOUR_MS, premiumModel('rag', dayMs), NIGHTLY), tenant: acme }
  const legacy = { ...base('legacy', dayMs + 9 * HOUR_MS, premiumModel('chat', dayMs), LEGACY), tenant: undefined }
  const preview = {
    ...base('preview', dayMs + 11 * HOUR_MS, UNPRICED_MODEL, {
      feature: 'support-chat',
      workload: 'chat',
      taskType: 'answer',
    } as const),
    tenant: northwind,
  }
  return isRecent ? [nightly, legacy, preview] : [nightly, legacy]
}

const RECENT_DAYS = 9

export interface HistoryWindow {
  /** First day of the history, 00:00 UTC: fixed when it is first loaded, since budgets run from it. */
  readonly startMs: number
  /** Only calls that start in [fromMs, toMs) are returned. */
  readonly fromMs: number
  readonly toMs: number
}

/** The calls of the window, one batch per UTC day. */
export function* historyCalls({ startMs, fromMs, toMs }: HistoryWindow): Generator<readonly HistoryCall[]> {
  const budgets = new Budgets()
  for (let dayMs = startMs; dayMs < toMs; dayMs += DAY_MS) {
    budgets.startMonth(new Date(dayMs).toISOString().slice(0, 7))
    const random = createRandom('tasks', String(dayMs))
    const calls = tasksOfDay(dayMs).flatMap((task) => callsOfTask(task, budgets, random))
    const odd = oddCallsOfDay(dayMs, toMs - dayMs < RECENT_DAYS * DAY_MS)
    const inWindow = [...calls, ...odd].filter((call) => call.startMs >= fromMs && call.startMs < toMs)
    if (inWindow.length > 0) yield inWindow
  }
}
