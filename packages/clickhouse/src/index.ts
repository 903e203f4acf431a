export { type ClickHouseClient, type ConnectionSettings, connect } from './client.ts'
export { readRepeatedResponses, type RepeatedResponses } from './doctor/repeated-responses.ts'
export {
  isServerSupported,
  readSenderSkew,
  readServerFacts,
  SERVER_VERSION_MIN,
  tablesWithoutFsync,
} from './doctor/server-facts.ts'
export { type EntryCost, readEntryCosts } from './explain/entry-costs.ts'
export {
  findTenantsOfTask,
  findTracesOfSpan,
  type SpanPlace,
  type SpanQuestion,
  type TaskPlace,
} from './explain/find-traces.ts'
export { readTaskEntries, readTaskFigure, type TaskEntries, type TaskFigure } from './explain/read-task.ts'
export { DEFAULT_TIERS } from './facts/default-tiers.ts'
export { type LoadedFacts, listFacts } from './facts/list-facts.ts'
export { type FactLoadResult, type FactRow, loadFacts } from './facts/load-facts.ts'
export { BANDS, type BandId, type BandStep, type Verdict } from './kpi/bands.ts'
export { type ConfiguredBands, parseBandsFile } from './kpi/bands-file.ts'
export { type LoadedBands, loadBands } from './kpi/load-bands.ts'
export type { OverviewRow } from './kpi/overview-row.ts'
export { type KpiArguments, kpiStatement, queryKpi } from './kpi/query-kpi.ts'
export type { ColumnUnit, ViewColumn } from './kpi/view-columns.ts'
export type { ViewDefinition } from './kpi/view-definition.ts'
export { PARAMETER_DEFINITIONS } from './kpi/view-parameters.ts'
export { KPI_VIEWS, type KpiViewName, kpiViewOf, VIEW_PARAMETERS, type ViewParameter } from './kpi/view-registry.ts'
export { classifyInsertAnswer, type FailedInsert, type InsertOutcome } from './ledger/insert-outcome.ts'
export { cutUnit } from './ledger/cut-unit.ts'
export { type EncodedUnit, insertUnit } from './ledger/insert-unit.ts'
export { tracesOfUnit } from './ledger/unit-traces.ts'
export { countOtherWriters, countStored, readStoredRecords, type StoredRecords } from './ledger/stored-units.ts'
export { readRows } from './ledger/read-rows.ts'
export {
  type FollowedRules,
  readEvidenceHours,
  readRulesFollowed,
  readTracesOfHour,
  recordRulesFollowed,
} from './ledger/rule-derivations.ts'
export { encodeUnit, UnitEncoder } from './ledger/unit-encoder.ts'
export { writeRows } from './ledger/write-rows.ts'
export { spanColumns, type WrittenSpan } from './tables/span-columns.ts'
export { addBandEdge, type NewBandEdge } from './prices/band-edges.ts'
export { pricedAs } from './prices/compile-windows.ts'
export { type BookHistory, readBookHistory } from './prices/book-history.ts'
export { type LedgerTables, readLedgerTables } from './prices/ledger-tables.ts'
export { type PriceRevision, readRevisions } from './prices/read-revisions.ts'
export { changePriceBook, type RecordedChange, type RevisionNote } from './prices/record-book.ts'
export { addSlotSplit, type NewSlotSplit } from './prices/slot-splits.ts'
export { stagePriceBook } from './prices/stage-book.ts'
export {
  bookNamed,
  CURRENT_BOOK,
  pinnedBookName,
  readStoredBooks,
  STAGED_BOOK,
  type StoredBook,
  scopedBooks,
} from './prices/stored-books.ts'
export {
  readWaitingLogs,
  readWaitingTraces,
  type WaitingLog,
  type WaitingTrace,
} from './prices/waiting-calls.ts'
export { type DefinedWhatIf, defineWhatIfBook, readWhatIfBooks } from './prices/what-if-books.ts'
export { createWindowLoader, type WindowLoad, type WindowLoader } from './prices/window-loader.ts'
export {
  type CounterMonth,
  differingMonths,
  dropShadows,
  type RebuiltMonth,
  rebuildMonth,
} from './rebuild/rebuild-counters.ts'
export { readAccountCharges } from './reconcile/account-charges.ts'
export { type ProviderUsageQuestion, readProviderUsage } from './reconcile/provider-usage.ts'
export { readSeenSkus, readSkuUsage } from './prices-check/read-sku-usage.ts'
export { type RewrittenFact, readRewrittenFacts } from './prices-check/rewritten-facts.ts'
export { refusedTraces } from './replay/refused-traces.ts'
export {
  type DeduplicationWindow,
  readDeduplicationWindows,
  requireDeduplicationWindows,
  UNIT_TABLES,
} from './schema/check-deduplication.ts'
export { fateOfFeeds, readViewFeeds, type ViewFeeds } from './schema/view-feeds.ts'
export { shardNote } from './schema/shards.ts'
export { readWhole } from './schema/stored-form.ts'
export { type MigrationResult, migrate, schemaStatements } from './schema/migrate.ts'
export { readMigrations, readViews, shardTables, type SqlFile } from './schema/migrations.ts'
export { prepareDatabase } from './schema/prepare-database.ts'
export { readSchemaState } from './schema/schema-state.ts'
export { assertIdentifier, renderSql, type SchemaTarget } from './schema/render-sql.ts'
export {
  fxRatesTable,
  type AccountChargeFact,
  accountChargesTable,
  engagementTable,
  planEventsTable,
  type RevenueFact,
  revenueTable,
  type TenantFact,
  type TierFact,
  tenantsTable,
  tiersTable,
  type UserFact,
  usersTable,
} from './tables/fact-tables.ts'
export {
  type CallRow,
  callsTable,
  type OpenEntryRow,
  openEntriesTable,
  type OpenTraceRow,
  openTracesTable,
  type QuarantineRow,
  quarantineTable,
  type SpanRow,
  spansTable,
} from './tables/ledger-tables.ts'
export { columnNames, type RowOf, type TableColumns, type TableShape } from './tables/table-shape.ts'
export { confirmLook, type Patience } from './verify/confirm-look.ts'
export { type CheckName, type CheckResult, type Finding, keyed, type Look, mergeLooks } from './verify/finding.ts'
export { ALL_TIME, type LedgerSource, type TimeRange } from './verify/ledger-range.ts'
export { type TraceBatch, traceBatches } from './verify/trace-windows.ts'
export { verifyTables } from './verify/verify-tables.ts'
