/** The dated prices of one model of a feed → sheets of the authoring format. */
import type { Meter } from '@outlay/core'
import type { CatalogueSheet } from '#src/feed/catalogue-model.ts'
import { decimalOfFeed } from '#src/feed/feed-decimal.ts'
import type { FeedConditional, FeedModel, FeedPrice, FeedPrices } from '#src/feed/feed-schema.ts'
import { cacheWriteMeterOf, classifyUnit, isKnownInexact } from '#src/feed/feed-units.ts'
import type { PriceBookProblem } from '#src/problem.ts'

/** The feed's sheets, or why the model stays out of the book. */
export type FeedSheets = { readonly sheets: readonly CatalogueSheet[] } | { readonly dropped: string }

interface Reading {
  readonly provider: string
  readonly model: FeedModel
  readonly where: string
  readonly problems: PriceBookProblem[]
}

interface Window {
  readonly from?: string
  readonly to?: string
  readonly prices: FeedPrices
}

const isTimeOfDay = ({ constraint }: FeedConditional): boolean =>
  constraint !== undefined && constraint !== null && 'start_time' in constraint

const startOf = ({ constraint }: FeedConditional): string =>
  constraint !== undefined && constraint !== null && 'start_date' in constraint ? constraint.start_date : ''

/** One window per start date, each until the next one. */
const windowsOf = (entries: readonly FeedConditional[]): Window[] => {
  const sorted = entries.toSorted((a, b) => (startOf(a) < startOf(b) ? -1 : 1))
  return sorted.map((entry, index) => {
    const next = sorted[index + 1]
    const from = startOf(entry)
    return {
      ...(from === '' ? {} : { from }),
      ...(next === undefined ? {} : { to: startOf(next) }),
      prices: entry.prices,
    }
  })
}

const thresholdsOf = (price: FeedPrice): readonly number[] =>
  typeof price === 'number' ? [] : price.tiers.map(({ start }) => start)

const decimal = (value: number, unit: string, { where, problems }: Reading): string => {
  const result = decimalOfFeed(value)
  if ('text' in result) return result.text
  problems.push({ code: 'E_DECIMALS', where, what: `${unit}: ${result.reason}` })
  return '0'
}

const cellOf = (
  unit: string,
  price: FeedPrice,
  bands: number,
  reading: Reading,
): string | readonly string[] | undefined => {
  if (typeof price === 'number') return decimal(price, unit, reading)
  if (price.tiers.length + 1 === bands) {
    return [price.base, ...price.tiers.map((tier) => tier.price)].map((value) => decimal(value, unit, reading))
  }
  reading.problems.push({
    code: 'E_BANDS',
    where: reading.where,
    what: `${unit}: thresholds differ from its neighbours`,
  })
  return undefined
}

/** What makes a unit impossible to take, or undefined. */
const noCounterIn = (prices: FeedPrices, cacheWrite: Meter): string | undefined =>
  Object.keys(prices).find((unit) => classifyUnit(unit, cacheWrite) === 'no counter')

const sheetOf = ({ from, to, prices }: Window, reading: Reading): CatalogueSheet => {
  const { provider, model, where, problems } = reading
  const cacheWrite = cacheWriteMeterOf(provider, model.id)
  const gt =
    Object.values(prices)
      .map(thresholdsOf)
      .find((list) => list.length > 0) ?? []
  const cells: { [meter in Meter]?: string | readonly string[] } = {}
  for (const [unit, price] of Object.entries(prices)) {
    const meter = classifyUnit(unit, cacheWrite)
    if (meter === 'beside' || meter === 'no counter' || isKnownInexact(provider, unit, price)) continue
    if (meter === 'unknown') {
      problems.push({ code: 'E_UNKNOWN_METER', where, what: `no meter of ours counts the unit "${unit}"` })
      continue
    }
    const own = thresholdsOf(price)
    if (own.length > 0 && own.join() !== gt.join()) {
      problems.push({ code: 'E_THRESHOLDS_DIFFER', where, what: `${unit} starts at ${own.join()}, not ${gt.join()}` })
      continue
    }
    const cell = cellOf(unit, price, gt.length + 1, reading)
    if (cell === undefined) continue
    if (cells[meter] !== undefined && JSON.stringify(cells[meter]) !== JSON.stringify(cell)) {
      problems.push({ code: 'E_CONFLICT', where, what: `two prices for ${meter}` })
    }
    cells[meter] = cell
  }
  return {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(gt.length === 0 ? {} : { gt }),
    grade: 'C',
    cells,
  }
}

const isFree = ({ cells }: CatalogueSheet): boolean =>
  Object.values(cells).every((cell) => [cell].flat().every((price) => /^0(\.0*)?$/.test(price)))

/** Reads the prices of one model. Problems go to `reading.problems`; what is left out says why. */
export const sheetsOfFeed = (reading: Reading, options: { readonly keepFree: boolean }): FeedSheets => {
  const { prices } = reading.model
  const entries: FeedConditional[] = Array.isArray(prices) ? prices : [{ prices }]
  if (entries.some(isTimeOfDay)) return { dropped: 'priced by the time of day: calendars are authored here' }
  const cacheWrite = cacheWriteMeterOf(reading.provider, reading.model.id)
  const unit = entries.map((entry) => noCounterIn(entry.prices, cacheWrite)).find((found) => found !== undefined)
  if (unit !== undefined) return { dropped: `charges ${unit}, which no counter of ours tells` }
  const sheets = windowsOf(entries).map((window) => sheetOf(window, reading))
  if (sheets.every(isFree) && !(options.keepFree && sheets.some(({ cells }) => Object.keys(cells).length > 0))) {
    return { dropped: 'free, or without a price' }
  }
  return { sheets: sheets.filter(({ cells }) => Object.keys(cells).length > 0) }
}
