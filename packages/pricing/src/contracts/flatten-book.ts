/**
 * Whose price: the cards of a scope laid over the list (spec: pricing §10). Project before tenant before organisation
 * before list; where a card has any row of a sheet, it is the whole sheet for that time.
 */
import { type BookData, type ModelName, validityOf } from '#src/book.ts'
import { type Interval, subtractIntervals, unionOf } from '#src/interval.ts'
import { LIST_CARD, OPERATOR_CARD, type PriceRow, type Sheet, sheetKeyOf } from '#src/price-row.ts'

/** Who pays. Ids without the `tenant:` in front. */
export interface PriceScope {
  readonly organisation?: string
  readonly tenant?: string
  readonly project?: string
}

/** Cards of a scope, most specific first. */
const cardsOfScope = ({ organisation, tenant, project }: PriceScope): string[] => [
  ...(project === undefined ? [] : [`project:${project}`]),
  ...(tenant === undefined ? [] : [`tenant:${tenant}`]),
  ...(organisation === undefined ? [] : [`org:${organisation}`]),
  LIST_CARD,
]

const placeOf = (sheet: Sheet): string => sheetKeyOf({ ...sheet, card: '' })

/** The parts of each entry that no time in `taken` covers. */
const outside = <T extends { readonly validFrom: number; readonly validTo: number }>(
  entries: readonly T[],
  taken: readonly Interval[],
): T[] =>
  taken.length === 0
    ? [...entries]
    : entries.flatMap((entry) =>
        subtractIntervals(validityOf(entry), taken).map(({ from, to }) => ({ ...entry, validFrom: from, validTo: to })),
      )

/** Rows and bands of one sheet, the most specific card first. */
const layerSheet = (
  book: Pick<BookData, 'rows' | 'bands'>,
  cards: readonly string[],
): Pick<BookData, 'rows' | 'bands'> => {
  const rows: PriceRow[] = []
  const bands: BookData['bands'][number][] = []
  let taken: Interval[] = []
  for (const card of cards) {
    const own = outside(
      book.rows.filter((row) => row.card === card),
      taken,
    )
    const ownBands = book.bands.filter((sheet) => sheet.card === card)
    rows.push(...own)
    bands.push(...outside(ownBands, taken))
    taken = unionOf([...taken, ...own.map(validityOf)])
  }
  return { rows, bands }
}

const namesOf = (names: readonly ModelName[], cards: readonly string[]): ModelName[] =>
  [OPERATOR_CARD, ...cards].flatMap((card) => names.filter((name) => name.card === card))

/** The cards in a book that are somebody's own; who has none of them shares the list. */
export const contractCardsOf = (book: Pick<BookData, 'rows' | 'names'>): string[] => {
  const cards = new Set([...book.rows, ...book.names].map(({ card }) => card))
  return [...cards].filter((card) => card !== LIST_CARD && card !== OPERATOR_CARD).toSorted()
}

/**
 * The one book of a scope: what its calls cost, with every card resolved. Rows keep their card and their id, so that an
 * explanation can say whose price it is; a row that a more specific card covers in part is cut there.
 */
export const flattenBook = (book: BookData, scope: PriceScope = {}): BookData => {
  const cards = cardsOfScope(scope)
  const wanted = new Set(cards)
  const bands = Map.groupBy(
    book.bands.filter(({ card }) => wanted.has(card)),
    placeOf,
  )
  const rows = Map.groupBy(
    book.rows.filter(({ card }) => wanted.has(card)),
    placeOf,
  )
  const sheets = [...rows].map(([place, ofSheet]) =>
    layerSheet({ rows: ofSheet, bands: bands.get(place) ?? [] }, cards),
  )
  return {
    ...book,
    scope: cards[0] ?? LIST_CARD,
    rows: sheets.flatMap((sheet) => sheet.rows),
    bands: sheets.flatMap((sheet) => sheet.bands),
    names: namesOf(book.names, cards),
  }
}
