/**
 * What the price book knows beside the prices that the ledger used: which row a price came from, and which other rows
 * would explain another figure on the invoice (spec: pricing §15).
 */
import type { BookData } from '#src/book.ts'
import { quoteText, rowText } from '#src/checks/sheet-text.ts'
import { OPEN_END } from '#src/interval.ts'
import { LIST_CARD, type PriceRow, rowKeyOf } from '#src/price-row.ts'
import type { KnownPrice, LedgerUsage } from '#src/reconcile/ledger-side.ts'
import type { ReconcileProvider } from '#src/reconcile/provider-export.ts'

/** A book with the name that views know it by. */
export interface NamedBook {
  readonly name: string
  readonly book: Pick<BookData, 'rows'>
}

type PricedUse = Pick<LedgerUsage, 'day' | 'model' | 'tier' | 'meter' | 'fusd' | 'ninths'>

const DAY_SECONDS = 86_400

const dayOf = (atSeconds: number): string => new Date(atSeconds * 1000).toISOString().slice(0, 10)

/** Price rows of one meter, in every region, band, card and time. */
const placeOf = ({ model, tier, meter }: Pick<PriceRow, 'model' | 'tier' | 'meter'>): string =>
  [model, tier, meter].join('\u0000')

const rowsByPlace = (book: Pick<BookData, 'rows'>, provider: ReconcileProvider): ReadonlyMap<string, PriceRow[]> =>
  Map.groupBy(
    book.rows.filter((row) => row.provider === provider && row.currency === 'USD'),
    placeOf,
  )

const overlap = (a: PriceRow, b: PriceRow): boolean => a.validFrom < b.validTo && b.validFrom < a.validTo

const samePrice = (a: Pick<PriceRow, 'fusd' | 'ninths'>, b: Pick<PriceRow, 'fusd' | 'ninths'>): boolean =>
  a.fusd === b.fusd && a.ninths === b.ninths

const textOf = (row: PriceRow, remark = ''): string => {
  const end = row.validTo === OPEN_END ? '' : ` to ${dayOf(row.validTo)}`
  return `${row.card === LIST_CARD ? 'list · ' : ''}${rowText(row)}: ${quoteText(row)} from ${dayOf(row.validFrom)}${end}${remark}`
}

/** The rows of the book that gave a price, the list's own before those of contracts. */
const rowsBehind = (use: PricedUse, places: ReadonlyMap<string, PriceRow[]>): PriceRow[] => {
  const { fusd, ninths } = use
  if (fusd === null) return []
  const from = Date.parse(`${use.day}T00:00:00Z`) / 1000
  return (places.get(placeOf(use)) ?? [])
    .filter((row) => samePrice(row, { fusd, ninths }) && row.validFrom < from + DAY_SECONDS && from < row.validTo)
    .toSorted((a, b) => Number(b.card === LIST_CARD) - Number(a.card === LIST_CARD) || a.band - b.band)
}

/** Names the row that each price came from. */
export const withPriceRows = (
  usage: readonly LedgerUsage[],
  { book }: NamedBook,
  provider: ReconcileProvider,
): LedgerUsage[] => {
  const places = rowsByPlace(book, provider)
  return usage.map((use) => {
    const [row] = rowsBehind(use, places)
    return row === undefined ? use : { ...use, row: textOf(row) }
  })
}

interface Alternative {
  readonly cause: KnownPrice['cause']
  readonly row: PriceRow
  readonly set: string
  readonly remark?: string
  /** When the provider may have charged it: the window of the price that it would stand for. */
  readonly from: number
  readonly to: number
}

/** The prices before and after the used one: a change that the provider made at another time than the book says. */
const neighboursOf = (used: PriceRow, rows: readonly PriceRow[]): Alternative[] => {
  const sameKey = rows.filter((row) => rowKeyOf(row) === rowKeyOf(used)).toSorted((a, b) => a.validFrom - b.validFrom)
  const before = sameKey.findLast(({ validTo }) => validTo <= used.validFrom)
  const after = sameKey.find(({ validFrom }) => validFrom >= used.validTo)
  const window = { cause: 'stale_price', from: used.validFrom, to: used.validTo } as const
  return [
    ...(before === undefined ? [] : [{ ...window, row: before, set: 'the price before' }]),
    ...(after === undefined ? [] : [{ ...window, row: after, set: 'the price after' }]),
  ]
}

const inBoth = (used: PriceRow, row: PriceRow): { readonly from: number; readonly to: number } => ({
  from: Math.max(used.validFrom, row.validFrom),
  to: Math.min(used.validTo, row.validTo),
})

/** What other cards say at the same time: a contract that the ledger did not price by, or the list where it did. */
const otherCardsOf = (used: PriceRow, rows: readonly PriceRow[]): Alternative[] =>
  rows
    .filter((row) => rowKeyOf({ ...row, card: '' }) === rowKeyOf({ ...used, card: '' }))
    .filter((row) => row.card !== used.card && overlap(row, used))
    .map((row) => ({ cause: 'contract', row, set: `card ${row.card}`, ...inBoth(used, row) }))

/** What an earlier or later revision said of the same time. */
const otherRevisionsOf = (used: PriceRow, rows: readonly PriceRow[], name: string): Alternative[] =>
  rows
    .filter((row) => rowKeyOf(row) === rowKeyOf(used) && overlap(row, used))
    .map((row) => ({ cause: 'stale_price', row, set: name, remark: ` (book ${name})`, ...inBoth(used, row) }))

const knownPriceOf = ({ cause, row, set, remark, from, to }: Alternative): KnownPrice => ({
  cause,
  model: row.model,
  tier: row.tier,
  meter: row.meter,
  from: dayOf(from),
  to: to === OPEN_END ? null : dayOf(Math.ceil(to / DAY_SECONDS) * DAY_SECONDS),
  fusd: row.fusd,
  ninths: row.ninths,
  row: textOf(row, remark),
  set,
})

/** Sets that say the same are one. */
const withoutEqualSets = (prices: readonly KnownPrice[]): KnownPrice[] => {
  const contents = new Set<string>()
  return [...Map.groupBy(prices, ({ set }) => set).values()].flatMap((set) => {
    const content = set
      .map(({ cause, model, tier, meter, from, to, fusd, ninths }) =>
        [cause, model, tier, meter, from, to, fusd, ninths].join(' '),
      )
      .toSorted()
      .join('\n')
    if (contents.has(content)) return []
    contents.add(content)
    return set
  })
}

/**
 * Prices other than those that the ledger used that could stand behind an invoice: neighbouring windows of the same
 * sheet, other cards, and what the `others` (other revisions) say of the same time.
 */
export const knownPricesOf = (
  usage: readonly PricedUse[],
  used: NamedBook,
  { provider, others }: { readonly provider: ReconcileProvider; readonly others: readonly NamedBook[] },
): KnownPrice[] => {
  const places = rowsByPlace(used.book, provider)
  const otherPlaces = others.map(({ name, book }) => ({ name, places: rowsByPlace(book, provider) }))
  const usedRows = new Map(
    usage.flatMap((use) => rowsBehind(use, places)).map((row) => [`${row.rowId} ${row.validFrom}`, row]),
  )
  const prices = [...usedRows.values()].flatMap((row) => {
    const rows = places.get(placeOf(row)) ?? []
    const alternatives = [
      ...neighboursOf(row, rows),
      ...otherCardsOf(row, rows),
      ...otherPlaces.flatMap(({ name, places: those }) => otherRevisionsOf(row, those.get(placeOf(row)) ?? [], name)),
    ]
    return alternatives.filter((alternative) => !samePrice(alternative.row, row)).map(knownPriceOf)
  })
  return withoutEqualSets(prices)
}
