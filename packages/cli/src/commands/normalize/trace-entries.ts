/** What `outlay normalize` prints: one entry per GenAI span, or per part of a call that bills apart. */
import type { NormalizedCall, NormalizedTraces } from '@outlay/collector'
import type { MeterQuantities } from '@outlay/core'
import type { CallAttribution, ListedSpan, PriceSelectors } from '@outlay/semconv'

/** Shape: docs/reference/cli/normalize.schema.json. Texts that were not given are left out of the objects. */
export interface TraceEntry {
  readonly trace_id: string
  readonly span_id: string
  readonly part: string
  readonly billable: boolean
  readonly disposition: string
  readonly billable_reason: string | null
  readonly covered_by: string | null
  readonly calls_below: number
  readonly rule: string
  readonly scope: { readonly name: string; readonly version: string }
  readonly usage_status: string
  readonly inclusion: string
  readonly cache_split: string
  readonly flags: readonly string[]
  readonly meters: MeterQuantities
  readonly input_total: number
  readonly output_total: number
  readonly selectors: Readonly<Record<string, string | boolean>>
  readonly attribution: Readonly<Record<string, string | number>>
  readonly missing: readonly string[]
  readonly response_id: string
  readonly reported_cost: { readonly usd: string; readonly source: string } | null
}

export interface NormalizeAnswer {
  readonly entries: readonly TraceEntry[]
  readonly summary: {
    readonly requests: number
    readonly other_signals: number
    readonly spans: number
    readonly plain_spans: number
    readonly rejected_spans: Readonly<Record<string, number>>
    readonly redacted: Readonly<Record<string, number>>
  }
}

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Names as the columns of `calls` have them; without what is empty or merely false. */
const givenIn = <Value extends string | number | boolean>(fields: Readonly<Record<string, Value>>) =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      value === '' || value === false ? [] : [[snakeCase(name), value]],
    ),
  )

const aboutOf = (
  selectors: PriceSelectors,
  attribution: CallAttribution,
): Pick<TraceEntry, 'selectors' | 'attribution'> => ({
  selectors: givenIn<string | boolean>({ ...selectors }),
  attribution: givenIn<string | number>({ ...attribution }),
})

const reportedCost = (usd: string, source: string): TraceEntry['reported_cost'] => (usd === '' ? null : { usd, source })

const entryOfCall = ({ call, disposition, missing }: NormalizedCall): TraceEntry => ({
  trace_id: call.key.traceId,
  span_id: call.key.spanId,
  part: call.key.part,
  // A call that reported nothing is listed; there is nothing to bill.
  billable: call.usageStatus !== 'absent',
  disposition,
  billable_reason: call.billableReason,
  covered_by: null,
  calls_below: 0,
  rule: call.ruleId,
  scope: { name: call.scopeName, version: call.scopeVersion },
  usage_status: call.usageStatus,
  inclusion: call.inclusion,
  cache_split: call.cacheSplit,
  flags: call.flags,
  meters: call.meters,
  input_total: call.inputTotal,
  output_total: call.outputTotal,
  ...aboutOf(call.selectors, call.attribution),
  missing,
  response_id: call.responseId,
  reported_cost: reportedCost(call.reportedCostUsd, call.reportedCostSource),
})

const entryOfListed = (traceId: string, span: ListedSpan): TraceEntry => {
  const { about } = span
  if (about === undefined) throw new Error('BUG: normalized spans are described')
  return {
    trace_id: traceId,
    span_id: span.spanId,
    part: 'main',
    billable: false,
    disposition: span.disposition,
    billable_reason: null,
    covered_by: about.coveredBy === '' ? null : about.coveredBy,
    calls_below: about.callsBelow,
    rule: span.ruleId,
    scope: { name: span.scopeName, version: span.scopeVersion },
    usage_status: span.usageStatus,
    inclusion: span.inclusion,
    cache_split: span.cacheSplit,
    flags: span.flags,
    meters: span.meters,
    input_total: span.inputTotal,
    output_total: span.outputTotal,
    ...aboutOf(about.selectors, about.attribution),
    missing: [],
    response_id: about.responseId,
    reported_cost: reportedCost(about.reportedCostUsd, about.reportedCostSource),
  }
}

const bySpanAndPart = (a: TraceEntry, b: TraceEntry): number =>
  a.span_id < b.span_id ? -1 : a.span_id > b.span_id ? 1 : a.part === 'main' ? -1 : b.part === 'main' ? 1 : 0

/** Sorted by trace, span and part: the same set of spans gives the same answer. */
export const normalizeAnswer = (normalized: NormalizedTraces): NormalizeAnswer => ({
  entries: normalized.traces.flatMap(({ traceId, calls, listed }) =>
    [...calls.map(entryOfCall), ...listed.map((span) => entryOfListed(traceId, span))].toSorted(bySpanAndPart),
  ),
  summary: {
    requests: normalized.requests,
    other_signals: normalized.otherSignals,
    spans: normalized.spans,
    plain_spans: normalized.traces.reduce((sum, { plainSpans }) => sum + plainSpans, 0),
    rejected_spans: Object.fromEntries(normalized.rejections),
    redacted: Object.fromEntries(normalized.redacted),
  },
})
