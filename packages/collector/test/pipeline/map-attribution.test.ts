import { type Attributes, OUTLAY, type SpanEvidence } from '@outlay/semconv'
import { expect, test } from 'vitest'
import { createAttributionMap } from '#src/pipeline/map-attribution.ts'
import { createTraceStripper } from '#src/redact/index.ts'
import { encodeRequest, spanOf, textAttribute } from '../otlp/requests.ts'
import { storedSpans } from '../redact/stripped.ts'

const spanWith = (attributes: Attributes, resource: Attributes = {}): SpanEvidence => ({
  authority: 'local',
  traceId: '0102030405060708090a0b0c0d0e0f10',
  spanId: '1112131415161718',
  parentSpanId: '',
  name: 'chat',
  kind: 3,
  statusCode: 0,
  startUnixNano: 1n,
  endUnixNano: 2n,
  receivedUnixNano: 3n,
  scopeName: 'scope',
  scopeVersion: '1',
  resource,
  attributes,
})

const map = createAttributionMap({ feature: ['app.feature', 'app.module'], tenant: ['app.customer'] })

test('names of the sender are read in their order, on the span before its resource', () => {
  const { attributes } = map(spanWith({ 'app.module': 'm', 'app.feature': 'f' }, { 'app.customer': 'acme' }))
  expect(attributes).toEqual({
    'app.module': 'm',
    'app.feature': 'f',
    [OUTLAY.FEATURE]: 'f',
    [OUTLAY.TENANT_ID]: 'acme',
  })
  expect(map(spanWith({ 'app.feature': '', 'app.module': 'm' })).attributes[OUTLAY.FEATURE]).toBe('m')
})

test('what a span or its resource says under our names goes before', () => {
  const own = spanWith({ 'app.feature': 'theirs', [OUTLAY.FEATURE]: 'ours' }, { [OUTLAY.TENANT_ID]: 'acme' })
  expect(map(own)).toBe(own)
  const given = spanWith({ 'app.customer': 'other' }, { [OUTLAY.TENANT_ID]: 'acme' })
  expect(map(given)).toBe(given)
})

test('a mapped name reaches the log whole, also where it sounds like content', () => {
  const long = 'x'.repeat(1_000)
  const body = encodeRequest([spanOf({ attributes: [textAttribute('app.answer_kind', long)] })])
  const keys = (mappedKeys: readonly string[]): unknown =>
    storedSpans(createTraceStripper({ mappedKeys }).strip(body).body).map(({ attributes }) => attributes ?? [])
  expect(keys([])).toEqual([[]])
  expect(keys(['app.answer_kind'])).toEqual([[textAttribute('app.answer_kind', long)]])
})
