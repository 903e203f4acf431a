/** The stages between the wire and the ledger, as the collector runs them one after the other. */
import { assert } from '@outlay/core'
import { isGenAiSpan, settleTrace, type SpanEvidence, speaksOwnDialect } from '@outlay/semconv'
import { decodeTraceRequest } from '../../../packages/collector/src/otlp/index.ts'
import { evidenceOf } from '../../../packages/collector/src/pipeline/span-rows.ts'
import { spanRowOf } from '../../../packages/collector/test/span-row-of.ts'
import { createTraceStripper } from '../../../packages/collector/src/redact/index.ts'
import { ATTRIBUTES_PER_SPAN } from './span-sketch.ts'

export type Trace = readonly SpanEvidence[]
type SpanRow = ReturnType<typeof spanRowOf>

const CONTEXT = { authority: 'local', receivedUnixNano: 1_790_000_000_000_000_000n }
const stripper = createTraceStripper()

export const strip = (request: Buffer): Buffer => stripper.strip(request).body

export const decode = (body: Buffer): readonly SpanEvidence[] => decodeTraceRequest(body, CONTEXT).spans

export const rowsOf = (spans: readonly SpanEvidence[]): SpanRow[] =>
  spans.map((span, pos) => spanRowOf(span, { walId: 'bench', lsn: 1n, pos }))

/** What the evidence worker asks of each span, to know when its trace may settle. */
export const countOwn = (spans: readonly SpanEvidence[]): number =>
  spans.reduce((own, span) => own + (!isGenAiSpan(span) || speaksOwnDialect(span) ? 1 : 0), 0)

/** As settlement reads it back. */
export const readBack = (rows: readonly SpanRow[]): SpanEvidence[] => rows.map(evidenceOf)

export const groupByTrace = (spans: readonly SpanEvidence[]): Trace[] => [
  ...Map.groupBy(spans, ({ traceId }) => traceId).values(),
]

/** Returns how many rows came of the traces: calls and listed spans. */
export const settleAll = (traces: readonly Trace[]): number => {
  let rows = 0
  for (const trace of traces) {
    const { calls, listed } = settleTrace(trace)
    rows += calls.length + listed.length
  }
  return rows
}

/** The evidence of a request, as settlement reads it: spans of 20 attributes, by trace. */
export const evidenceOfRequest = (request: Buffer): Trace[] => {
  const spans = readBack(rowsOf(decode(strip(request))))
  for (const { attributes } of spans) {
    const kept = Object.keys(attributes).length
    assert(kept === ATTRIBUTES_PER_SPAN, `a span of the benchmark keeps ${kept} attributes`)
  }
  return groupByTrace(spans)
}
