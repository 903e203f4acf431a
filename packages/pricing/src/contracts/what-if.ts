/** What if: the same counters under changed prices, or as calls of another model (spec: pricing §11). */
import { OutlayError, parseDecimal } from '@outlay/core'
import type { BookData } from '#src/book.ts'
import { scaledQuote } from '#src/contracts/scale-price.ts'
import { PRICE_DECIMALS, type PriceRow, unitPriceOf, withRowId } from '#src/price-row.ts'
import { PriceBookError, type PriceBookProblem } from '#src/problem.ts'
import type { SkuParts } from '#src/sku.ts'

/** Which cells, and what becomes of them: a factor or a new quote, both exact decimal text. */
export interface CellOverride {
  readonly where: Partial<Pick<PriceRow, 'card' | 'provider' | 'model' | 'region' | 'tier' | 'band' | 'meter'>>
  readonly to: { readonly times: string } | { readonly price: string; readonly per?: number }
}

const overridden = (row: PriceRow, { to }: CellOverride, problems: PriceBookProblem[]): PriceRow => {
  const where = [row.provider, row.model, row.region, row.tier, row.meter].filter((part) => part !== '').join(' · ')
  if ('times' in to) {
    const scaled = scaledQuote(row, parseDecimal(to.times, PRICE_DECIMALS))
    if ('quote' in scaled) return withRowId({ ...row, ...scaled.quote, derivedFrom: `what if × ${to.times}` })
    problems.push({ code: 'E_DECIMALS', where, what: scaled.reason })
    return row
  }
  const per = to.per ?? row.per
  const unit = unitPriceOf(row.meter, to.price, per)
  if (!unit.exact) {
    problems.push({ code: 'E_NOT_EXACT', where, what: `${to.price} per ${per}` })
    return row
  }
  const quote = { price: to.price, per, fusd: unit.fusd, ninths: unit.ninths }
  return withRowId({ ...row, ...quote, derivedFrom: 'what if' })
}

const concerns = ({ where }: CellOverride, row: PriceRow): boolean =>
  Object.entries(where).every(([key, value]) => row[key as keyof typeof where] === value)

/** Fails with `E_WHAT_IF` where an override meets no price of the book. */
export const assertOverridesMeet = (book: Pick<BookData, 'rows'>, overrides: readonly CellOverride[]): void => {
  const idle = overrides.find((override) => !book.rows.some((row) => concerns(override, row)))
  if (idle === undefined) return
  throw new OutlayError('E_WHAT_IF', `no price in the book is ${JSON.stringify(idle.where)}`, {
    fix: 'name provider and model as `outlay prices show` does',
  })
}

/**
 * A book in which some cells cost something else, at all times; a later override wins over an earlier one. Cells that
 * the book does not have stay unpriced. Throws `PriceBookError` where a product is not exact.
 */
export const overrideCells = (book: BookData, overrides: readonly CellOverride[]): BookData => {
  const problems: PriceBookProblem[] = []
  const rows = book.rows.map((row) => {
    const override = overrides.findLast((candidate) => concerns(candidate, row))
    return override === undefined ? row : overridden(row, override, problems)
  })
  if (problems.length > 0) throw new PriceBookError(problems)
  return { ...book, rows }
}

/** Another sku for the same counters: raw spellings, as a call would carry them. */
export interface SkuSubstitution {
  readonly provider?: string
  readonly model?: string
  readonly tier?: string
  readonly region?: string
}

/**
 * The sku that a call would have had: same counters, other sheet. Meters that the other sheet lacks are missing, never
 * dropped. A model that the call's provider does not list is looked for at all others and must be listed by exactly one
 * of them; throws `E_WHAT_IF` otherwise.
 */
export const substituteSku = (book: BookData, parts: SkuParts, as: SkuSubstitution): SkuParts => {
  const model = as.model ?? parts.model
  const billers = new Set(
    book.names.filter(({ name, rule }) => rule === 'exact' && name === model).map((name) => name.provider),
  )
  const [only] = billers
  const own = as.provider ?? (as.model === undefined || billers.has(parts.provider) ? parts.provider : undefined)
  const provider = own ?? (billers.size === 1 ? only : undefined)
  if (provider === undefined) {
    throw new OutlayError('E_WHAT_IF', `${billers.size} providers list a model "${model}"`, {
      ...(billers.size > 0 ? { got: [...billers].toSorted().join(', ') } : {}),
      fix: 'name the provider as well',
    })
  }
  const region = as.region ?? (provider === parts.provider ? parts.region : '')
  return { ...parts, provider, model, region, tier: as.tier ?? parts.tier }
}
