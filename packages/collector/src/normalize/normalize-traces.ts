/**
 * Files of spans → what the ledger would say about them. The same steps as on the way from the wire to `calls`: transcode,
 * strip, decode, settle, and the policy that decides between ledger and quarantine; but nothing waits, and nothing is
 * stored. A pure function of the set of spans.
 */
import { type ListedSpan, type SettledCall, settleTrace, type SpanEvidence } from '@outlay/semconv'
import { DEFAULT_REQUIRED } from '#src/collector-settings.ts'
import { desiredEntryOf, type PostingPolicy } from '#src/ledger/settled-row.ts'
import { decodeTraceRequest, JsonRequestError, transcodeJsonRequest, WireError } from '#src/otlp/index.ts'
import type { RejectionReason } from '#src/otlp/span-ids.ts'
import {
  createTraceStripper,
  type RedactionCounts,
  type StrippedRequest,
  type TraceStripper,
} from '#src/redact/index.ts'
import { readTraceFile, refuseTraces, type TraceFile, type TraceFileRequest } from './read-trace-file.ts'

export interface NormalizeSettings extends Omit<PostingPolicy, 'require'> {
  /** Without it, what the collector requires by default. */
  readonly require?: PostingPolicy['require']
  /** Key that hashes raw user ids; without it they are dropped and counted, as on receipt. */
  readonly userKey?: string
}

/** Where a call would land, and as what: `conflict` and `absent` are rows of the ledger without meters. */
export type CallDisposition = 'charged' | 'quarantined' | 'conflict' | 'absent'

export interface NormalizedCall {
  readonly call: SettledCall
  readonly disposition: CallDisposition
  /** Required attribution that it lacks. */
  readonly missing: readonly string[]
}

export interface NormalizedTrace {
  readonly traceId: string
  readonly calls: readonly NormalizedCall[]
  readonly listed: readonly ListedSpan[]
  /** Spans that have nothing to do with models. */
  readonly plainSpans: number
}

export interface NormalizedTraces {
  /** By trace id. */
  readonly traces: readonly NormalizedTrace[]
  readonly requests: number
  /** Lines that hold another signal than traces. */
  readonly otherSignals: number
  /** Spans as they were read, repeated ones included. */
  readonly spans: number
  readonly rejections: ReadonlyMap<RejectionReason, number>
  readonly redacted: ReadonlyMap<keyof RedactionCounts, number>
}

/** Whoever sends to a collector without tokens. */
const AUTHORITY = 'local'

const stripped = (stripper: TraceStripper, { encoding, body, where }: TraceFileRequest): StrippedRequest => {
  try {
    return stripper.strip(encoding === 'json' ? transcodeJsonRequest(body.toString('utf8')) : body)
  } catch (error) {
    if (error instanceof JsonRequestError) return refuseTraces(where, error.message)
    if (error instanceof WireError) return refuseTraces(where, `malformed protobuf: ${error.message}`)
    throw error
  }
}

const OTHER_SIGNALS: ReadonlySet<string> = new Set(['resourceLogs', 'resourceMetrics', 'resourceProfiles'])
const KEYS_NAMED_MAX = 3
const NAME = /^[\w.-]{1,40}$/

/** What an object without spans is: a request all the same, another signal, or nothing of OTLP. */
const classifyEmpty = ({ encoding, body, where }: TraceFileRequest, isOnly: boolean): 'request' | 'other_signal' => {
  if (encoding === 'protobuf') return 'request'
  const keys = Object.keys(JSON.parse(body.toString('utf8')) as object)
  if (keys.length === 0 || keys.includes('resourceSpans')) return 'request'
  if (!isOnly && keys.some((key) => OTHER_SIGNALS.has(key))) return 'other_signal'
  const named = keys.slice(0, KEYS_NAMED_MAX).map((key) => (NAME.test(key) ? key : '…'))
  return refuseTraces(where, 'a JSON object without resourceSpans', `an object with ${named.join(', ')}`)
}

interface Reading {
  readonly spans: SpanEvidence[]
  readonly rejections: Map<RejectionReason, number>
  readonly redacted: Map<keyof RedactionCounts, number>
  requests: number
  otherSignals: number
}

const addTo = <Key>(sums: Map<Key, number>, counts: Iterable<readonly [Key, number]>): void => {
  for (const [key, count] of counts) if (count > 0) sums.set(key, (sums.get(key) ?? 0) + count)
}

/** A file has no time of receipt: each span counts as received when it ended. */
const receivedAtItsEnd = (span: SpanEvidence): SpanEvidence => ({
  ...span,
  receivedUnixNano: span.endUnixNano > span.startUnixNano ? span.endUnixNano : span.startUnixNano,
})

const readRequest = (reading: Reading, request: TraceFileRequest, stripper: TraceStripper, isOnly: boolean): void => {
  const { body, spanCount, rejected, rejections, looksLikeLogs, redacted } = stripped(stripper, request)
  if (looksLikeLogs) refuseTraces(request.where, 'not one span has ids', 'probably logs')
  if (spanCount + rejected === 0 && classifyEmpty(request, isOnly) === 'other_signal') {
    reading.otherSignals += 1
    return
  }
  reading.requests += 1
  addTo(reading.rejections, rejections)
  addTo(reading.redacted, Object.entries(redacted) as [keyof RedactionCounts, number][])
  const { spans } = decodeTraceRequest(body, { authority: AUTHORITY, receivedUnixNano: 0n })
  for (const span of spans) reading.spans.push(receivedAtItsEnd(span))
}

const normalizedCall = (call: SettledCall, policy: PostingPolicy): NormalizedCall => {
  const entry = desiredEntryOf(call, policy)
  if (entry.kind === 'refusal') return { call, disposition: 'quarantined', missing: entry.content.missing }
  const { usageStatus } = call
  const disposition = usageStatus === 'conflict' || usageStatus === 'absent' ? usageStatus : 'charged'
  return { call, disposition, missing: [] }
}

const normalizedTrace = (spans: readonly SpanEvidence[], policy: PostingPolicy): NormalizedTrace => {
  const { calls, listed } = settleTrace(spans, { describeListed: true })
  const accounted = new Set([...calls.map(({ key }) => key.spanId), ...listed.map(({ spanId }) => spanId)])
  const all = new Set(spans.map(({ spanId }) => spanId))
  return {
    traceId: spans[0]?.traceId ?? '',
    calls: calls.map((call) => normalizedCall(call, policy)),
    listed,
    plainSpans: all.size - accounted.size,
  }
}

/**
 * Settles what is in the files, all together: a trace may be spread over them. Fails with `E_TRACE_FILE` on the first file
 * that cannot be read.
 */
export const normalizeTraces = (files: readonly TraceFile[], settings: NormalizeSettings): NormalizedTraces => {
  const { require = DEFAULT_REQUIRED, userKey, ...tables } = settings
  const stripper = createTraceStripper(userKey === undefined ? {} : { userHashKey: userKey })
  const reading: Reading = { spans: [], rejections: new Map(), redacted: new Map(), requests: 0, otherSignals: 0 }
  for (const file of files) {
    const before = reading.requests
    const requests = readTraceFile(file)
    for (const request of requests) readRequest(reading, request, stripper, requests.length === 1)
    if (reading.requests === before) refuseTraces(file.name, 'no line holds traces', 'logs, metrics or profiles only')
  }
  const byTrace = Map.groupBy(reading.spans, ({ traceId }) => traceId)
  const traces = [...byTrace.keys()]
    .toSorted()
    .map((traceId) => normalizedTrace(byTrace.get(traceId) ?? [], { ...tables, require }))
  const { requests, otherSignals, rejections, redacted } = reading
  return { traces, requests, otherSignals, spans: reading.spans.length, rejections, redacted }
}
