import { inputTotalOf, limits, METERS, outputTotalOf } from '@outlay/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Attributes, type SpanEvidence, settleTrace } from '@outlay/semconv'
import { span, spanId } from './span-builder.ts'

const RUNS = 400
const IDS_MAX = 9

const count = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 40 }).map(BigInt) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<bigint | number | string | boolean>(-1n, 2n ** 45n, 2n ** 60n, Number.NaN, '7', true),
  },
)

const usage: fc.Arbitrary<Attributes> = fc.record(
  {
    'gen_ai.usage.input_tokens': count,
    'gen_ai.usage.output_tokens': count,
    'gen_ai.usage.total_tokens': count,
    'gen_ai.usage.cache_read.input_tokens': count,
    'gen_ai.usage.cache_creation.input_tokens': count,
    'gen_ai.usage.cache_read_input_tokens': count,
    'anthropic.usage.cache_creation.ephemeral_5m_input_tokens': count,
    'gen_ai.usage.reasoning.output_tokens': count,
    'gen_ai.usage.audio.input_tokens': count,
    'ai.usage.inputTokenDetails.noCacheTokens': count,
    'outlay.usage.raw': fc.constantFrom(
      '{"input_tokens":3,"output_tokens":5,"cache_read_input_tokens":4}',
      '{"prompt_tokens":10,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":20}}',
      '{"cacheWriteInputTokens":3}',
      '{broken',
    ),
    'langfuse.observation.usage_details': fc.constantFrom('{"input":5,"output":1,"total":6}', '{"cached":4,"input":2}'),
  },
  { requiredKeys: [] },
)

const roles: fc.Arbitrary<Attributes> = fc.constantFrom<Attributes>(
  {},
  { 'gen_ai.operation.name': 'chat' },
  { 'gen_ai.operation.name': 'embeddings' },
  { 'gen_ai.operation.name': 'invoke_agent' },
  { 'gen_ai.operation.name': 'execute_tool' },
  { 'openinference.span.kind': 'CHAIN' },
)

const identity: fc.Arbitrary<Attributes> = fc.record(
  {
    'gen_ai.response.id': fc.constantFrom('r1', 'r2'),
    'outlay.leaf.id': fc.constantFrom('l1', 'l2'),
    'gen_ai.provider.name': fc.constantFrom('openai', 'anthropic'),
    'outlay.tenant.id': fc.constantFrom('acme', 'globex'),
    'outlay.genai_parent.id': fc.integer({ min: 1, max: IDS_MAX }).map(spanId),
  },
  { requiredKeys: [] },
)

const anySpan: fc.Arbitrary<SpanEvidence> = fc
  .record({
    id: fc.integer({ min: 1, max: IDS_MAX }),
    parent: fc.option(fc.integer({ min: 1, max: IDS_MAX + 3 }), { nil: undefined }),
    scope: fc.constantFrom('x', 'ai', 'rig', 'sentry', 'strands.telemetry.tracer', '@outlay/instrumentation'),
    endNano: fc.constantFrom(1_790_000_001_000_000_000n, 1_790_000_002_000_000_000n),
    receivedNano: fc.bigInt({ min: 1n, max: 5n }),
    attributes: fc.tuple(usage, roles, identity).map(([a, b, c]) => ({ ...a, ...b, ...c })),
  })
  .map(({ parent, ...rest }) => span({ ...rest, ...(parent === undefined ? {} : { parent }) }))

const trace = fc.array(anySpan, { minLength: 1, maxLength: 9 })

describe('laws of settlement', () => {
  test('order and repetition of spans do not matter', () => {
    const delivered = trace.chain((spans) =>
      fc.tuple(fc.constant(spans), fc.shuffledSubarray([...spans, ...spans], { minLength: spans.length * 2 })),
    )
    fc.assert(
      fc.property(delivered, ([spans, shuffled]) => {
        expect(settleTrace(shuffled)).toEqual(settleTrace(spans))
      }),
      { numRuns: RUNS },
    )
  })

  test('the order in which a span carries its attributes does not matter', () => {
    const reordered = anySpan.chain((one) => {
      const entries = Object.entries(one.attributes)
      return fc.tuple(fc.constant(one), fc.shuffledSubarray(entries, { minLength: entries.length }))
    })
    fc.assert(
      fc.property(reordered, ([one, entries]) => {
        expect(settleTrace([{ ...one, attributes: Object.fromEntries(entries) }])).toEqual(settleTrace([one]))
      }),
      { numRuns: RUNS },
    )
  })

  test('meters are whole, non-zero and sum to the totals, or the call is a conflict without meters', () => {
    fc.assert(
      fc.property(trace, (spans) => {
        for (const call of settleTrace(spans).calls) {
          const bad = call.usageStatus === 'conflict' || call.usageStatus === 'absent'
          expect(Object.keys(call.meters).length === 0 || !bad).toBe(true)
          if (bad) continue
          expect(inputTotalOf(call.meters)).toBe(call.inputTotal)
          expect(outputTotalOf(call.meters)).toBe(call.outputTotal)
          for (const meter of METERS) {
            const quantity = call.meters[meter]
            if (quantity === undefined) continue
            expect(Number.isSafeInteger(quantity) && quantity > 0 && quantity <= limits.meterQuantityMax).toBe(true)
          }
        }
      }),
      { numRuns: RUNS },
    )
  })

  test('no two calls are ancestor and descendant', () => {
    fc.assert(
      fc.property(trace, (spans) => {
        const calls = new Set(settleTrace(spans).calls.map(({ key }) => key.spanId))
        const parents = new Map(spans.map((each) => [each.spanId, each.parentSpanId]))
        // Two versions of a span may name two parents; a circle is cut at one of its links.
        fc.pre(parents.size === spans.length && !hasCircle(parents))
        for (const id of calls) {
          for (let up = parents.get(id); up !== undefined; up = parents.get(up)) expect(calls.has(up)).toBe(false)
        }
      }),
      { numRuns: RUNS },
    )
  })

  test('every span with usage is a call or listed, and never both', () => {
    fc.assert(
      fc.property(trace, (spans) => {
        const { calls, listed } = settleTrace(spans)
        const accounted = [...calls.map(({ key }) => key.spanId), ...listed.map(({ spanId: id }) => id)]
        expect(new Set(accounted).size).toBe(accounted.length)
        const certain = spans.filter(
          ({ spanId: id, attributes }) =>
            hasInput(attributes) && spans.filter((other) => other.spanId === id).length === 1,
        )
        expect(accounted).toEqual(expect.arrayContaining(certain.map(({ spanId: id }) => id)))
      }),
      { numRuns: RUNS },
    )
  })

  test('whatever the attributes hold, settlement does not throw', () => {
    const value = fc.oneof(fc.string(), fc.bigInt(), fc.double(), fc.boolean(), fc.json())
    const key = fc.constantFrom(
      'outlay.usage.raw',
      'ai.response.providerMetadata',
      'gcp.vertex.agent.llm_response',
      'langsmith.usage_metadata',
      'mlflow.chat.tokenUsage',
      'langfuse.observation.usage_details',
      'genkit:output',
      'gen_ai.provider.name',
      'gen_ai.operation.name',
      'outlay.genai_parent.id',
      'operation.cost',
      'server.address',
      '__proto__',
      'constructor',
    )
    fc.assert(
      fc.property(fc.dictionary(key, value), fc.string(), (attributes, name) => {
        const settlement = settleTrace([span({ id: 1, name, scope: name, attributes })])
        expect(settlement.calls.length + settlement.listed.length).toBeLessThanOrEqual(1)
      }),
      { numRuns: RUNS },
    )
  })
})

/** Input tokens that no parser could refuse. */
const hasInput = (attributes: Attributes): boolean => {
  const input = attributes['gen_ai.usage.input_tokens']
  return typeof input === 'bigint' && input >= 0n && input < 1_000n
}

const hasCircle = (parents: ReadonlyMap<string, string>): boolean =>
  [...parents.keys()].some((start) => {
    const seen = new Set<string>()
    for (let id: string | undefined = start; id !== undefined && parents.has(id); id = parents.get(id)) {
      if (seen.has(id)) return true
      seen.add(id)
    }
    return false
  })
