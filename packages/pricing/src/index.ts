export type { BookData, CompiledBook, Foldings, HostBiller, ModelName, NameRule, SheetBands } from './book.ts'
export { catalogueText } from './feed/catalogue-text.ts'
export { compilePriceBook } from './compile-price-book.ts'
export { askPrice, type ExplainedUsage, explainUsage, parsePriceQuestion, type PriceQuestion } from './explain-usage.ts'
export { OPEN_END } from './interval.ts'
export { loadPackagedBook } from './packaged-book.ts'
export { encodePackagedBook } from './packaged-format.ts'
export { type Grade, LIST_CARD, type PriceRow, type Sheet } from './price-row.ts'
export { type CostStatus, type PricedLine, type PricedUsage, priceUsage, type UsageQuestion } from './price-usage.ts'
export { buildPriceWindows, type PriceWindow, type UnitPrices } from './price-windows.ts'
export { PriceBookError, type PriceBookProblem, PROBLEM_CODES, type ProblemCode } from './problem.ts'
export { type Canonical, resolveSku, type SkuResolution, type UnpricedState } from './resolve-sku.ts'
export {
  foldSku,
  type PriceSelectorsInput,
  priceSlotOf,
  promptBandOf,
  type SkuFoldings,
  skuIdOf,
  type SkuParts,
} from './sku.ts'
export { type FeedOptions, type FeedReading, readPriceFeed } from './feed/read-feed.ts'
export { validateRows } from './validate-rows.ts'
export type { PriceBookSource } from './vocabulary.ts'
export { type BookDiff, describeBookDiff, diffBooks } from './revisions/diff-books.ts'
export {
  emptyRecordedBook,
  type Recorded,
  type RecordedBook,
  recordRevision,
  visibleAt,
} from './revisions/recorded-book.ts'
