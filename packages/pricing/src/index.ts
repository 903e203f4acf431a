export type {
  BookData,
  BookReview,
  BookTables,
  CalendarHorizon,
  CompiledBook,
  Foldings,
  HostBiller,
  ModelName,
  NameRule,
  SheetBands,
  SlotSplit,
} from './book.ts'
export { tablesOf } from './book.ts'
export { type CallCut, promptBandOf } from './band-edges.ts'
export { catalogueText } from './feed/catalogue-text.ts'
export { compilePriceBook } from './compile-price-book.ts'
export {
  askPrice,
  type ExplainedUsage,
  explainFolded,
  explainUsage,
  parsePriceQuestion,
  type PriceQuestion,
} from './explain-usage.ts'
export { formatInstant } from './instant.ts'
export { OPEN_END } from './interval.ts'
export { loadPackagedBook } from './packaged-book.ts'
export { encodePackagedBook } from './packaged-format.ts'
export { type Grade, LIST_CARD, type PriceRow, type Sheet } from './price-row.ts'
export { priceSlotOf, splitsOf } from './price-slot.ts'
export { type CostStatus, type PricedLine, type PricedUsage, priceUsage, type UsageQuestion } from './price-usage.ts'
export { buildPriceWindows, type PriceWindow, type UnitPrices } from './price-windows.ts'
export {
  type Place,
  placeText,
  PriceBookError,
  type PriceBookProblem,
  PROBLEM_CODES,
  type ProblemCode,
} from './problem.ts'
export { type Canonical, resolveSku, type SkuResolution, type UnpricedState } from './resolve-sku.ts'
export {
  foldSku,
  foldProvider,
  type PriceSelectorsInput,
  skuIdOf,
  type SkuParts,
} from './sku.ts'
export { type Edition, type EditionFile, readEdition } from './edition/read-edition.ts'
export { compileOverlay } from './compile-overlay.ts'
export {
  type CatalogueFormat,
  type CatalogueKey,
  type CataloguePrices,
  type PricedSheet,
  pricedSheetsAt,
} from './feed/catalogue-prices.ts'
export { type CatalogueFile, type CatalogueOptions, readCatalogue } from './feed/read-catalogue.ts'
export { BILLING_AGGREGATORS, type FeedOptions, type FeedReading, readPriceFeed } from './feed/read-feed.ts'
export { moneyCapOf, type PlanPrice, pricePlan, tokensWithin } from './plan/price-plan.ts'
export {
  type PlannedUsage,
  type PlannedWorkload,
  type PlanSize,
  type Ratio,
  sizePlan,
  WORKLOADS,
} from './plan/size-plan.ts'
export { suggestionFor } from './nearest-word.ts'
export { modelNameOf, type PriceQuote, priceRowOfQuote } from './quote-row.ts'
export { validateRows } from './validate-rows.ts'
export { readYamlSource, type YamlPath, type YamlSource } from './yaml-source.ts'
export type { PriceBookSource } from './vocabulary.ts'
export { type BookDiff, describeBookDiff, diffBooks } from './revisions/diff-books.ts'
export {
  emptyRecordedBook,
  type KnownBook,
  type Origin,
  ORIGINS,
  type Recorded,
  type RecordedBook,
  recordRevision,
  visibleAt,
} from './revisions/recorded-book.ts'
export {
  addToList,
  cellsOnSheets,
  closedByHand,
  type NextBook,
  withContract,
  withEdition,
  withoutContract,
  withoutRow,
} from './revisions/change-book.ts'
export type { Facts } from './revisions/layer-facts.ts'
export { cardOf, type ContractText } from './contracts/contract-text.ts'
export { type BookScope, scopesOf } from './contracts/book-scopes.ts'
export { narrowedTo } from './revisions/narrow-book.ts'
export { parseWhatIf, type WhatIfDefinition, whatIfSku } from './contracts/what-if-book.ts'
export { compileContracts } from './contracts/compile-contracts.ts'
export { contractCardsOf, flattenBook, type PriceScope } from './contracts/flatten-book.ts'
export {
  assertOverridesMeet,
  type CellOverride,
  overrideCells,
  type SkuSubstitution,
  substituteSku,
} from './contracts/what-if.ts'
export { canonicalModelsOf, canonicalTierIn } from './reconcile/book-names.ts'
export { knownPricesOf, type NamedBook, withPriceRows } from './reconcile/book-prices.ts'
export { ExportError, type ExportNote, type ExportProblem } from './reconcile/export-findings.ts'
export type { Cause, Finding, PriceCause, QuantityCause } from './reconcile/finding.ts'
export type {
  Evidence,
  KnownPrice,
  LedgerCharge,
  LedgerSide,
  LedgerUsage,
  ReconcileOptions,
} from './reconcile/ledger-side.ts'
export { type CsvRow, type CsvTable, parseCsvTable } from './reconcile/csv-table.ts'
export { NumberText, parseExactJson } from './reconcile/exact-json.ts'
export { addDays } from './reconcile/export-days.ts'
export { type ExportFile, parseProviderExport } from './reconcile/parse-provider-export.ts'
export {
  type ChargeKind,
  type CostLine,
  type ProviderExport,
  RECONCILE_PROVIDERS,
  type ReconcileProvider,
  type UsageLine,
} from './reconcile/provider-export.ts'
export { reconcile, type ReconcileInput } from './reconcile/reconcile.ts'
export type {
  ComparedMoney,
  ComparedQuantity,
  MonthResult,
  Reconciliation,
  Totals,
} from './reconcile/reconciliation.ts'
export { reconciliationJson } from './reconcile/reconciliation-json.ts'
export { renderReconciliation } from './reconcile/render-reconciliation.ts'
export {
  type BookFinding,
  checkBook,
  type CheckOptions,
  FINDING_KINDS,
  type FindingKind,
  type SeenSku,
  type SkuUsage,
} from './checks/check-book.ts'
export { type DriftLine, type DriftOptions, type DriftReport, driftReport } from './checks/drift-report.ts'
export { type DriftWaiver, parseDriftWaivers } from './checks/drift-waivers.ts'
export { type SkuSpend, spendByPrice } from './checks/sheet-spend.ts'
export { type StagedImport, stageImport, type StageOptions } from './checks/stage-import.ts'
export { type ConvertedAmount, convertFemto, type ForeignAmount, type FxRate } from './convert-femto.ts'
