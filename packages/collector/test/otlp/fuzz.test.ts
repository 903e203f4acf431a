import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeTraceRequest, JsonRequestError, transcodeJsonRequest, WireError } from '#src/otlp/index.ts'
import { stripTraceRequest } from '#src/redact/index.ts'
import { decodeMessage, type Plain } from './otlp-schema.ts'
import { encodeRequest, hex, intAttribute, spanOf, textAttribute } from './requests.ts'

const CONTEXT = { authority: 'local', receivedUnixNano: 1n }

const RICH = encodeRequest(
  [
    spanOf({
      parentSpanId: hex('2122232425262728'),
      traceState: 'a=b',
      attributes: [
        textAttribute('gen_ai.prompt', 'secret'),
        intAttribute('gen_ai.usage.input_tokens', '-1'),
        { key: 'outlay.list', value: { arrayValue: { values: [{ stringValue: 'x' }, { doubleValue: 1.5 }] } } },
        { key: 'outlay.map', value: { kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] } } },
      ],
      events: [{ name: 'e', timeUnixNano: 5, attributes: [textAttribute('a', 'b')] }],
      links: [{ traceId: hex('01'.repeat(16)), attributes: [textAttribute('a', 'b')], flags: 1 }],
      status: { code: 2, message: 'm' },
    }),
    spanOf({ name: 'second' }),
  ],
  { attributes: [textAttribute('service.name', 'svc')], entityRefs: [{ type: 't', idKeys: ['k'] }] },
)

/** What stripping lets through must decode: nothing that was acked may turn out to be poison. */
const stripAndDecode = (body: Buffer): 'taken' | 'refused' => {
  let stripped: ReturnType<typeof stripTraceRequest>
  try {
    stripped = stripTraceRequest(body)
  } catch (error) {
    expect(error).toBeInstanceOf(WireError)
    return 'refused'
  }
  const decoded = decodeTraceRequest(stripped.body, CONTEXT)
  expect(decoded.spans).toHaveLength(stripped.spanCount)
  expect(decoded.rejected).toBe(0)
  expect(stripTraceRequest(stripped.body).body).toBe(stripped.body)
  return 'taken'
}

describe('P4: fuzz of the wire format', () => {
  test('a request cut at any byte is refused', () => {
    for (let bytes = 1; bytes < RICH.length; bytes += 1) expect(stripAndDecode(RICH.subarray(0, bytes))).toBe('refused')
  })

  test('a request with any byte changed to anything is refused or decodes', () => {
    const outcomes = new Set<string>()
    for (let offset = 0; offset < RICH.length; offset += 1) {
      for (const byte of [0x00, 0x7f, 0x80, 0xff, (RICH[offset] ?? 0) ^ 1, (RICH[offset] ?? 0) ^ 0x80]) {
        const mutated = Buffer.from(RICH)
        mutated[offset] = byte
        outcomes.add(stripAndDecode(mutated))
      }
    }
    expect([...outcomes].sort()).toEqual(['refused', 'taken'])
  })

  test('random splices, repetitions and noise are refused or decode', () => {
    const slice = fc
      .tuple(fc.nat(RICH.length), fc.nat(60))
      .map(([start, length]) => RICH.subarray(start, start + length))
    const noise = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes))
    fc.assert(
      fc.property(fc.array(fc.oneof(slice, noise, fc.constant(RICH)), { maxLength: 8 }), (parts) => {
        expect(['taken', 'refused']).toContain(stripAndDecode(Buffer.concat(parts)))
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('stripping', () => {
  const key = fc.oneof(
    fc.constantFrom('gen_ai.prompt', 'outlay.x', 'gen_ai.usage.input_tokens', 'user.id'),
    fc.string(),
  )
  const value = fc.oneof(
    fc.record({ stringValue: fc.string({ maxLength: 400 }) }),
    fc.record({ intValue: fc.integer() }),
    fc.record({ arrayValue: fc.record({ values: fc.array(fc.record({ stringValue: fc.string() })) }) }),
  )
  const attributes = fc.array(fc.record({ key, value }), { maxLength: 12 })

  test('changes nothing but what it takes out: another decoder sees the rest as it was, in order', () => {
    fc.assert(
      fc.property(fc.array(attributes, { maxLength: 5 }), attributes, (perSpan, resource) => {
        const body = encodeRequest(
          perSpan.map((list, index) => spanOf({ name: `s${index}`, attributes: list })),
          { attributes: resource },
        )
        const before = decodeMessage('ExportTraceServiceRequest', body)
        const after = decodeMessage('ExportTraceServiceRequest', stripTraceRequest(body).body)
        expect(keepOnly(before, after)).toEqual(after)
      }),
      { numRuns: 400 },
    )
  })
})

/** `before` with every attribute list reduced to the entries that `after` still has, each at most as often. */
const keepOnly = (before: unknown, after: unknown): unknown => {
  if (Array.isArray(before) && Array.isArray(after)) {
    if (before.length === after.length) return before.map((item, index) => keepOnly(item, after[index]))
    const rest = [...after]
    return before.filter((item) => {
      if (JSON.stringify(rest[0]) !== JSON.stringify(item)) return false
      rest.shift()
      return true
    })
  }
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null) return before
  const kept = Object.entries(before).filter(([name]) => name in after)
  return Object.fromEntries(kept.map(([name, value]) => [name, keepOnly(value, (after as Plain)[name])]))
}

describe('P5: fuzz of JSON', () => {
  test('any JSON is taken or refused with a path, and what is taken decodes', () => {
    const names = ['resourceSpans', 'scopeSpans', 'spans', 'attributes', 'key', 'value', 'arrayValue', 'values', 'kind']
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 12, depthSize: 'large' },
        fc.jsonValue(),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names, 'traceId', 'stringValue', 'intValue', '__proto__'), tie('node'), {
          maxKeys: 4,
        }),
      ),
    })).node
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('resourceSpans', 'x'), tree), (request) => {
        try {
          expect(stripAndDecode(transcodeJsonRequest(JSON.stringify(request)))).toBe('taken')
        } catch (error) {
          if (!(error instanceof JsonRequestError)) throw error
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
