/** Requests of attributes whose names never come twice: known, unknown, content-like and hashed ones, in every place that has attributes. */
import { gzipSync } from 'node:zlib'
import type { FuzzCase } from '../../packages/collector/test/fuzz/fuzz-case.ts'
import { encodeMessage, type Plain } from '../../packages/collector/test/otlp/otlp-schema.ts'

/** Fewer than a span may have, so that none is left out unread. */
export const NAMES_PER_REQUEST = 1_000

const SHAPES: readonly ((n: number) => string)[] = [
  (n) => `app.${n}`,
  (n) => `app.user.${n}.id`,
  (n) => `vendor.prompt.${n}.text`,
  (n) => `llm.input_messages.${n}.message.content`,
  (n) => `gen_ai.usage.${n}_tokens`,
  (n) => `langfuse.${n}.input`,
  (n) => `${n}${'x'.repeat(n % 300)}`,
  (n) => `ключ.${n}.👩‍👩‍👧`,
]

const IDS = { trace: 16, span: 8 } as const

const idOf = (n: number, bytes: number, asText: boolean): string | Buffer => {
  const text = (n + 1).toString(16).padStart(2 * bytes, '0')
  return asText ? text : Buffer.from(text, 'hex')
}

const attributesOf = (from: number, to: number): Plain[] =>
  Array.from({ length: to - from }, (_, n) => ({
    key: SHAPES[n % SHAPES.length]?.(from + n) ?? '',
    value: n % 2 === 0 ? { stringValue: `v${n}` } : { intValue: String(n) },
  }))

/** One in four is JSON, one in four is compressed. */
export const namedRequest = (request: number): FuzzCase => {
  const asText = request % 4 === 0
  const first = request * NAMES_PER_REQUEST
  const places = [0, 0.1, 0.2, 0.3, 1].map((share) => first + share * NAMES_PER_REQUEST)
  const [resource = [], scope = [], event = [], span = []] = places
    .slice(0, -1)
    .map((from, place) => attributesOf(from, places[place + 1] ?? from))
  const spans = [
    {
      traceId: idOf(request, IDS.trace, asText),
      spanId: idOf(request, IDS.span, asText),
      name: `chat ${request}`,
      attributes: span,
      events: [{ name: 'event', attributes: event }],
    },
  ]
  const body = {
    resourceSpans: [{ resource: { attributes: resource }, scopeSpans: [{ scope: { attributes: scope }, spans }] }],
  }
  const wire = asText ? Buffer.from(JSON.stringify(body)) : encodeMessage('ExportTraceServiceRequest', body)
  const isCompressed = request % 4 === 1
  return {
    encoding: asText ? 'json' : 'protobuf',
    contentEncoding: isCompressed ? 'gzip' : 'identity',
    wire: isCompressed ? gzipSync(wire) : wire,
    mutations: [],
  }
}
