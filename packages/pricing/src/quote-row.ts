/** One price as a person quotes it → the row that is stored. */
import { formatDecimal, isMeter, METER_DEFINITIONS, METERS, OutlayError, parseDecimal } from '@outlay/core'
import type { BookData, ModelName } from '#src/book.ts'
import { OPEN_END } from '#src/interval.ts'
import { suggestionFor } from '#src/nearest-word.ts'
import {
  type Grade,
  LIST_CARD,
  PRICE_DECIMALS,
  type PriceRow,
  type Sheet,
  unitPriceOf,
  withRowId,
} from '#src/price-row.ts'
import { PriceBookError, type PriceBookProblem } from '#src/problem.ts'
import { offSlotProblem } from '#src/slot-edge.ts'
import { type BookToCheck, validateRows } from '#src/validate-rows.ts'

const PLAIN_PRICE = /^\d{1,9}(\.\d{1,9})?$/

export interface PriceQuote extends Omit<Sheet, 'card'> {
  /** Thresholds of the sheet that the prompt exceeds; 0 where the sheet has one band. */
  readonly band: number
  readonly meter: string
  /** Decimal text for `per` units, as quoted. */
  readonly price: string
  /** Default: what the meter is usually quoted for. */
  readonly per?: number
  readonly currency: string
  /** Unix seconds. */
  readonly validFrom: number
  /** Unix seconds, exclusive; open where it is left out. */
  readonly validTo?: number
  readonly source: string
  readonly sourceUrl: string
  readonly checkedAt: string
  readonly grade: Grade
  readonly note: string
}

/**
 * One exact name of a model, checked: fails with `PriceBookError` where the provider lists no such model, or an edge lies
 * inside a slot.
 */
export const modelNameOf = (
  book: Pick<BookData, 'rows' | 'slotSplits'>,
  name: Omit<ModelName, 'rule' | 'validTo'> & { readonly validTo?: number },
): ModelName => {
  const { provider, model, validFrom, validTo = OPEN_END } = name
  const where = `${provider} · name "${name.name}"`
  const problems: PriceBookProblem[] = []
  const listed = book.rows.filter((row) => row.provider === provider)
  if (!listed.some((row) => row.model === model)) {
    const models = [...new Set(listed.map((row) => row.model))]
    const what = `${provider} lists no model "${model}"${suggestionFor(model, models)}`
    problems.push({ code: 'E_UNKNOWN_MODEL', where, what })
  }
  if (name.name.trim() === '') problems.push({ code: 'E_FORMAT', where, what: 'the name is empty' })
  if (validFrom >= validTo)
    problems.push({ code: 'E_WINDOW', where, what: `no such window: ${validFrom} to ${validTo}` })
  for (const at of [validFrom, validTo]) {
    const problem = offSlotProblem(book, { provider, names: [name.name], at })
    if (problem !== undefined) problems.push({ where, ...problem })
  }
  if (problems.length > 0) throw new PriceBookError(problems)
  return { ...name, validTo, rule: 'exact' }
}

/**
 * Fails with `PriceBookError` and everything that is wrong: a price that is not exact, an edge off the slot, a window that is
 * none, a band that the sheet does not have; and with `E_METER` on a meter that does not exist.
 */
export const priceRowOfQuote = (book: Omit<BookToCheck, 'rows'>, quote: PriceQuote): PriceRow => {
  const { meter } = quote
  if (!isMeter(meter)) {
    throw new OutlayError('E_METER', `no meter "${meter}"${suggestionFor(meter, METERS)}`, {
      fix: `meters are ${METERS.join(', ')}`,
    })
  }
  if (!PLAIN_PRICE.test(quote.price)) {
    const what = `${JSON.stringify(quote.price)} is not a plain decimal of at most ${PRICE_DECIMALS} places`
    throw new PriceBookError([{ code: 'E_DECIMALS', where: `${quote.provider} · ${quote.model} · ${meter}`, what }])
  }
  const per = quote.per ?? METER_DEFINITIONS[meter].per
  const where = `${quote.provider} · ${quote.model} · ${quote.tier} · ${meter}`
  const unit = unitPriceOf(meter, quote.price, per)
  if (!unit.exact) throw new PriceBookError([inexact(where, quote.price, per, unit.reason)])
  const row = withRowId({
    card: LIST_CARD,
    provider: quote.provider,
    model: quote.model,
    region: quote.region,
    tier: quote.tier,
    band: quote.band,
    meter,
    currency: quote.currency,
    price: formatDecimal(parseDecimal(quote.price, PRICE_DECIMALS), PRICE_DECIMALS),
    per,
    fusd: unit.fusd,
    ninths: unit.ninths,
    validFrom: quote.validFrom,
    validTo: quote.validTo ?? OPEN_END,
    source: quote.source,
    sourceUrl: quote.sourceUrl,
    checkedAt: quote.checkedAt,
    grade: quote.grade,
    derivedFrom: 'published',
    note: quote.note,
  })
  const problems = validateRows({ ...book, rows: [row] })
  if (problems.length > 0) throw new PriceBookError(problems)
  return row
}

const inexact = (
  where: string,
  price: string,
  per: number,
  reason: 'not_exact' | 'beyond_int64',
): PriceBookProblem => ({
  code: reason === 'not_exact' ? 'E_NOT_EXACT' : 'E_FUSD_RANGE',
  where,
  what: `${price} per ${per} has no exact price of one unit`,
  fix: 'quote the rounded price that the provider bills',
})
