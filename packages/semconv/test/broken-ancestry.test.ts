import { settleTrace } from '@outlay/semconv'
import { describe, expect, test } from 'vitest'
import { agent, billed, callOf, chat, listed, span, spanId } from './span-builder.ts'

describe('broken ancestry', () => {
  test('a leaf below a hole blocks the promotion of an aggregate that could be its ancestor', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: agent(30, 10) }),
      span({ id: 3, parent: 2, attributes: chat(30, 10) }),
    ])
    expect(billed(settlement)).toEqual({ 3: 'leaf' })
    expect(settlement.listed).toMatchObject([
      { spanId: spanId(1), disposition: 'unbilled_aggregate', flags: ['broken_ancestry'], inputTotal: 30 },
    ])
  })

  test('an aggregate that hangs below the same hole as the leaf is its sibling and is promoted', () => {
    const settlement = settleTrace([
      span({ id: 1, parent: 9, attributes: agent(30, 10) }),
      span({ id: 2, parent: 9, attributes: chat(7, 3) }),
    ])
    expect(billed(settlement)).toEqual({ 1: 'promoted_aggregate', 2: 'leaf' })
  })

  test('the missing span makes the trace whole again when it arrives', () => {
    const spans = [
      span({ id: 1, attributes: agent(30, 10) }),
      span({ id: 3, parent: 2, attributes: chat(30, 10) }),
      span({ id: 2, parent: 1 }),
    ]
    expect(listed(settleTrace(spans))).toEqual({ 1: 'covered' })
  })

  test('the GenAI ancestor named by the sender bridges the hole', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: agent(30, 10, { 'outlay.feature': 'agents' }) }),
      span({ id: 3, parent: 2, attributes: chat(30, 10, { 'outlay.genai_parent.id': spanId(1) }) }),
    ])
    expect(billed(settlement)).toEqual({ 3: 'leaf' })
    expect(listed(settlement)).toEqual({ 1: 'covered' })
    expect(callOf(settlement, 3).attribution.feature).toBe('agents')
  })

  test('a span deeper below the hole may name the ancestor for all of its chain', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: agent(30, 10) }),
      span({ id: 3, parent: 2, name: 'plain' }),
      span({ id: 4, parent: 3, attributes: chat(10, 5, { 'outlay.genai_parent.id': spanId(1) }) }),
      span({ id: 5, parent: 3, attributes: chat(20, 5) }),
    ])
    expect(billed(settlement)).toEqual({ 4: 'leaf', 5: 'leaf' })
    expect(settlement.listed).toMatchObject([{ disposition: 'covered', flags: [] }])
  })

  test('of two aggregates that could be nested through a hole only one is promoted', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: agent(30, 10) }),
      span({ id: 3, parent: 2, attributes: agent(30, 10) }),
    ])
    expect(billed(settlement)).toEqual({ 1: 'promoted_aggregate' })
    expect(settlement.listed).toMatchObject([{ disposition: 'unbilled_aggregate', flags: ['broken_ancestry'] }])
  })

  test('a circle of parents neither hangs nor bills twice', () => {
    const settlement = settleTrace([
      span({ id: 1, parent: 2, attributes: chat(10, 5) }),
      span({ id: 2, parent: 1, attributes: chat(10, 5) }),
      span({ id: 3, parent: 3, attributes: chat(1, 1) }),
    ])
    expect(Object.keys(billed(settlement))).toHaveLength(2)
  })

  test('a root that names its own descendant as its ancestor stays above it', () => {
    const root = span({ id: 7, attributes: { 'gen_ai.operation.name': 'chat', 'outlay.genai_parent.id': spanId(6) } })
    const settlement = settleTrace([
      root,
      span({ id: 6, parent: 7 }),
      span({ id: 1, parent: 6, attributes: chat(5, 1) }),
    ])
    expect(settlement.calls.map(({ key }) => key.spanId)).toEqual([spanId(1)])
  })

  test('a chain of ten thousand spans settles', () => {
    const spans = Array.from({ length: 10_000 }, (_, id) =>
      span({ id: id + 1, ...(id === 0 ? {} : { parent: id }), attributes: id === 9_999 ? chat(1, 1) : {} }),
    )
    expect(billed(settleTrace(spans))).toEqual({ 10_000: 'leaf' })
  })
})
