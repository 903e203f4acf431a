import { encodeMessage, type Plain } from './otlp-schema.ts'

export const TRACE_ID = '0102030405060708090a0b0c0d0e0f10'
export const SPAN_ID = '1112131415161718'

export const hex = (text: string): Buffer => Buffer.from(text, 'hex')

export const spanOf = (span: Plain = {}): Plain => ({
  traceId: hex(TRACE_ID),
  spanId: hex(SPAN_ID),
  name: 'chat gpt-5',
  kind: 3,
  startTimeUnixNano: '1790000000000000000',
  endTimeUnixNano: '1790000001000000000',
  ...span,
})

export const requestOf = (spans: readonly Plain[], resource: Plain = {}, scope: Plain = { name: 'test' }): Plain => ({
  resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }],
})

export const encodeRequest = (spans: readonly Plain[], resource?: Plain, scope?: Plain): Buffer =>
  encodeMessage('ExportTraceServiceRequest', requestOf(spans, resource, scope))

export const textAttribute = (key: string, stringValue: string): Plain => ({ key, value: { stringValue } })

export const intAttribute = (key: string, intValue: number | string): Plain => ({ key, value: { intValue } })

/** A length-delimited field, written by hand for what an encoder would refuse to write. */
export const rawField = (fieldNumber: number, ...parts: readonly Buffer[]): Buffer => {
  const payload = Buffer.concat([...parts])
  return Buffer.concat([rawVarint(fieldNumber * 8 + 2), rawVarint(payload.length), payload])
}

const rawVarint = (value: number): Buffer => {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return Buffer.from([...bytes, rest])
}

/** A JSON request with one span of each name. */
export const jsonRequest = (...names: string[]): Plain => ({
  resourceSpans: [{ scopeSpans: [{ spans: names.map((name) => ({ traceId: TRACE_ID, spanId: SPAN_ID, name })) }] }],
})
