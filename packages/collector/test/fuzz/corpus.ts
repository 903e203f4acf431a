/**
 * What cases are made from: the dialect fixtures, and requests that use every field of the protocol and every carrier of
 * content. Wherever content may come, the canary stands there.
 */
import { readFileSync } from 'node:fs'
import { CONTENT_CARRIERS } from '@outlay/semconv'
import { transcodeJsonRequest } from '#src/otlp/index.ts'
import { encodeMessage, type Plain } from '../otlp/otlp-schema.ts'
import { encodeRequest, hex, intAttribute, SPAN_ID, spanOf, textAttribute, TRACE_ID } from '../otlp/requests.ts'
import { CANARY } from './canary.ts'

export interface Corpus {
  readonly protobuf: readonly Buffer[]
  /** Roots of JSON requests. */
  readonly json: readonly object[]
}

const FIXTURES = new URL('../fixtures/otlp-dialect-cases.json', import.meta.url)

/** Every field of the protocol, values of every kind. */
export const RICH = encodeRequest(
  [
    spanOf({
      parentSpanId: hex('2122232425262728'),
      traceState: 'a=b',
      flags: 257,
      droppedAttributesCount: 1,
      droppedEventsCount: 1,
      droppedLinksCount: 1,
      attributes: [
        textAttribute('gen_ai.prompt', CANARY),
        intAttribute('gen_ai.usage.input_tokens', '-1'),
        intAttribute('gen_ai.usage.output_tokens', '9223372036854775807'),
        { key: 'gen_ai.request.temperature', value: { doubleValue: 0.25 } },
        { key: 'outlay.bytes', value: { bytesValue: Buffer.from('abc') } },
        { key: 'outlay.list', value: { arrayValue: { values: [{ stringValue: 'x' }, { doubleValue: 1.5 }] } } },
        { key: 'outlay.map', value: { kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] } } },
      ],
      events: [{ name: 'e', timeUnixNano: 5, attributes: [textAttribute('a', 'b')], droppedAttributesCount: 1 }],
      links: [{ traceId: hex('01'.repeat(16)), attributes: [textAttribute('a', 'b')], flags: 1, traceState: 'c=d' }],
      status: { code: 2, message: CANARY },
    }),
    spanOf({ name: 'second' }),
  ],
  {
    attributes: [textAttribute('service.name', 'svc')],
    entityRefs: [{ type: 't', schemaUrl: 's', idKeys: ['k'], descriptionKeys: ['d'] }],
    droppedAttributesCount: 1,
  },
  { name: 'test', version: '1', attributes: [textAttribute('a', 'b')], droppedAttributesCount: 1 },
)

const carrying = (ids: Plain): Plain => {
  const attributes = [
    ...CONTENT_CARRIERS.map((key) => textAttribute(key.replaceAll('*', '.0.x'), CANARY)),
    ...['my.prompt', 'last_message', 'exception.message', 'enduser.id', 'user.id'].map((key) =>
      textAttribute(key, CANARY),
    ),
    textAttribute('metadata', JSON.stringify({ usage: { note: CANARY } })),
    textAttribute('outlay.usage.raw', JSON.stringify({ input_tokens: 1, text: CANARY })),
    { key: 'outlay.nested', value: { kvlistValue: { values: [{ key: 'k', value: { stringValue: CANARY } }] } } },
  ]
  const events = [
    { name: 'gen_ai.choice', attributes: attributes.slice(0, 4) },
    { name: 'e', attributes: attributes.slice(-6) },
  ]
  const span = { ...ids, name: 'n', attributes, events, status: { code: 2, message: CANARY } }
  const resource = { attributes: attributes.slice(0, 4) }
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 's' }, spans: [span] }] }] }
}

/** Twenty harmless attributes, as instrumentations send them. */
const plainRequest = encodeRequest(
  Array.from({ length: 4 }, (_, n) =>
    spanOf({
      spanId: hex(`${n + 1}`.padStart(16, '0')),
      attributes: Array.from({ length: 20 }, (__, at) => textAttribute(`app.field_${at}`, `value ${at}`)),
    }),
  ),
)

/** OTLP logs on the trace path: their field numbers coincide with those of spans. */
const logs = encodeMessage('ExportLogsServiceRequest', {
  resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityText: 'INFO', body: { stringValue: CANARY } }] }] }],
})

export const readCorpus = (): Corpus => {
  const fixtures = JSON.parse(readFileSync(FIXTURES, 'utf8')) as { readonly otlp: object }[]
  const requests = fixtures.map(({ otlp }) => otlp)
  const carriers = encodeMessage(
    'ExportTraceServiceRequest',
    carrying({ traceId: hex(TRACE_ID), spanId: hex(SPAN_ID) }),
  )
  return {
    protobuf: [
      RICH,
      carriers,
      plainRequest,
      logs,
      ...requests.map((request) => transcodeJsonRequest(JSON.stringify(request))),
    ],
    json: [...requests, carrying({ traceId: TRACE_ID, spanId: SPAN_ID })],
  }
}
