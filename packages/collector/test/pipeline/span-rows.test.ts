import type { Attributes, SpanEvidence } from '@outlay/semconv'
import { expect, test } from 'vitest'
import { evidenceOf } from '#src/pipeline/span-rows.ts'
import { spanRowOf } from '../span-row-of.ts'

/** As decoded: every name is a property of its own, whatever it is. */
const attributes: Attributes = {
  ...(JSON.parse('{"__proto__": "text", "constructor": true, "7": "digit"}') as Attributes),
  'gen_ai.usage.input_tokens': 2n ** 60n,
  'gen_ai.request.temperature': 0.5,
  'outlay.batch': false,
}

const span: SpanEvidence = {
  authority: 'local',
  traceId: '0102030405060708090a0b0c0d0e0f10',
  spanId: '1112131415161718',
  parentSpanId: '',
  name: 'chat',
  kind: 3,
  statusCode: 0,
  startUnixNano: 1_790_000_000_000_000_000n,
  endUnixNano: 1_790_000_001_000_000_000n,
  receivedUnixNano: 1_790_000_002_000_000_000n,
  scopeName: 'scope',
  scopeVersion: '1',
  resource: JSON.parse('{"__proto__": "text", "service.name": "api"}') as Attributes,
  attributes,
}

test('a span comes back from its row with every attribute, whatever its name', () => {
  const back = evidenceOf(spanRowOf(span, { walId: 'log', lsn: 1n, pos: 0 }))
  expect(new Map(Object.entries(back.attributes))).toEqual(new Map(Object.entries(attributes)))
  expect(new Map(Object.entries(back.resource))).toEqual(new Map(Object.entries(span.resource)))
  expect({ ...back, attributes, resource: span.resource }).toEqual(span)
})
