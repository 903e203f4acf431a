import { describe, expect, test } from 'vitest'
import { type Attributes, type SpanEvidence, settleTrace } from '@outlay/semconv'
import { agent, billed, callOf, chat, listed, span, type SpanSketch } from './span-builder.ts'

const START = 1_790_000_000_000_000_000n
const MS = 1_000_000n

const PROVIDER = { 'gen_ai.provider.name': 'anthropic' }

/** A call of one emitter inside span 1, from one millisecond to another. */
const record = (
  id: number,
  scope: string,
  [fromMs, toMs]: readonly [number, number],
  attributes: Attributes,
): SpanEvidence =>
  span({
    id,
    parent: 1,
    scope,
    attributes: { ...PROVIDER, ...attributes },
    startNano: START + BigInt(fromMs) * MS,
    endNano: START + BigInt(toMs) * MS,
  })

const ID = { 'gen_ai.response.id': 'msg_1' }
const LONG: readonly [number, number] = [0, 900]

describe('records of one call that two emitters left side by side', () => {
  test('an id on one of them only: equal totals give one row, with the finer counters of both', () => {
    const settlement = settleTrace([
      span({ id: 1 }),
      record(2, 'one', LONG, chat(100, 20, { ...ID, 'gen_ai.usage.cache_read.input_tokens': 40n })),
      record(3, 'other', [100, 901], chat(100, 20, { 'gen_ai.usage.reasoning.output_tokens': 5n })),
    ])
    expect(billed(settlement)).toEqual({ 2: 'leaf' })
    expect(listed(settlement)).toEqual({ 3: 'duplicate' })
    expect(callOf(settlement, 2)).toMatchObject({
      meters: { input: 60, cache_read: 40, output: 15, output_reasoning: 5 },
      flags: ['assumed', 'detail_from_outer', 'duplicate_response'],
    })
  })

  test('the same id and input: a count of output that one added up does not make it another call', () => {
    const settlement = settleTrace([
      span({ id: 1 }),
      record(2, 'one', LONG, chat(100, 21, ID)),
      record(3, 'other', LONG, chat(100, 20, ID)),
    ])
    expect(billed(settlement)).toEqual({ 3: 'leaf' })
  })

  test('what an emitter only estimates gives way to what another reports', () => {
    const scope = 'opentelemetry.instrumentation.anthropic'
    const settlement = settleTrace([
      span({ id: 1 }),
      record(
        2,
        scope,
        LONG,
        chat(100, 21, { ...ID, 'gen_ai.is_streaming': true, 'gen_ai.usage.cache_read.input_tokens': 40n }),
      ),
      record(3, 'other', LONG, chat(100, 20, ID)),
    ])
    expect(billed(settlement)).toEqual({ 3: 'leaf' })
  })

  test('each of several equal calls finds its own partner', () => {
    const settlement = settleTrace([
      span({ id: 1 }),
      record(2, 'one', [0, 100], chat(7, 1, { 'gen_ai.response.id': 'a' })),
      record(3, 'other', [10, 90], chat(7, 1)),
      record(4, 'one', [50, 200], chat(7, 1, { 'gen_ai.response.id': 'b' })),
      record(5, 'other', [60, 190], chat(7, 1)),
      record(6, 'one', [210, 300], chat(7, 1, { 'gen_ai.response.id': 'c' })),
    ])
    expect(billed(settlement)).toEqual({ 2: 'leaf', 4: 'leaf', 6: 'leaf' })
  })

  test('three emitters, one of them a log record after the end of the stream', () => {
    const settlement = settleTrace([
      span({ id: 1 }),
      record(2, 'one', LONG, chat(100, 20, ID)),
      record(3, 'other', [10, 890], chat(100, 20)),
      record(4, 'logger', [905, 905], chat(100, 20)),
    ])
    expect(billed(settlement)).toEqual({ 2: 'leaf' })
  })

  test('one of them may stand below the span of a third emitter', () => {
    const settlement = settleTrace([
      span({ id: 1 }),
      record(2, 'outer', LONG, chat(100, 20)),
      { ...record(3, 'inner', LONG, chat(100, 20)), parentSpanId: span({ id: 2 }).spanId },
      record(4, 'beside', LONG, chat(100, 20)),
    ])
    expect(Object.keys(billed(settlement))).toHaveLength(1)
    expect(settlement.calls[0]?.flags).not.toContain('nested_mismatch')
  })
})

describe('records of an emitter that names no provider', () => {
  const anonymous = (id: number, scope: string, times: readonly [number, number], attributes: Attributes) => {
    const evidence = record(id, scope, times, attributes)
    return { ...evidence, attributes: { ...evidence.attributes, 'gen_ai.provider.name': '' } }
  }
  const model = (name: string): Attributes => ({ 'gen_ai.request.model': name })

  test('are joined by the model, whatever date or path one of them adds to it', () => {
    const settlement = settleTrace([
      span({ id: 1 }),
      record(2, 'one', LONG, chat(100, 20, model('claude-sonnet-5'))),
      anonymous(
        3,
        'other',
        LONG,
        chat(100, 20, { ...model('x'), 'gen_ai.response.model': 'claude-sonnet-5-20260901' }),
      ),
    ])
    expect(billed(settlement)).toEqual({ 2: 'leaf' })
    expect(callOf(settlement, 2).selectors).toMatchObject({ provider: 'anthropic' })
  })

  test('lend their finer counters, and take the provider from the other', () => {
    const cached = { ...model('m'), 'gen_ai.usage.cache_read.input_tokens': 40n }
    const settlement = settleTrace([
      span({ id: 1 }),
      record(2, 'one', LONG, chat(100, 20, model('m'))),
      anonymous(3, 'other', LONG, chat(100, 20, cached)),
    ])
    expect(billed(settlement)).toEqual({ 3: 'leaf' })
    expect(callOf(settlement, 3)).toMatchObject({ meters: { input: 60 }, selectors: { provider: 'anthropic' } })
  })

  test('are calls of their own with another model', () => {
    const settlement = settleTrace([
      span({ id: 1 }),
      record(2, 'one', LONG, chat(100, 20, model('m'))),
      anonymous(3, 'other', LONG, chat(100, 20, model('n'))),
    ])
    expect(Object.keys(billed(settlement))).toHaveLength(2)
  })
})

test('an emitter that keeps a tree of its own is beside the other all the same', () => {
  const scope = 'agents'
  const settlement = settleTrace([
    span({ id: 1 }),
    span({ id: 8, parent: 1, scope }),
    span({ id: 9, parent: 8, scope }),
    below(9, record(2, scope, LONG, chat(7, 1))),
    record(3, 'other', LONG, chat(7, 1)),
  ])
  expect(billed(settlement)).toEqual({ 2: 'leaf' })
})

test('of two records that split the input the one stays that tells more of it apart', () => {
  const read = { 'gen_ai.usage.cache_read.input_tokens': 40n }
  const settlement = settleTrace([
    span({ id: 1 }),
    record(2, 'one', LONG, chat(100, 20, read)),
    record(3, 'other', LONG, chat(100, 20, { ...read, 'gen_ai.usage.cache_creation.input_tokens': 30n })),
  ])
  expect(callOf(settlement, 3)).toMatchObject({ meters: { input: 30, cache_read: 40, cache_write_unknown: 30 } })
  expect(listed(settlement)).toEqual({ 2: 'duplicate' })
})

test('where lent counters know the life of a cache, nothing says any more that it is unknown', () => {
  const written = { 'gen_ai.usage.cache_creation.input_tokens': 30n }
  const settlement = settleTrace([
    span({ id: 1 }),
    record(
      2,
      'one',
      LONG,
      chat(100, 20, { ...written, 'anthropic.usage.cache_creation.ephemeral_5m_input_tokens': 30n }),
    ),
    { ...record(3, 'other', LONG, chat(100, 20, written)), parentSpanId: span({ id: 2 }).spanId },
  ])
  expect(callOf(settlement, 3)).toMatchObject({ meters: { input: 70, cache_write_5m: 30 } })
  expect(callOf(settlement, 3).flags).not.toContain('cache_ttl_unknown')
})

describe('a record without any usage', () => {
  const silent: Attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' }
  const counted = chat(7, 1, { 'gen_ai.request.model': 'm' })

  test('beside another of the same call is no second call', () => {
    const settlement = settleTrace([
      span({ id: 1 }),
      record(2, 'one', LONG, counted),
      record(3, 'other', [10, 890], silent),
    ])
    expect(settlement.calls).toHaveLength(1)
    expect(listed(settlement)).toEqual({ 3: 'duplicate' })
  })

  test('of which there are two by two emitters is one call', () => {
    const settlement = settleTrace([
      span({ id: 1 }),
      record(2, 'one', LONG, silent),
      record(3, 'other', [10, 890], silent),
    ])
    expect(settlement.calls).toHaveLength(1)
  })

  test.each([
    ['of the same emitter', record(3, 'one', LONG, silent)],
    ['of another model', record(3, 'other', LONG, { ...silent, 'gen_ai.request.model': 'n' })],
    ['at another time', record(3, 'other', [901, 1_000], silent)],
  ])('%s is a call of its own', (_, beside) => {
    expect(settleTrace([span({ id: 1 }), record(2, 'one', LONG, counted), beside]).calls).toHaveLength(2)
  })
})

describe('records that stay apart', () => {
  const apart: readonly [string, readonly SpanEvidence[]][] = [
    ['of one emitter', [record(2, 'one', LONG, chat(7, 1)), record(3, 'one', LONG, chat(7, 1))]],
    [
      'with two response ids',
      [record(2, 'one', LONG, chat(7, 1, ID)), record(3, 'other', LONG, chat(7, 1, { 'gen_ai.response.id': 'msg_2' }))],
    ],
    ['with other totals and no id', [record(2, 'one', LONG, chat(7, 1, ID)), record(3, 'other', LONG, chat(7, 2))]],
    [
      'with one id and another input, as of a server that counts its answers',
      [record(2, 'one', LONG, chat(7, 1, ID)), record(3, 'other', LONG, chat(8, 1, ID))],
    ],
    ['at another time', [record(2, 'one', [0, 100], chat(7, 1)), record(3, 'other', [1_200, 1_300], chat(7, 1))]],
    [
      'of another vendor',
      [
        record(2, 'one', LONG, chat(7, 1)),
        record(3, 'other', LONG, { ...chat(7, 1), 'gen_ai.provider.name': 'openai' }),
      ],
    ],
    [
      'inside other spans',
      [record(2, 'one', LONG, chat(7, 1)), span({ id: 9, parent: 1 }), below(9, record(3, 'other', LONG, chat(7, 1)))],
    ],
  ]

  test.each(apart)('%s', (_, spans) => {
    expect(Object.keys(billed(settleTrace([span({ id: 1 }), ...spans])))).toHaveLength(2)
  })
})

test('an aggregate is not promoted where what it covers was dropped for a record elsewhere', () => {
  const settlement = settleTrace([
    span({ id: 1 }),
    span({ id: 2, parent: 1, attributes: { ...agent(100, 20), ...PROVIDER } }),
    below(2, record(3, 'one', LONG, chat(100, 20, ID))),
    below(2, record(4, 'other', LONG, chat(100, 20))),
  ])
  expect(billed(settlement)).toEqual({ 3: 'leaf' })
  expect(listed(settlement)).toEqual({ 2: 'covered', 4: 'duplicate' })
})

function below(parent: number, evidence: SpanEvidence): SpanEvidence {
  const { parentSpanId } = span({ id: 0, parent } satisfies SpanSketch)
  return { ...evidence, parentSpanId }
}
