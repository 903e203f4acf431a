import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeTraceRequest, WireError } from '#src/otlp/index.ts'
import { encodeMessage, type Plain } from './otlp-schema.ts'
import { encodeRequest, hex, intAttribute, rawField, SPAN_ID, spanOf, textAttribute, TRACE_ID } from './requests.ts'

const CONTEXT = { authority: 'acme', receivedUnixNano: 1_790_000_002_000_000_000n }
const decode = (body: Buffer) => decodeTraceRequest(body, CONTEXT)
const attributesOf = (attributes: readonly Plain[]) =>
  decode(encodeRequest([spanOf({ attributes })])).spans[0]?.attributes

describe('a decoded span', () => {
  test('holds everything evidence asks for', () => {
    const body = encodeRequest(
      [
        spanOf({
          parentSpanId: hex('2122232425262728'),
          status: { code: 2 },
          attributes: [textAttribute('gen_ai.system', 'openai'), intAttribute('gen_ai.usage.input_tokens', 7)],
        }),
      ],
      { attributes: [textAttribute('service.name', 'svc')] },
      { name: 'scope', version: '1.2.3' },
    )
    expect(decode(body)).toEqual({
      spans: [
        {
          authority: 'acme',
          traceId: TRACE_ID,
          spanId: SPAN_ID,
          parentSpanId: '2122232425262728',
          name: 'chat gpt-5',
          kind: 3,
          statusCode: 2,
          startUnixNano: 1_790_000_000_000_000_000n,
          endUnixNano: 1_790_000_001_000_000_000n,
          receivedUnixNano: CONTEXT.receivedUnixNano,
          scopeName: 'scope',
          scopeVersion: '1.2.3',
          resource: { 'service.name': 'svc' },
          attributes: { 'gen_ai.system': 'openai', 'gen_ai.usage.input_tokens': 7n },
        },
      ],
      rejected: 0,
      rejections: new Map(),
      looksLikeLogs: false,
      invalidUtf8: 0,
      omittedValues: 0,
    })
  })

  test('keeps 64-bit integers and times exact at their edges', () => {
    const edges = ['9007199254740991', '9007199254740992', '9007199254740993', '-9223372036854775808', '-1', '0']
    const attributes = edges.map((value, index) => intAttribute(`n${index}`, value))
    expect(Object.values(attributesOf(attributes) ?? {})).toEqual(edges.map(BigInt))
    const [span] = decode(
      encodeRequest([spanOf({ startTimeUnixNano: '18446744073709551615', endTimeUnixNano: 0 })]),
    ).spans
    expect([span?.startUnixNano, span?.endUnixNano]).toEqual([2n ** 64n - 1n, 0n])
  })

  test('keeps doubles as they are, also NaN, infinities and negative zero', () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324, 0.1]
    const attributes = values.map((doubleValue, index) => ({ key: `d${index}`, value: { doubleValue } }))
    expect(Object.values(attributesOf(attributes) ?? {})).toEqual(values)
  })

  test('turns lists, maps and bytes into JSON text, and leaves out empty values', () => {
    const list = { values: [{ stringValue: 'a"b' }, { intValue: '9007199254740993' }, {}, { boolValue: true }] }
    const nested = { values: [{ key: 'k', value: { arrayValue: { values: [{ doubleValue: Number.NaN }] } } }] }
    expect(
      attributesOf([
        { key: 'list', value: { arrayValue: list } },
        { key: 'map', value: { kvlistValue: nested } },
        { key: 'bytes', value: { bytesValue: Buffer.from([0, 255]) } },
        { key: 'empty', value: {} },
        { key: 'none' },
      ]),
    ).toEqual({ list: '["a\\"b",9007199254740993,null,true]', map: '{"k":["NaN"]}', bytes: 'AP8=' })
  })

  test('takes the last of equal keys, and names from senders as plain names', () => {
    const attributes = [
      intAttribute('k', 1),
      textAttribute('__proto__', 'x'),
      textAttribute('constructor', 'y'),
      intAttribute('k', 2),
    ]
    const decoded = attributesOf(attributes) ?? {}
    expect(Object.entries(decoded)).toEqual([
      ['k', 2n],
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })

  test('reads the resource and the scope wherever they stand', () => {
    const span = rawField(2, encodeMessage('Span', spanOf()))
    const scope = rawField(1, encodeMessage('InstrumentationScope', { name: 'late' }))
    const resource = rawField(1, encodeMessage('Resource', { attributes: [textAttribute('service.name', 'late')] }))
    const [decoded] = decode(rawField(1, rawField(2, span, scope), resource)).spans
    expect(decoded).toMatchObject({ scopeName: 'late', resource: { 'service.name': 'late' } })
  })

  test('counts unknown kinds and status codes as unspecified', () => {
    const [span] = decode(encodeRequest([spanOf({ kind: 77, status: { code: 9 } })])).spans
    expect(span).toMatchObject({ kind: 0, statusCode: 0 })
  })

  test('has no parent where the sender wrote zeros', () => {
    const [span] = decode(encodeRequest([spanOf({ parentSpanId: Buffer.alloc(8) })])).spans
    expect(span?.parentSpanId).toBe('')
  })
})

describe('text that is no UTF-8', () => {
  test('is replaced and counted, and costs neither the span nor the request', () => {
    const key = rawField(1, Buffer.from('k'))
    const bad = rawField(9, key, rawField(2, rawField(1, Buffer.from([0x61, 0xff, 0x62]))))
    const body = rawField(1, rawField(2, rawField(2, encodeMessage('Span', spanOf()), bad)))
    expect(decode(body)).toMatchObject({ spans: [{ attributes: { k: 'a\uFFFDb' } }], invalidUtf8: 1 })
  })

  test('is not confused with a replacement character that was sent', () => {
    expect(decode(encodeRequest([spanOf({ name: 'a\uFFFD' })])).invalidUtf8).toBe(0)
  })
})

describe('fields of later versions', () => {
  const extras = Buffer.concat([
    Buffer.from([0xf8, 0x3f, 0x05]),
    rawField(1_000, Buffer.from('text')),
    Buffer.from([0xf9, 0x3f, 1, 2, 3, 4, 5, 6, 7, 8]),
    Buffer.from([0xfd, 0x3f, 1, 2, 3, 4]),
    // The highest field number there is.
    Buffer.from([0xf8, 0xff, 0xff, 0xff, 0x0f, 0x01]),
  ])

  test('are skipped in every message, and so are known numbers with another wire type', () => {
    const attribute = rawField(9, extras, encodeMessage('KeyValue', textAttribute('k', 'v')))
    const span = rawField(2, extras, encodeMessage('Span', spanOf()), attribute, Buffer.from([0x28, 0x01]))
    const body = Buffer.concat([rawField(1, rawField(2, span, extras), extras), extras])
    expect(decode(body).spans).toMatchObject([{ name: 'chat gpt-5', attributes: { k: 'v' } }])
  })

  test.each([
    ['a group', [0xfb, 0x3f, 0xfc, 0x3f]],
    ['an end of a group', [0xfc, 0x3f]],
    ['a wire type that does not exist', [0xfe, 0x3f]],
    ['field number zero', [0x00, 0x01]],
    ['a tag beyond 32 bits', [0xf8, 0xff, 0xff, 0xff, 0xff, 0x01, 0x01]],
    ['a varint of 11 bytes', [0xf8, 0x3f, ...Array.from({ length: 10 }, () => 0x80), 0x01]],
  ])('except %s, which is malformed', (_, bytes) => {
    const span = rawField(2, encodeMessage('Span', spanOf()), Buffer.from(bytes))
    expect(() => decode(rawField(1, rawField(2, span)))).toThrow(WireError)
  })
})

const anyValue = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.record({ stringValue: fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()) }),
    fc.record({ intValue: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) }),
    fc.record({ doubleValue: fc.double() }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('value'), { maxLength: 3 }) }) }),
    fc.record({
      kvlistValue: fc.record({
        values: fc.array(fc.record({ key: fc.string(), value: tie('value') }), { maxLength: 3 }),
      }),
    }),
  ),
})).value

/** What an attribute must decode to, said once more in other words. */
const expected = (value: Plain): unknown => {
  const [kind, content] = Object.entries(value)[0] ?? []
  if (kind === 'intValue') return BigInt(content as string)
  return kind === 'arrayValue' || kind === 'kvlistValue' ? jsonOf(value) : content
}

const jsonOf = (value: Plain): string => {
  const [kind, content] = Object.entries(value)[0] ?? []
  if (kind === 'intValue') return content as string
  if (kind === 'doubleValue') return Number.isFinite(content) ? String(content) : `"${String(content)}"`
  if (kind === 'arrayValue') return `[${(content as { values: Plain[] }).values.map(jsonOf).join(',')}]`
  if (kind === 'kvlistValue') {
    const pairs = (content as { values: { key: string; value: Plain }[] }).values
    return `{${pairs.map((pair) => `${JSON.stringify(pair.key)}:${jsonOf(pair.value)}`).join(',')}}`
  }
  return JSON.stringify(content)
}

describe('what another encoder wrote', () => {
  test('decodes to the same values, whatever they are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), anyValue, { maxKeys: 6 }), (values) => {
        const attributes = Object.entries(values).map(([key, value]) => ({ key, value }))
        const decoded = attributesOf(attributes) ?? {}
        expect(Object.keys(decoded)).toHaveLength(attributes.length)
        for (const [key, value] of Object.entries(values)) expect(decoded[key]).toEqual(expected(value))
      }),
      { numRuns: 300 },
    )
  })
})
