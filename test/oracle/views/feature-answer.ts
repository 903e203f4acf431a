/**
 * KPI 7: why the cost per task of a feature changed. The definition fixes the frame: five drivers whose effects add up to
 * the change exactly, ranked by amount. How the change is split between them it leaves open, so that the oracle states
 * the frame alone; `answerBreaks` checks the split.
 */
import { divideHalfEven } from '@outlay/core'
import { completeGroups, distinct, taskOf } from '../model/groups.ts'
import { callsIn, cost9Of, ratioOf, sumOf } from '../model/money.ts'
import type { Asked, OracleLedger, PricedCall } from '../model/oracle-ledger.ts'
import type { Cell, ViewRow } from '../model/view-rows.ts'
import { admitted, daysBefore, within } from '../model/windows.ts'

const DRIVERS = ['calls per task', 'model mix', 'tokens per call', 'cache hit rate', 'price']
const CACHE_READS = ['cache_read', 'cache_read_audio', 'cache_read_image'] as const

type Answer = ViewRow<'kpi_feature_answer'>
type Split = 'driver' | 'effect_usd' | 'share_of_change' | 'rank'

const figuresOf = (calls: readonly PricedCall[]) => {
  const complete = completeGroups(calls, taskOf)
  const own = complete.flat()
  const input = sumOf(own, ({ inputTokens }) => inputTokens)
  const tokens = sumOf(own, ({ inputTokens, outputTokens }) => inputTokens + outputTokens)
  const cached = sumOf(own, ({ quantities }) => sumOf(CACHE_READS, (meter) => quantities.get(meter) ?? 0n))
  return {
    tasks: complete.length,
    costPerTask: complete.length === 0 ? null : divideHalfEven(cost9Of(own), 9n * BigInt(complete.length)),
    callsPerTask: ratioOf(callsIn(own), complete.length),
    tokensPerCall: ratioOf(tokens, callsIn(own)),
    hitRate: ratioOf(cached, input),
    unpriced: distinct(calls, taskOf) - complete.length,
  }
}

/** What stands in every one of the five rows. */
export const featureAnswerFrame = (ledger: OracleLedger, asked: Asked): Omit<Answer, Split> => {
  const calls = admitted(ledger.calls(asked.book), asked).filter(({ row }) => row.feature === asked.feature)
  const now = figuresOf(within(calls, daysBefore(asked.as_of, 30)))
  const then = figuresOf(within(calls, daysBefore(asked.as_of, 30, 30)))
  return {
    cost_per_task_now: now.costPerTask,
    cost_per_task_then: then.costPerTask,
    tasks_now: now.tasks,
    tasks_then: then.tasks,
    calls_per_task_now: now.callsPerTask,
    calls_per_task_then: then.callsPerTask,
    tokens_per_call_now: now.tokensPerCall,
    tokens_per_call_then: then.tokensPerCall,
    cache_hit_rate_now: now.hitRate,
    cache_hit_rate_then: then.hitRate,
    unpriced_tasks: now.unpriced,
  }
}

const magnitude = (effect: bigint): bigint => (effect < 0n ? -effect : effect)

/** What is wrong with how the rows of an answer split the change; empty where nothing is. */
export const answerBreaks = (rows: readonly Readonly<Record<Split, Cell>>[], frame: Omit<Answer, Split>): string[] => {
  const breaks: string[] = []
  const drivers = rows.map(({ driver }) => String(driver)).toSorted()
  if (drivers.join() !== DRIVERS.toSorted().join()) breaks.push(`drivers are ${drivers.join()}`)
  if (rows.some(({ rank }, place) => Number(rank) !== place + 1)) breaks.push('not in the order of rank')
  const [now, then] = [frame.cost_per_task_now, frame.cost_per_task_then]
  if (typeof now !== 'bigint' || typeof then !== 'bigint') {
    if (rows.some(({ effect_usd }) => effect_usd !== null)) breaks.push('an effect without anything to compare')
    return breaks
  }
  const effects = rows.map(({ effect_usd }) => (typeof effect_usd === 'bigint' ? effect_usd : 0n))
  const total = sumOf(effects, (effect) => effect)
  if (total !== now - then) breaks.push(`effects add up to ${total}, the change is ${now - then}`)
  if (effects.some((effect, place) => place > 0 && magnitude(effect) > magnitude(effects[place - 1] ?? 0n))) {
    breaks.push('an effect is larger than the one ranked before it')
  }
  for (const [place, { share_of_change: share }] of rows.entries()) {
    const wanted = now === then ? null : Number(effects[place]) / Number(now - then)
    const isSame =
      wanted === null ? share === null : Math.abs(Number(share) - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted))
    if (!isSame) breaks.push(`share_of_change ${share} of rank ${place + 1} is not ${wanted}`)
  }
  return breaks
}
