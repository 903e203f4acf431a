/** Beside the eight: what the cache saves and wastes. */
import type { Meter } from '@outlay/core'
import { rowsBy } from '../model/groups.ts'
import { callsIn, coverageOf, ratioOf, sumOf, usdOf } from '../model/money.ts'
import type { PricedCall } from '../model/oracle-ledger.ts'
import { verdictOf } from '../model/verdicts.ts'
import type { ViewOracle } from '../model/view-rows.ts'
import { admitted, windowOf, within } from '../model/windows.ts'

const WRITES = [
  'cache_write_5m',
  'cache_write_30m',
  'cache_write_1h',
  'cache_write_12h',
  'cache_write_unknown',
] as const satisfies readonly Meter[]

const KEYS: Readonly<Record<string, (call: PricedCall) => string>> = {
  all: () => 'all',
  feature: ({ row }) => row.feature,
  route: ({ row }) => row.route,
  tenant: ({ row }) => row.tenant,
  model: ({ row }) => row.price_model,
}

const quantityOf = (calls: readonly PricedCall[], meter: Meter): bigint =>
  sumOf(calls, ({ quantities }) => quantities.get(meter) ?? 0n)

/** Quantity × (one price − another), where both are known. */
const difference = ({ quantities, prices }: PricedCall, of: Meter, [one, other]: readonly [Meter, Meter]): bigint => {
  const [a, b] = [prices.get(one), prices.get(other)]
  return a === undefined || b === undefined ? 0n : (quantities.get(of) ?? 0n) * (a - b)
}

const savedOf = (call: PricedCall): bigint => difference(call, 'cache_read', ['input', 'cache_read'])

/** What the writes of one prompt cost above uncached input, for the part of them that reads do not cover. */
const wastedOf = (calls: readonly PricedCall[]): bigint => {
  const writes = sumOf(WRITES, (meter) => quantityOf(calls, meter))
  const unread = writes - quantityOf(calls, 'cache_read')
  const premium = sumOf(calls, (call) => sumOf(WRITES, (meter) => difference(call, meter, [meter, 'input'])))
  return writes <= 0n || unread <= 0n || premium <= 0n ? 0n : (premium * unread) / writes
}

const promptOf = ({ row }: PricedCall): string =>
  JSON.stringify([row.tenant, row.feature, row.route, row.prompt_version, row.price_model])

export const cache: ViewOracle<'kpi_cache'> = (ledger, asked) => {
  const calls = within(admitted(ledger.calls(asked.book), asked), windowOf(asked))
  return [...rowsBy(calls, KEYS[asked.by] ?? (() => ''))].map(([key, own]) => {
    const reads = quantityOf(own, 'cache_read')
    const writes = sumOf(WRITES, (meter) => quantityOf(own, meter))
    const rate = ratioOf(reads, quantityOf(own, 'input') + reads + writes)
    return {
      key,
      calls: callsIn(own),
      hit_rate: rate,
      band: verdictOf(rate, 'cache'),
      saved_usd: usdOf(sumOf(own, savedOf)),
      wasted_usd: usdOf(sumOf(Map.groupBy(own, promptOf).values(), wastedOf)),
      ...coverageOf(own),
    }
  })
}
