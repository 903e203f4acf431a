/** Beside the eight: models, tools and prompt lengths. */
import { groupsOf, rowsBy } from '../model/groups.ts'
import { callsIn, cost9Of, costOrNull, coverageOf, mapFigure, ratioOf, sumOf } from '../model/money.ts'
import type { PricedCall } from '../model/oracle-ledger.ts'
import type { ViewOracle } from '../model/view-rows.ts'
import { admitted, bucketOf, daysBefore, windowOf, within } from '../model/windows.ts'
import { weekShift } from './feature-concentration.ts'

/** 10 US dollars per million tokens, in ninths of femto-dollars per token. */
const PREMIUM9 = 10n * 10n ** 9n * 9n

const isPremium = ({ prices }: PricedCall): boolean => (prices.get('output') ?? 0n) >= PREMIUM9

export const modelMix: ViewOracle<'kpi_model_mix'> = (ledger, asked) => {
  const all = admitted(ledger.calls(asked.book), asked)
  const window = within(all, windowOf(asked))
  const premium = weekShift(all, asked.to_time, isPremium)
  return [...rowsBy(window, ({ slot }) => String(bucketOf(slot, asked.step)))].flatMap(([time, ofBucket]) =>
    [...rowsBy(ofBucket, ({ row }) => row.price_model)].map(([model, own]) => ({
      time: Number(time),
      model,
      calls: callsIn(own),
      cost_usd: costOrNull(own),
      calls_share: ratioOf(callsIn(own), callsIn(ofBucket)),
      cost_share: ratioOf(cost9Of(own), cost9Of(ofBucket)),
      week_delta: weekShift(all, asked.to_time, ({ row }) => row.price_model === model),
      premium_week_delta: premium,
      ...coverageOf(own),
    })),
  )
}

export const toolShare: ViewOracle<'kpi_tool_share'> = (ledger, asked) => {
  const calls = within(admitted(ledger.calls(asked.book), asked), windowOf(asked))
  return [...rowsBy(calls, ({ row }) => row.tool)].map(([tool, own]) => ({
    tool,
    calls: callsIn(own),
    cost_usd: costOrNull(own),
    share: ratioOf(cost9Of(own), cost9Of(calls)),
    ...coverageOf(own),
  }))
}

const tokensPerCall = (calls: readonly PricedCall[]): number | null =>
  ratioOf(
    sumOf(calls, ({ inputTokens }) => inputTokens),
    callsIn(calls),
  )

export const promptLength: ViewOracle<'kpi_prompt_length'> = (ledger, asked) => {
  const all = admitted(ledger.calls(asked.book), asked)
  const buckets = groupsOf(within(all, windowOf(asked)), ({ slot, row }) =>
    JSON.stringify([bucketOf(slot, asked.step), row.route]),
  )
  return [...buckets].map(([key, own]) => {
    const [time, route] = JSON.parse(key) as [number, string]
    const ofRoute = all.filter(({ row }) => row.route === route)
    const now = tokensPerCall(within(ofRoute, daysBefore(asked.to_time, 7)))
    const then = tokensPerCall(within(ofRoute, daysBefore(asked.to_time, 7, 7)))
    return {
      time,
      route,
      calls: callsIn(own),
      tokens_per_call: tokensPerCall(own),
      week_delta: mapFigure(ratioOf(now, then), (ratio) => ratio - 1),
    }
  })
}
