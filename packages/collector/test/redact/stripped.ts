import { type StripOptions, stripTraceRequest } from '#src/redact/index.ts'
import { decodeMessage, type Plain } from '../otlp/otlp-schema.ts'
import { encodeRequest, spanOf } from '../otlp/requests.ts'

export const CANARY = 'CANARY-my-secret-prompt'

interface KeyValue {
  readonly key: string
  readonly value: Plain
}

interface StoredSpan {
  readonly name?: string
  readonly attributes?: readonly KeyValue[]
  readonly events?: readonly Plain[]
  readonly links?: readonly Plain[]
  readonly status?: Plain
  readonly droppedAttributesCount?: number
  readonly droppedEventsCount?: number
  readonly droppedLinksCount?: number
}

/** The spans that a stripped request still holds. */
export const storedSpans = (body: Buffer): StoredSpan[] => {
  const request = decodeMessage('ExportTraceServiceRequest', body) as {
    resourceSpans: { scopeSpans: { spans?: StoredSpan[] }[] }[]
  }
  return request.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans ?? []))
}

/** What is stored of one span with these attributes, as key → value. */
export const stripAttributes = (attributes: readonly Plain[], options?: StripOptions): Record<string, unknown> => {
  const { body } = stripTraceRequest(encodeRequest([spanOf({ attributes })]), options)
  const stored = storedSpans(body)[0]?.attributes ?? []
  return Object.fromEntries(stored.map(({ key, value }) => [key, Object.values(value)[0]]))
}

export const ANY_KIND_OF_VALUE: readonly Plain[] = [
  { stringValue: CANARY },
  { bytesValue: Buffer.from(CANARY) },
  { arrayValue: { values: [{ stringValue: CANARY }] } },
  { kvlistValue: { values: [{ key: 'a', value: { stringValue: CANARY } }] } },
  { kvlistValue: { values: [{ key: CANARY, value: { intValue: 1 } }] } },
  { arrayValue: { values: [{ kvlistValue: { values: [{ key: 'a', value: { bytesValue: Buffer.from(CANARY) } }] } }] } },
]
