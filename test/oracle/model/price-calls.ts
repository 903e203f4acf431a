/**
 * Prices of calls, one at a time, through the pure resolver of `packages/pricing`. Everything is in ninths of
 * femto-dollars, so that nothing is rounded here.
 */
import type { CallRow, QuarantineRow } from '@outlay/clickhouse'
import { INPUT_METERS, METERS, type Meter, OUTPUT_METERS } from '@outlay/core'
import { type BookData, priceUsage, type SkuParts } from '@outlay/pricing'
import type { Priced, PricedCall, PricedRefusal } from './oracle-ledger.ts'

export type UnitPrices = ReadonlyMap<Meter, bigint>
/** Prices per unit for calls of a tenant; without a tenant, those of the list. */
export type PriceLookup = (tenant: string | undefined, parts: SkuParts, slot: number) => UnitPrices

const NO_PRICES: UnitPrices = new Map()
/** Nine units of a meter cost whole femto-dollars: exactly the ninths of one unit. */
const NINE_OF_EACH = Object.fromEntries(METERS.map((meter) => [meter, 9]))
const OUTPUT_MULTIPLE_WITHOUT_PRICE = 4

/** Prices of each meter per unit. A sheet in another currency has none: views add up dollars. */
export const unitPricesIn = (book: BookData, parts: SkuParts, slot: number): UnitPrices => {
  const priced = priceUsage(book, { parts, slot, usage: NINE_OF_EACH, usageStatus: 'reported' })
  if (priced.currency !== '' && priced.currency !== 'USD') return NO_PRICES
  return new Map(priced.lines.map(({ meter, costFemto }) => [meter, costFemto]))
}

const sum = (values: Iterable<bigint>): bigint => [...values].reduce((total, value) => total + value, 0n)

const quantitiesOf = (record: object): ReadonlyMap<Meter, bigint> =>
  new Map(
    METERS.flatMap((meter) => {
      const quantity: unknown = Reflect.get(record, meter)
      return typeof quantity === 'number' && quantity > 0 ? [[meter, BigInt(quantity)] as const] : []
    }),
  )

/** Cost of some meters at some prices; meters without a price cost nothing here. */
const costAt = (
  quantities: ReadonlyMap<Meter, bigint>,
  prices: UnitPrices,
  meters: readonly Meter[] = METERS,
): bigint => sum(meters.map((meter) => (quantities.get(meter) ?? 0n) * (prices.get(meter) ?? 0n)))

const tokensOf = (quantities: ReadonlyMap<Meter, bigint>, meters: readonly Meter[]): bigint =>
  sum(meters.map((meter) => quantities.get(meter) ?? 0n))

const partsOf = (row: CallRow): SkuParts => ({
  provider: row.price_provider,
  model: row.price_model,
  region: row.price_region,
  tier: row.price_tier,
  promptBand: row.prompt_band,
})

const missingOf = (quantities: ReadonlyMap<Meter, bigint>, prices: UnitPrices): readonly Meter[] =>
  [...quantities.keys()].filter((meter) => !prices.has(meter))

/** Input + output × m, where m is output price ÷ input price of the model at that time. */
const effectiveTokensOf = (input: bigint, output: bigint, prices: UnitPrices): number => {
  const inputPrice = prices.get('input')
  const outputPrice = prices.get('output')
  const isKnown = inputPrice !== undefined && inputPrice > 0n && outputPrice !== undefined
  const multiple = isKnown ? Number(outputPrice) / Number(inputPrice) : OUTPUT_MULTIPLE_WITHOUT_PRICE
  return Number(input) + Number(output) * multiple
}

export const priceCall = (row: CallRow, lookup: PriceLookup): PricedCall => {
  const quantities = quantitiesOf({ ...row, ...row.units })
  const parts = partsOf(row)
  const prices = lookup(row.tenant, parts, row.price_slot)
  const missing = missingOf(quantities, prices)
  const isUnusable = row.usage_status === 'absent' || row.usage_status === 'conflict'
  const intended =
    row.intended_model === '' ? prices : lookup(row.tenant, { ...parts, model: row.intended_model }, row.price_slot)
  const inputTokens = tokensOf(quantities, INPUT_METERS)
  const outputTokens = tokensOf(quantities, OUTPUT_METERS)
  return {
    row,
    slot: row.price_slot,
    counts: row.part === 'main' ? 1 : 0,
    quantities,
    prices,
    cost9: costAt(quantities, prices),
    missing,
    unpriced: isUnusable || missing.length > 0,
    inputTokens,
    outputTokens,
    output9: costAt(quantities, prices, OUTPUT_METERS),
    effective: effectiveTokensOf(inputTokens, outputTokens, prices),
    intended9: isUnusable || missingOf(quantities, intended).length > 0 ? undefined : costAt(quantities, intended),
  }
}

/** A refused call is priced by the list: no tenant chooses a book for it. */
export const priceRefusal = (
  row: QuarantineRow,
  parts: SkuParts,
  { lookup, isUnusable }: { readonly lookup: PriceLookup; readonly isUnusable: boolean },
): PricedRefusal => {
  const quantities = quantitiesOf(row.meters)
  const prices = lookup(undefined, parts, row.price_slot)
  const missing = missingOf(quantities, prices)
  const priced: Priced = {
    slot: row.price_slot,
    counts: row.part === 'main' ? 1 : 0,
    quantities,
    prices,
    cost9: costAt(quantities, prices),
    missing,
    unpriced: isUnusable || missing.length > 0,
  }
  return { ...priced, row }
}
