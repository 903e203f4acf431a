/**
 * Every bound of the system, in one place, each with its unit last and tested at its edge.
 * Users change them by configuration where a page of the docs says so.
 */
const MIB = 1024 * 1024
const KIB = 1024

export const limits = {
  /** Largest quantity of one meter on one call; beyond it the row is a conflict (pricing §9). */
  meterQuantityMax: 2 ** 40,

  // OTLP receive path (collector §3.6)
  requestBodyBytesMax: 64 * MIB,
  inflationRatioMax: 200,
  inflationRatioFreeBytes: 1 * MIB,
  zstdFramesMax: 64,
  /** Bodies of so few bytes, before and after, are inflated on the event loop: the way to the thread pool costs more. */
  inflateAtOnceWireBytesMax: 64 * KIB,
  inflateAtOnceBytesMax: 1 * MIB,
  spansPerRequestMax: 200_000,
  attributeNestingMax: 32,
  jsonNestingMax: 64,
  attributesPerSpanMax: 1_024,
  attributeValueBytesMax: 4 * KIB,
  usageJsonBytesMax: 1 * MIB,
  usageSubtreeBytesMax: 16 * KIB,
  unknownAttributeBytesMax: 256,
  spanNameBytesMax: 128,
  tenantIdBytesMax: 128,
  headerBytesMax: 16 * KIB,
  /** Of OTLP/HTTP; one more is closed as soon as it opens. */
  connectionsMax: 10_000,
  inFlightBytesMax: 512 * MIB,
  /** Requests that are inflated, stripped and committed at once: as many as one commit takes. Others wait for their turn. */
  requestsAtWorkMax: 256,
  requestsInLineMax: 4_096,
  /** Refusals of one quota that are answered at once; further ones wait, each longer, up to the delay. */
  quotaAnswersPerSecond: 100,
  quotaAnswerDelayMsMax: 1_000,
  /** A tokens file: some ten thousand tokens. */
  tokensFileBytesMax: 4 * MIB,
  /** How long a changed tokens file may go unnoticed. */
  tokensReloadMs: 5_000,
  /** How long a changed file of the configuration may go unnoticed. */
  configReloadMs: 5_000,
  /** How long a changed certificate may go unnoticed. */
  tlsReloadMs: 30_000,

  /** One file of spans for `outlay normalize`, inflated. */
  traceFileBytesMax: 512 * MIB,

  // Write-ahead log (collector §5)
  walSegmentBytes: 64 * MIB,
  walBytesMax: 8 * 1024 * MIB,
  walGroupBytesMax: 8 * MIB,
  walGroupRecordsMax: 256,
  duplicateBodyWindowMs: 15 * 60_000,
  duplicateBodyWindowEntriesMax: 1_000_000,

  // Units into the database (collector §6, §7)
  unitSpansMax: 20_000,
  /** How long building a unit may hold the event loop at a stretch. */
  turnMs: 5,
  unitBytesMax: 16 * MIB,
  unitAgeMs: 1_000,
  insertAttemptMs: 120_000,
  insertRetryInitialMs: 500,
  /** On shutdown: until requests in flight have their answer. */
  shutdownRequestsMs: 10_000,
  /** On shutdown: until what is being read from the database, or sent to it, is answered. */
  shutdownUnitsMs: 10_000,
  insertRetryMaxMs: 30_000,
  /** How long an error without a known meaning is retried before an operator is called. */
  insertUnknownErrorMs: 3_600_000,
  /** Attempts that find a body damaged, before it is taken for what it was when it was sealed. */
  insertDamagedAttemptsMax: 5,
  /** Refused units one after the other, from which on it is a bug or a schema and not the data. */
  refusedUnitsInARowMax: 3,
  /** The same among the last units: more than this share of so many. */
  refusedUnitsWindow: 100,
  refusedUnitsShareMax: 0.01,
  /** Refused rows of one unit that are put aside; more of them are a bug or a schema. */
  refusedRowsPerUnitMax: 64,
  deduplicationWindowInserts: 10_000,
  /** A window is this many times the inserts that may be in doubt at once, at least. */
  deduplicationWindowInsertsMin: 100,
  deduplicationWindowSeconds: 604_800,
  /** How often the windows of the tables are read. */
  deduplicationCheckMs: 3_600_000,

  // Mirror to another backend (collector §2)
  mirrorRequestBytesMax: 1 * MIB,
  mirrorRequestRecordsMax: 256,
  mirrorRetryInitialMs: 1_000,
  mirrorRetryMaxMs: 30_000,

  // Price book
  priceBookChangeSeconds: 600,
  /** An index is a UInt8, and 0 is no edge. */
  bandEdgesMax: 255,

  // Settlement (counters §11)
  quietPeriodMs: 60_000,
  quietPeriodOwnDialectMs: 2_000,
  traceOpenMsMax: 600_000,
  /** A trace that waits longer is shown as it stands, and again where it grew. */
  openTraceShownEveryMs: 5_000,
  candidateTtlMs: 30 * 86_400_000,
  /** A trace with spans in several logs: how much longer the collector of its first span waits, and the others. */
  sharedTraceOwnerMs: 20_000,
  sharedTraceOtherMs: 60_000,
  settlementTracesPerUnitMax: 2_000,
  /** Spans that arrived for the traces of one unit; a single trace may have more. */
  settlementSpansPerUnitMax: 10_000,
  /** Half a kilobyte each. While so many wait for their quiet period, evidence stays in the log. */
  waitingTracesMax: 400_000,
  /** Statements that name the traces of a unit, twice or thrice at 80 bytes each. */
  traceQueryBytesMax: 2 * MIB,
  /** Requests whose spans wait for settlement, held as bytes; what has no room is read back. */
  evidenceMemoryBytesMax: 24 * MIB,
  /** Calls that one ledger unit moves to a new band or slot; each is a reversal and a charge. */
  refoldedCallsPerUnitMax: 5_000,

  /** Entries of one task that are listed to a person. */
  explainedEntriesMax: 10_000,

  // Proof of the ledger
  /** Rows that one query groups: the embedded engine gives a reader 2 GiB and 30 s; half a million took 5 s on 2 busy cores. */
  verifyRowsPerQueryMax: 250_000,
  /** Spans whose traces are read and derived together. */
  verifySpansPerBatchMax: 10_000,
  /** Findings of one check that are listed; the rest is counted. */
  verifyFindingsListedMax: 100,
  /** A difference that rows on their way may explain is looked at again after each of these waits. */
  verifyLooksAfterMs: [1_000, 3_000],
  /** Evidence that waits longer for settlement than a trace may stay open, and this, is a finding. */
  verifySettlementGraceMs: 300_000,

  // Web panel (dashboards §9)
  /** Rows of one table on a page; further ones are counted. */
  panelTableRowsMax: 1_000,
  /** An answer that is younger is given again, with its age: many open browsers ask the ledger once. */
  panelFreshAnswerMs: 10_000,
  /** A view that takes longer shows its last value with its age. */
  panelSlowAnswerMs: 2_000,
  /** Answers that are kept for that, across all questions. */
  panelLastAnswersMax: 100,
  /** Times that a question is put to a ledger that is busy with others; the embedded engine lets each wait for 5 s. */
  panelBusyAttemptsMax: 4,

  // Facts that users load. A file is held in memory (about 2.5 KB a row), and is one insert of one block, which the
  // server keeps whole up to 1,048,449 rows
  factFileBytesMax: 64 * MIB,
  factRowsMax: 250_000,
  factIdBytesMax: 128,
  factTextBytesMax: 512,
  /** Problems of one refused file that are listed; the rest is counted. */
  factProblemsListedMax: 1_000,

  /** A bands file of the operator. */
  bandsFileBytesMax: 256 * KIB,

  // Clocks (collector §8.3)
  clockPastMsMax: 400 * 86_400_000,
  clockFutureMsMax: 5 * 60_000,

  // In the user's process (attribution)
  instrumentation: {
    attributionValueBytesMax: 128,
    exportQueueSpansMax: 4_096,
    exportBatchSpansMax: 512,
    ancestryDepthMax: 64,
    /** Sets of attribute names that spans of ours are known to have. */
    compactShapesMax: 64,
    warnedCallSitesMax: 1_000,
    /** Of one layer of a prompt: counting its tokens takes the app's own time. */
    layerCharactersMax: 1_048_576,
    /** Bodies of models that are read for their usage; larger ones hold pictures. */
    modelBodyBytesMax: 4_194_304,
    /** A framework that says nothing of a model call for this long has forgotten it. */
    silentCallMsMax: 3_600_000,
    /** Calls that are remembered while a framework has a model call open, in case they are the same one. */
    sightingsMax: 10_000,
    /** Sessions of agents whose sums are remembered, in case they are resumed. */
    agentSessionsMax: 1_000,
    /** A carrier is one entry of baggage, which takes 4,096 bytes with its name. */
    carrierBytesMax: 4_000,
    carrierAgeMsMax: 30 * 86_400_000,
    /** The same in the headers of a request. */
    requestCarrierAgeMsMax: 3_600_000,
  },
} as const

export type Limits = typeof limits
