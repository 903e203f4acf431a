import { randomInt } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTraceStripper, stripTraceRequest } from '#src/redact/index.ts'
import { readCorpus, RICH } from '../fuzz/corpus.ts'
import { createCases } from '../fuzz/cases.ts'
import { createJudge } from '../fuzz/judge.ts'
import { decodeMessage, type Plain } from './otlp-schema.ts'
import { encodeRequest, spanOf } from './requests.ts'

const CASES = 2_000
const seed = randomInt(1_000_000)
const corpus = readCorpus()
const { judge, judgeBody } = createJudge()

describe('P4: fuzz of the wire format', () => {
  test('a request cut at any byte is refused', () => {
    for (let bytes = 1; bytes < RICH.length; bytes += 1) {
      expect(judgeBody('protobuf', RICH.subarray(0, bytes))).toBe('refused')
    }
  })

  test('a request with any byte changed to anything is refused or decodes', () => {
    const outcomes = new Set<string>()
    for (let offset = 0; offset < RICH.length; offset += 1) {
      for (const byte of [0x00, 0x7f, 0x80, 0xff, (RICH[offset] ?? 0) ^ 1, (RICH[offset] ?? 0) ^ 0x80]) {
        const mutated = Buffer.from(RICH)
        mutated[offset] = byte
        outcomes.add(judgeBody('protobuf', mutated))
      }
    }
    expect([...outcomes].sort()).toEqual(['refused', 'taken'])
  })

  // The long run is `npm run test:fuzz`; `--only` repeats a number that failed here.
  test(`mutated bodies of seed ${seed} are refused, or what is stored of them decodes and holds no content`, async () => {
    const cases = createCases(seed, corpus)
    const outcomes = new Map<string, number>()
    for (let index = cases.cuts; index < cases.cuts + CASES; index += 1) {
      const outcome = await judge(cases.at(index)).catch((error: unknown) => `#${index}: ${String(error)}`)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect([...outcomes.keys()].sort()).toEqual(['not inflated', 'refused', 'taken'])
    expect(outcomes.get('taken')).toBeGreaterThan(CASES / 8)
  })

  test('the oracle notices content that a stripper leaves in', () => {
    const careless = createJudge(createTraceStripper({ keepStatusMessage: true }))
    expect(() => careless.judgeBody('protobuf', RICH)).toThrow('the canary is stored in message')
    const ignorant = createJudge(createTraceStripper({ classify: () => 'known' }))
    const carriers = corpus.protobuf[1] ?? Buffer.alloc(0)
    expect(() => ignorant.judgeBody('protobuf', carriers)).toThrow('the canary is stored in an attribute that is')
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
    const outcomes = new Set<string>()
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('resourceSpans', 'x'), tree), (request) => {
        outcomes.add(judgeBody('json', Buffer.from(JSON.stringify(request))))
      }),
      { numRuns: 1_000 },
    )
    expect([...outcomes].sort()).toEqual(['refused', 'taken'])
  })
})
