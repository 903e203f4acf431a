/** Authored or imported prices → sheets, in the vocabulary of a book: its providers, tiers, regions and band edges. */
import type { BookData, CompiledBook } from '#src/book.ts'
import type { CatalogueModel } from '#src/feed/catalogue-model.ts'
import { type CataloguePrices, pricedSheetsAt, withNamesOf } from '#src/feed/catalogue-prices.ts'
import { catalogueText } from '#src/feed/catalogue-text.ts'
import { BILLING_AGGREGATORS, readPriceFeed } from '#src/feed/read-feed.ts'
import { compilePriceBook } from '#src/compile-price-book.ts'
import type { PriceBookSource } from '#src/vocabulary.ts'

/** What the formats other than a map of numbers leave out of a reading: nothing. */
export const NOTHING_LEFT_OUT = { notComparable: [], otherKeys: [], unknownKeys: [], corrected: [] } as const

const EDITION = '1970-01-01'

/** The tables of a book as an overlay without models (JSON is YAML), with room for what only these models have. */
const vocabularySource = (
  { bandEdges, foldings }: Pick<BookData, 'bandEdges' | 'foldings'>,
  models: readonly CatalogueModel[] = [],
): PriceBookSource => {
  const { providers, hosts, proxies, tiers, regions } = foldings
  const strangers = [...new Set(models.map(({ provider }) => provider))].filter((id) => !Object.hasOwn(tiers, id))
  const forStrangers = <Table>(table: Table): Record<string, Table> =>
    Object.fromEntries(strangers.map((provider) => [provider, table]))
  // A threshold that is no edge of ours is a finding of the report, not a reason to refuse the other catalogue.
  const edges = new Set([...bandEdges, ...models.flatMap(({ sheets }) => sheets.flatMap(({ gt = [] }) => gt))])
  const tables = {
    format: 'outlay-prices/1',
    edition: EDITION,
    currency: 'USD',
    ...(edges.size === 0 ? {} : { band_edges: [...edges] }),
    providers,
    hosts,
    proxies,
    tiers: { ...tiers, ...forStrangers({ standard: 'standard' }) },
    regions: { ...regions, ...forStrangers({ '': '' }) },
  }
  return { file: 'tables of the book', text: JSON.stringify(tables) }
}

/** An overlay on the tables of a book. Its own band edges, where it has some, are the ones that its thresholds are on. */
export const compileOn = (book: BookData, source: PriceBookSource): CompiledBook => {
  const hasEdges = /^\s*"?band_edges"?\s*:/m.test(source.text)
  return compilePriceBook([vocabularySource(hasEdges ? { ...book, bandEdges: [] } : book), source])
}

export interface FeedDating {
  readonly file: string
  /** Day of the models whose feed tells none. */
  readonly checkedAt: string
  /** Unix seconds. */
  readonly now: number
}

/**
 * A `genai-prices` feed as it holds at `now`, with its known defects corrected. What our own rules would derive from its
 * figures is left out: the feed does not say it. Throws `PriceBookError` where the feed hits a guard.
 */
export const compileFeed = (
  feed: readonly unknown[],
  book: BookData,
  { file, checkedAt, now }: FeedDating,
): CataloguePrices => {
  const { models, dropped, corrected } = readPriceFeed(feed, { aggregators: BILLING_AGGREGATORS })
  const head = { edition: EDITION, source: file, url: file, checkedAt }
  const text = catalogueText(models, head)
  const { rows, bands } = compilePriceBook([vocabularySource(book, models), { file, text }])
  const days = new Map(models.map((model) => [`${model.provider}\u0000${model.model}`, model.checkedAt] as const))
  const published = rows
    .filter(({ derivedFrom }) => derivedFrom === 'published')
    .map((row) => ({ ...row, checkedAt: days.get(`${row.provider}\u0000${row.model}`) ?? checkedAt }))
  return {
    ...NOTHING_LEFT_OUT,
    format: 'genai-prices',
    sheets: withNamesOf(book, pricedSheetsAt({ rows: published, bands }, now), now),
    notComparable: dropped.map(({ provider, model, reason }) => ({ where: `${provider}/${model}`, reason })),
    corrected,
  }
}
