/** The span that a person means, by its id or by trace and span id. */
import { type ClickHouseClient, findTracesOfSpan, type SpanPlace, type SpanQuestion } from '@outlay/clickhouse'
import { OutlayError } from '@outlay/core'

const SPAN = /^(?:([0-9a-f]{32})[:/])?([0-9a-f]{16})$/

/** `8 bytes hex` or `trace_id:span_id`; hex of either case. Fails with `E_SPAN`. */
export const parseSpan = (text: string): SpanQuestion => {
  const [, traceId, spanId] = SPAN.exec(text.trim().toLowerCase()) ?? []
  if (spanId === undefined) {
    throw new OutlayError('E_SPAN', 'not a span', {
      got: JSON.stringify(text),
      want: 'a span id of 16 hex digits, or trace_id:span_id',
    })
  }
  return { spanId, ...(traceId === undefined ? {} : { traceId }) }
}

/** Its one trace. Fails with `E_SPAN` where there is none or several. */
export const findCall = async (
  client: ClickHouseClient,
  database: string,
  question: SpanQuestion,
): Promise<SpanPlace> => {
  const places = await findTracesOfSpan(client, database, question)
  const [first] = places
  const asked = question.traceId === undefined ? question.spanId : `${question.traceId}:${question.spanId}`
  if (first === undefined) {
    throw new OutlayError('E_SPAN', 'the ledger has no such span', {
      got: asked,
      fix: `look at another database with --database; this one is ${database}`,
    })
  }
  if (places.length === 1) return first
  const severalTraces = new Set(places.map(({ traceId }) => traceId)).size > 1
  throw new OutlayError('E_SPAN', 'several spans have this id', {
    got: asked,
    want: severalTraces
      ? places.map(({ traceId, authority }) => `${traceId}:${question.spanId} (${authority})`).join(', ')
      : places.map(({ authority }) => `--authority ${authority}`).join(' or '),
  })
}
