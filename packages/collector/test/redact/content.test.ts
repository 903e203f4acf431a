import { CONTENT_CARRIERS, USAGE_JSON_SUBTREES } from '@outlay/semconv'
import { describe, expect, test } from 'vitest'
import { stripTraceRequest } from '#src/redact/index.ts'
import { encodeMessage } from '../otlp/otlp-schema.ts'
import { encodeRequest, rawField, spanOf, textAttribute } from '../otlp/requests.ts'
import { ANY_KIND_OF_VALUE, CANARY, storedSpans } from './stripped.ts'

/** A request with one span with one attribute, given as raw bytes of its KeyValue. */
const wrapAttribute = (pair: Buffer): Buffer =>
  rawField(1, rawField(2, rawField(2, encodeMessage('Span', spanOf()), rawField(9, pair))))

describe('content', () => {
  const carriers = CONTENT_CARRIERS.map((pattern) => pattern.replaceAll('*', '.0.x'))

  test.each(carriers)('under %s is dropped in every type of value and in every place', (key) => {
    for (const value of ANY_KIND_OF_VALUE) {
      const attributes = [textAttribute('gen_ai.system', 'openai'), { key, value }]
      const body = encodeRequest(
        [spanOf({ attributes, events: [{ name: 'e', attributes }], links: [{ attributes }] })],
        { attributes },
        { name: 'scope', attributes },
      )
      const stripped = stripTraceRequest(body)
      expect(stripped.body.includes('CANARY')).toBe(false)
      const mark = Object.hasOwn(USAGE_JSON_SUBTREES, key) ? [textAttribute(key, 'bad_blob')] : []
      expect(storedSpans(stripped.body)[0]?.attributes).toEqual([textAttribute('gen_ai.system', 'openai'), ...mark])
    }
  })

  test.each([
    'gen_ai.user.message',
    'gen_ai.choice',
    'gen_ai.content.prompt',
    'gen_ai.client.inference.operation.details',
  ])('in an event named %s takes the whole event with it', (name) => {
    const events = [{ name, attributes: [textAttribute('x', CANARY)] }, { name: 'kept' }]
    const stripped = stripTraceRequest(encodeRequest([spanOf({ events })]))
    expect(storedSpans(stripped.body)[0]?.events).toEqual([{ name: 'kept' }])
    expect(stripped.redacted.event).toBe(1)
  })

  test('in messages of statuses and exceptions is dropped; their types stay', () => {
    const span = spanOf({
      status: { code: 2, message: CANARY },
      events: [
        {
          name: 'exception',
          attributes: [
            textAttribute('exception.type', 'RateLimitError'),
            textAttribute('exception.message', CANARY),
            textAttribute('exception.stacktrace', CANARY),
          ],
        },
      ],
    })
    const stripped = stripTraceRequest(encodeRequest([span]))
    expect(stripped.body.includes('CANARY')).toBe(false)
    const stored = storedSpans(stripped.body)[0]
    expect(stored?.status).toEqual({ code: 2 })
    expect(stored?.events).toEqual([
      { name: 'exception', attributes: [{ key: 'exception.type', value: { stringValue: 'RateLimitError' } }] },
    ])
    const kept = stripTraceRequest(encodeRequest([span]), { keepStatusMessage: true })
    expect(storedSpans(kept.body)[0]?.status).toEqual({ code: 2, message: CANARY })
  })

  test.each([
    ['in an earlier value of the same attribute', 2],
    ['in a field nobody knows', 3],
  ])('hidden %s is not carried along', (_, hiddenIn) => {
    const key = rawField(1, Buffer.from('gen_ai.system'))
    const value = (text: string): Buffer => rawField(1, Buffer.from(text))
    const pair = Buffer.concat([key, rawField(hiddenIn, value(CANARY)), rawField(2, value('openai'))])
    const body = wrapAttribute(pair)
    const stripped = stripTraceRequest(body)
    expect(stripped.body.includes('CANARY')).toBe(false)
    expect(storedSpans(stripped.body)[0]?.attributes).toEqual([
      { key: 'gen_ai.system', value: { stringValue: 'openai' } },
    ])
  })

  test('behind a harmless name that is replaced on the wire by a carrier is dropped, as decoders see the carrier', () => {
    const keys = ['gen_ai.system', 'gen_ai.prompt'].map((key) => rawField(1, Buffer.from(key)))
    const value = rawField(2, rawField(1, Buffer.from(CANARY)))
    const stripped = stripTraceRequest(wrapAttribute(Buffer.concat([...keys, value])))
    expect(stripped.body.includes('CANARY')).toBe(false)
  })

  test('in unknown fields of any message is dropped', () => {
    const unknown = rawField(1_000, Buffer.from(CANARY))
    const ids = encodeMessage('Span', spanOf())
    const span = rawField(2, ids, unknown, rawField(11, unknown), rawField(13, unknown), rawField(15, unknown))
    const resourceSpans = rawField(1, rawField(1, unknown), rawField(2, rawField(1, unknown), span), unknown)
    const body = Buffer.concat([resourceSpans, unknown])
    const stripped = stripTraceRequest(body)
    expect(stripped.body.includes('CANARY')).toBe(false)
    expect(stripped.spanCount).toBe(1)
    expect(stripped.redacted.unknown_field).toBe(8)
  })

  test('in place of an id is not stored', () => {
    const span = rawField(2, rawField(1, Buffer.from(CANARY)), encodeMessage('Span', spanOf()))
    const stripped = stripTraceRequest(rawField(1, rawField(2, span)))
    expect(stripped.spanCount).toBe(1)
    expect(stripped.body.includes('CANARY')).toBe(false)
  })
})
