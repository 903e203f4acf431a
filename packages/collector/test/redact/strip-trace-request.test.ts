import { CONTENT_CARRIERS, USAGE_JSON_SUBTREES } from '@outlay/semconv'
import { describe, expect, test } from 'vitest'
import { type StripOptions, stripTraceRequest } from '#src/redact/index.ts'
import { decodeMessage, encodeMessage, type Plain } from '../otlp/otlp-schema.ts'
import { encodeRequest, hex, intAttribute, rawField, requestOf, spanOf, textAttribute } from '../otlp/requests.ts'

const CANARY = 'CANARY-my-secret-prompt'

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

const storedSpans = (body: Buffer): StoredSpan[] => {
  const request = decodeMessage('ExportTraceServiceRequest', body) as {
    resourceSpans: { scopeSpans: { spans?: StoredSpan[] }[] }[]
  }
  return request.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans ?? []))
}

/** What is stored of one span with these attributes, as key → value. */
const stripAttributes = (attributes: readonly Plain[], options?: StripOptions): Record<string, unknown> => {
  const { body } = stripTraceRequest(encodeRequest([spanOf({ attributes })]), options)
  const stored = storedSpans(body)[0]?.attributes ?? []
  return Object.fromEntries(stored.map(({ key, value }) => [key, Object.values(value)[0]]))
}

const ANY_KIND_OF_VALUE: readonly Plain[] = [
  { stringValue: CANARY },
  { bytesValue: Buffer.from(CANARY) },
  { arrayValue: { values: [{ stringValue: CANARY }] } },
  { kvlistValue: { values: [{ key: 'a', value: { stringValue: CANARY } }] } },
  { kvlistValue: { values: [{ key: CANARY, value: { intValue: 1 } }] } },
  { arrayValue: { values: [{ kvlistValue: { values: [{ key: 'a', value: { bytesValue: Buffer.from(CANARY) } }] } }] } },
]

describe('a request without content', () => {
  test('is stored as it came, without a copy', () => {
    const body = encodeRequest(
      [
        spanOf({
          attributes: [
            textAttribute('gen_ai.operation.name', 'chat'),
            intAttribute('gen_ai.usage.input_tokens', '9007199254740993'),
            textAttribute('outlay.tenant.id', 'acme'),
          ],
          status: { code: 1 },
          events: [{ name: 'retry', attributes: [intAttribute('http.response.status_code', 429)] }],
        }),
      ],
      { attributes: [textAttribute('service.name', 'svc')] },
    )
    const stripped = stripTraceRequest(body)
    expect(stripped.body).toBe(body)
    expect(stripped).toMatchObject({ spanCount: 1, rejected: 0, looksLikeLogs: false })
    expect(Object.values(stripped.redacted).every((count) => count === 0)).toBe(true)
  })
})

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

/** A request with one span with one attribute, given as raw bytes of its KeyValue. */
const wrapAttribute = (pair: Buffer): Buffer =>
  rawField(1, rawField(2, rawField(2, encodeMessage('Span', spanOf()), rawField(9, pair))))

describe('unknown attributes', () => {
  test('are kept if they are small scalars with a harmless name', () => {
    const attributes = [textAttribute('my.flag', 'on'), intAttribute('my.count', 3), { key: 'empty', value: {} }]
    expect(stripAttributes(attributes)).toEqual({ 'my.flag': 'on', 'my.count': '3', empty: undefined })
    expect(stripAttributes(attributes, { mode: 'known_only' })).toEqual({})
  })

  test.each([
    'my.prompt',
    'userPrompt',
    'last_user_message',
    'http-body',
    'x.tool.arguments',
    'chat.QUERY',
    'Transcripts',
  ])('named %s are dropped', (key) => {
    const stripped = stripTraceRequest(encodeRequest([spanOf({ attributes: [textAttribute(key, CANARY)] })]))
    expect(stripped.body.includes('CANARY')).toBe(false)
    expect(stripped.redacted.unknown_name).toBe(1)
  })

  test('that count something keep their numbers under names such as input_tokens', () => {
    expect(stripAttributes([intAttribute('acme.input_tokens', 7), intAttribute('acme.input', 8)])).toEqual({
      'acme.input_tokens': '7',
    })
  })

  test('are dropped from one byte over their cap on', () => {
    const attributes = [textAttribute('a', 'x'.repeat(256)), textAttribute('b', 'x'.repeat(257))]
    expect(Object.keys(stripAttributes(attributes))).toEqual(['a'])
    expect(stripAttributes(attributes, { unknownBytesMax: 255 })).toEqual({})
  })

  test('are dropped if they are no scalars', () => {
    const values = ANY_KIND_OF_VALUE.slice(2)
    expect(stripAttributes(values.map((value, index) => ({ key: `k${index}`, value })))).toEqual({})
  })

  test('may be declared as carriers by the operator', () => {
    const attributes = [textAttribute('acme.note', CANARY), textAttribute('acme.kind', 'x')]
    expect(stripAttributes(attributes, { extraKeys: ['acme.note'] })).toEqual({ 'acme.kind': 'x' })
  })

  test('with a name that is longer than a name are dropped', () => {
    expect(stripAttributes([textAttribute(`${'k'.repeat(256)}x`, 'v')])).toEqual({})
  })
})

describe('known attributes', () => {
  test('are cut at 4 KiB, between characters', () => {
    const text = `${'x'.repeat(4_095)}é`
    const stripped = stripTraceRequest(encodeRequest([spanOf({ attributes: [textAttribute('outlay.feature', text)] })]))
    expect(storedSpans(stripped.body)[0]?.attributes?.[0]?.value).toEqual({ stringValue: 'x'.repeat(4_095) })
    expect(stripped.redacted.truncated).toBe(1)
  })

  test('keep lists of scalars and structures of numbers, and lose structures that may hold text', () => {
    const list = { arrayValue: { values: [{ stringValue: 'stop' }, { stringValue: 'length' }] } }
    const numbers = { kvlistValue: { values: [{ key: 'input', value: { intValue: '5' } }] } }
    expect(
      Object.keys(
        stripAttributes([
          { key: 'gen_ai.response.finish_reasons', value: list },
          { key: 'outlay.a', value: numbers },
          { key: 'outlay.b', value: ANY_KIND_OF_VALUE[3] },
          { key: 'outlay.c', value: ANY_KIND_OF_VALUE[4] },
          { key: 'outlay.d', value: ANY_KIND_OF_VALUE[5] },
          { key: 'outlay.e', value: { arrayValue: { values: [{ stringValue: 'x'.repeat(5_000) }] } } },
        ]),
      ).filter((key) => key !== 'gen_ai.response.finish_reasons'),
    ).toEqual(['outlay.a'])
  })

  test('of a family with free names are dropped where the name speaks of content and the value is text', () => {
    const attributes = [
      textAttribute('ai.telemetry.metadata.userMessage', CANARY),
      textAttribute('ai.telemetry.metadata.plan', 'pro'),
      textAttribute('gen_ai.usage.prompt_tokens', '1942'),
      textAttribute('gen_ai.usage.my_input_tokens', '17'),
    ]
    expect(stripAttributes(attributes)).toEqual({
      'ai.telemetry.metadata.plan': 'pro',
      'gen_ai.usage.prompt_tokens': '1942',
      'gen_ai.usage.my_input_tokens': '17',
    })
  })

  test('nested deeper than 32 levels are dropped and counted as dropped attributes', () => {
    const nest = (levels: number): Plain =>
      levels === 0 ? { intValue: 1 } : { arrayValue: { values: [nest(levels - 1)] } }
    const stored = (levels: number) =>
      storedSpans(
        stripTraceRequest(
          encodeRequest([
            spanOf({ attributes: [{ key: 'outlay.x', value: nest(levels) }], droppedAttributesCount: 2 }),
          ]),
        ).body,
      )[0]
    expect(stored(32)?.attributes).toHaveLength(1)
    expect(stored(33)?.attributes ?? []).toEqual([])
    expect(stored(33)?.droppedAttributesCount).toBe(3)
  })
})

describe('limits of a span', () => {
  test('drop and count what exceeds 1024 attributes, events or links', () => {
    const many = <T>(make: (index: number) => T): T[] => Array.from({ length: 1_030 }, (_, index) => make(index))
    const span = spanOf({
      attributes: many((index) => intAttribute(`k${index}`, index)),
      events: many((index) => ({ name: `e${index}` })),
      links: many(() => ({ traceId: hex('01'.repeat(16)), spanId: hex('02'.repeat(8)) })),
      droppedEventsCount: 10,
    })
    const stored = storedSpans(stripTraceRequest(encodeRequest([span])).body)[0]
    expect(stored?.attributes).toHaveLength(1_024)
    expect(stored?.events).toHaveLength(1_024)
    expect(stored?.links).toHaveLength(1_024)
    expect(stored).toMatchObject({ droppedAttributesCount: 6, droppedEventsCount: 16, droppedLinksCount: 6 })
  })

  test('cut span names at 128 bytes', () => {
    const stored = storedSpans(stripTraceRequest(encodeRequest([spanOf({ name: `${'n'.repeat(127)}€` })])).body)
    expect(stored[0]?.name).toBe('n'.repeat(127))
  })
})

describe('user ids', () => {
  const HASH = `h_${'0'.repeat(64)}`

  test('that are hashed already stay', () => {
    expect(stripAttributes([textAttribute('user.id', HASH)])).toEqual({ 'user.id': HASH })
  })

  test('in the clear are hashed with the key, in the form our instrumentation uses', () => {
    const stored = stripAttributes([textAttribute('enduser.id', 'jane@example.com'), intAttribute('user.id', 42)], {
      userHashKey: 'key',
    })
    // printf %s jane@example.com | openssl dgst -sha256 -hmac key
    expect(stored['enduser.id']).toBe('h_43c915a5fb2a55c3ccab3ef8b4ceec305b515df308878ece0d42526f5e24484a')
    expect(stored['user.id']).toMatch(/^h_[0-9a-f]{64}$/)
  })

  test('in the clear are dropped and counted without a key, also those that merely begin like a hash', () => {
    const attributes = [textAttribute('user.id', 'jane'), textAttribute('enduser.id', 'h_jane@example.com')]
    const stripped = stripTraceRequest(encodeRequest([spanOf({ attributes })]))
    expect(stripped.body.includes('jane')).toBe(false)
    expect(stripped.redacted.user_id_dropped).toBe(2)
  })
})

describe('JSON that mixes usage with content', () => {
  const strip = (key: string, value: string) => stripAttributes([textAttribute(key, value)])[key]

  test('keeps its usage subtree at its place', () => {
    const json = JSON.stringify({
      candidates: [{ content: { parts: [{ text: CANARY }] } }],
      usage_metadata: { prompt_token_count: 1000, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 1 }] },
    })
    expect(JSON.parse(String(strip('gcp.vertex.agent.llm_response', json)))).toEqual({
      usage_metadata: { prompt_token_count: 1000, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 1 }] },
    })
    const metadata = JSON.stringify({
      anthropic: { usage: { input_tokens: 5, service_tier: 'batch', note: CANARY }, container: CANARY },
      openai: { reasoning: CANARY },
    })
    expect(JSON.parse(String(strip('ai.response.providerMetadata', metadata)))).toEqual({
      anthropic: { usage: { input_tokens: 5, service_tier: 'batch' } },
    })
  })

  test('that is usage only stays byte for byte', () => {
    const raw = '{"prompt_tokens":10,"completion_tokens_details":{"reasoning_tokens":3},"service_tier":"default"}'
    expect(strip('outlay.usage.raw', raw)).toBe(raw)
  })

  test('cannot hide content behind a repeated key, in a key, or under a name that selects a price', () => {
    expect(strip('outlay.usage.raw', `{"a":"${CANARY}","a":1}`)).toBe('{"a":1}')
    expect(strip('outlay.usage.raw', `{"${CANARY} said":1,"model":"${CANARY} and more"}`)).toBe('{}')
  })

  test.each([
    ['cut short', '{"usage_metadata":{"prompt_token_count":1'],
    ['without usage', '{"text":"CANARY"}'],
    ['no object', '"CANARY"'],
    ['nested a hundred thousand deep', '['.repeat(100_000)],
    ['larger than 1 MiB', JSON.stringify({ usage_metadata: { a: 1 }, text: 'x'.repeat(1024 * 1024) })],
  ])('that is %s leaves only a mark that it was unreadable', (_, json) => {
    expect(strip('gcp.vertex.agent.llm_response', json)).toBe('bad_blob')
  })

  test('for which no rule names a subtree is dropped', () => {
    expect(strip('metadata', `{"usage":{"a":1},"note":"${CANARY}"}`)).toBeUndefined()
  })
})

describe('spans with bad ids', () => {
  test('are rejected by count and not stored; good ones beside them are', () => {
    const spans = [
      spanOf({ name: 'good' }),
      spanOf({ name: 'short', traceId: hex('01'.repeat(15)) }),
      spanOf({ name: 'zero', spanId: Buffer.alloc(8) }),
      spanOf({ name: 'none', spanId: Buffer.alloc(0) }),
      spanOf({ name: 'parent', parentSpanId: hex('0102') }),
      spanOf({ name: 'root', parentSpanId: Buffer.alloc(8) }),
    ]
    const stripped = stripTraceRequest(encodeRequest(spans))
    expect(storedSpans(stripped.body).map(({ name }) => name)).toEqual(['good', 'root'])
    expect(stripped).toMatchObject({ spanCount: 2, rejected: 4, looksLikeLogs: false })
    expect([...stripped.rejections]).toEqual([
      ['invalid_trace_id', 1],
      ['invalid_span_id', 2],
      ['invalid_parent_span_id', 1],
    ])
  })

  test('that are logs are all rejected, with the suspicion', () => {
    const record = {
      timeUnixNano: '1790000000000000000',
      severityText: 'INFO',
      body: { stringValue: CANARY },
      attributes: [textAttribute('a', 'b')],
      traceId: hex('ff'.repeat(16)),
      spanId: hex('ee'.repeat(8)),
    }
    const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [record, record] }] }] }
    const stripped = stripTraceRequest(encodeMessage('ExportLogsServiceRequest', logs))
    expect(stripped).toMatchObject({ spanCount: 0, rejected: 2, looksLikeLogs: true })
    expect(stripped.body.includes('CANARY')).toBe(false)
  })
})

describe('what comes out', () => {
  test('is what goes in, once nothing is left to take out', () => {
    const attributes = CONTENT_CARRIERS.map((key) => textAttribute(key.replaceAll('*', 'x'), CANARY))
    const messy = encodeMessage(
      'ExportTraceServiceRequest',
      requestOf([
        spanOf({ attributes, name: 'n'.repeat(500), status: { message: CANARY } }),
        spanOf({ spanId: hex('00') }),
      ]),
    )
    const once = stripTraceRequest(messy)
    const twice = stripTraceRequest(once.body)
    expect(twice.body).toBe(once.body)
    expect(twice.rejected).toBe(0)
  })
})
