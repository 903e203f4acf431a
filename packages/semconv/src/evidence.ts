/**
 * Evidence: one received span with its content stripped, and what settlement makes of the spans of a trace.
 * These shapes are the seam between the collector, the ledger and the dialect rules.
 */
import type { MeterQuantities } from '@outlay/core'

/** 64-bit integers are bigint so that they stay exact; doubles are number. */
export type AttributeValue = string | bigint | number | boolean

export type Attributes = Readonly<Record<string, AttributeValue>>

/** One received span, content stripped. Ids are lower-case hex. */
export interface SpanEvidence {
  /** Who vouches for the span: a bound tenant, the account of a trusted token, or `local`. Part of every key. */
  readonly authority: string
  readonly traceId: string
  readonly spanId: string
  /** Empty for a root span. */
  readonly parentSpanId: string
  readonly name: string
  /** OTLP span kind: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  /** OTLP status code: 0 unset, 1 ok, 2 error. */
  readonly statusCode: number
  readonly startUnixNano: bigint
  readonly endUnixNano: bigint
  /** The collector's clock. */
  readonly receivedUnixNano: bigint
  readonly scopeName: string
  readonly scopeVersion: string
  readonly resource: Attributes
  readonly attributes: Attributes
}

export type UsageStatus = 'reported' | 'partial' | 'estimated' | 'absent' | 'conflict'
export type CacheSplit = 'reported' | 'unknown'
export type Inclusion = 'raw' | 'inclusive' | 'exclusive' | 'n/a'
export type BillableReason = 'leaf' | 'unknown_no_leaf' | 'promoted_aggregate'

/** What a price depends on, as reported. Nothing is canonicalised here. Empty string = not reported. */
export interface PriceSelectors {
  readonly provider: string
  readonly host: string
  readonly requestModel: string
  readonly responseModel: string
  readonly serviceTier: string
  readonly batch: boolean
  readonly speed: string
  readonly apiType: string
  readonly region: string
}

/** Who and what the call was for (spec: attribution). Empty string = not given. */
export interface CallAttribution {
  readonly tenant: string
  readonly user: string
  readonly subject: 'user' | 'account'
  readonly feature: string
  readonly route: string
  readonly workload: string
  readonly task: string
  readonly taskType: string
  readonly parentTask: string
  readonly session: string
  readonly turn: string
  readonly tool: string
  readonly agent: string
  readonly promptVersion: string
  readonly effort: string
  readonly tier: string
  readonly environment: string
  readonly service: string
  readonly leaf: string
  /** 1 = first. */
  readonly attempt: number
  readonly outcome: string
}

/** Composition of the input in tokens; informative, never added to meters. */
export interface LayerTokens {
  readonly prompt: number
  readonly tool: number
  readonly memory: number
}

/** What a budget guard decided about the call. */
export interface CallControl {
  readonly intendedModel: string
  readonly overagePattern: string
  readonly overageAction: string
}

/** Identity of one billable call: net sign over the ledger is 0 or 1 per key. */
export interface CallKey {
  readonly authority: string
  readonly traceId: string
  readonly spanId: string
  /** `main`, or a part of the call that bills as its own row, e.g. `compaction`. */
  readonly part: string
}

/** One call that settlement wants on the ledger. */
export interface SettledCall {
  readonly key: CallKey
  readonly startUnixNano: bigint
  readonly endUnixNano: bigint
  readonly receivedUnixNano: bigint
  readonly usageStatus: UsageStatus
  readonly cacheSplit: CacheSplit
  readonly inclusion: Inclusion
  readonly billableReason: BillableReason
  readonly flags: readonly string[]
  /** Rule that read the counters, `id@rev`. */
  readonly ruleId: string
  readonly scopeName: string
  readonly scopeVersion: string
  readonly meters: MeterQuantities
  readonly inputTotal: number
  readonly outputTotal: number
  readonly selectors: PriceSelectors
  readonly attribution: CallAttribution
  readonly layers: LayerTokens
  readonly control: CallControl
  readonly responseId: string
  /** Cost claimed by the sender: evidence, never summed. Decimal text in USD. */
  readonly reportedCostUsd: string
  readonly reportedCostSource: string
}

/** Why a span is not billed. */
export type ListedDisposition = 'covered' | 'not_billable' | 'unbilled_aggregate' | 'duplicate'

/** A span with usage or a GenAI role that is not billed, and why. Its numbers are what it reported itself. */
export interface ListedSpan {
  readonly spanId: string
  readonly disposition: ListedDisposition
  readonly ruleId: string
  readonly scopeName: string
  readonly scopeVersion: string
  readonly usageStatus: UsageStatus
  readonly cacheSplit: CacheSplit
  readonly inclusion: Inclusion
  readonly flags: readonly string[]
  readonly meters: MeterQuantities
  readonly inputTotal: number
  readonly outputTotal: number
  /** Only with `describeListed`. */
  readonly about?: ListedSubject
}

/** What a listed span says about itself beside its usage, and which call stands for it. */
export interface ListedSubject {
  readonly startUnixNano: bigint
  readonly endUnixNano: bigint
  readonly receivedUnixNano: bigint
  /**
   * Span of the call that accounts for it: the one it repeats, else the nearest above it, else the only one below it.
   * Empty = none, or several below.
   */
  readonly coveredBy: string
  /** Calls below it, all of which it may sum up. */
  readonly callsBelow: number
  readonly selectors: PriceSelectors
  readonly attribution: CallAttribution
  readonly responseId: string
  readonly reportedCostUsd: string
  readonly reportedCostSource: string
}

/** Everything settlement says about one trace. */
export interface TraceSettlement {
  readonly calls: readonly SettledCall[]
  readonly listed: readonly ListedSpan[]
}
