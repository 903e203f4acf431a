/** Beside the eight: what was refused, and what has no price. */
import { callsIn, cost9Of, costOrNull, isNothingPriced, ratioOf, unpricedIn } from '../model/money.ts'
import type { OracleLedger, PricedCall, PricedRefusal } from '../model/oracle-ledger.ts'
import { verdictOf } from '../model/verdicts.ts'
import type { ViewOracle } from '../model/view-rows.ts'
import { type Span, windowOf, within } from '../model/windows.ts'

/** Refused calls of a time: those that lack a required attribute. */
export const refusedIn = (ledger: OracleLedger, book: string, span: Span): readonly PricedRefusal[] =>
  within(ledger.refusals(book), span).filter(({ row }) => row.reason === 'missing_attribution')

const keysOf = ({ row }: PricedRefusal, by: string): readonly string[] => {
  if (by === 'attribute') return row.missing
  return by === 'service' ? [row.service] : ['all']
}

export const unattributed: ViewOracle<'kpi_unattributed'> = (ledger, asked) => {
  const window = windowOf(asked)
  const refused = refusedIn(ledger, asked.book, window)
  const accepted = within(ledger.calls(asked.book), window)
  const keys = new Set(refused.flatMap((refusal) => keysOf(refusal, asked.by)))
  return [...keys].map((key) => {
    const own = refused.filter((refusal) => keysOf(refusal, asked.by).includes(key))
    const everything = [...refused, ...accepted]
    const share = ratioOf(callsIn(own), callsIn(everything))
    return {
      key,
      calls: callsIn(own),
      calls_share: share,
      band: verdictOf(share, 'unattributed'),
      cost_usd: costOrNull(own),
      cost_share: isNothingPriced(everything) ? null : ratioOf(cost9Of(own), cost9Of(everything)),
      unpriced_calls: unpricedIn(own),
    }
  })
}

const INVALID = '(invalid usage)'
const ABSENT = '(usage not reported)'

const gapsOf = (call: PricedCall): readonly string[] => {
  if (call.row.usage_status === 'conflict') return [INVALID]
  return call.row.usage_status === 'absent' ? [ABSENT] : call.missing
}

const gapKeysOf = (call: PricedCall, by: string): readonly string[] => {
  const { price_provider, price_model, price_tier } = call.row
  if (by === 'all') return [JSON.stringify(['', '', '', ''])]
  if (by === 'model') return [JSON.stringify([price_provider, price_model, '', ''])]
  return gapsOf(call).map((meter) => JSON.stringify([price_provider, price_model, price_tier, meter]))
}

export const coverage: ViewOracle<'kpi_coverage'> = (ledger, asked) => {
  const unpriced = within(ledger.calls(asked.book), windowOf(asked)).filter((call) => call.unpriced)
  const keys = new Set(unpriced.flatMap((call) => gapKeysOf(call, asked.by)))
  return [...keys].map((key) => {
    const [provider = '', model = '', tier = '', meter = ''] = JSON.parse(key) as string[]
    const own = unpriced.filter((call) => gapKeysOf(call, asked.by).includes(key))
    const slots = own.map(({ slot }) => slot).toSorted((a, b) => a - b)
    const tokens = own.map(({ quantities }) => [...quantities].find(([name]) => name === meter)?.[1] ?? 0n)
    return {
      provider,
      model,
      tier,
      meter,
      tokens: tokens.reduce((sum, quantity) => sum + quantity, 0n),
      unpriced_calls: unpricedIn(own),
      first_seen: slots[0] ?? null,
      last_seen: slots.at(-1) ?? null,
    }
  })
}
