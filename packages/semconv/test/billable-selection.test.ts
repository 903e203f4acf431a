import { describe, expect, test } from 'vitest'
import { settleTrace } from '@outlay/semconv'
import { agent, billed, callOf, chat, listed, span, spanId, unknownUsage } from './span-builder.ts'

const ANTHROPIC_TTL = 'anthropic.usage.cache_creation.ephemeral_5m_input_tokens'

describe('nested leaves', () => {
  test('only the innermost of nested leaves is billed', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: chat(10, 5) }),
      span({ id: 2, parent: 1 }),
      span({ id: 3, parent: 2, attributes: chat(10, 5) }),
    ])
    expect(billed(settlement)).toEqual({ 3: 'leaf' })
    expect(listed(settlement)).toEqual({ 1: 'covered' })
  })

  test('several inner leaves under one outer are each billed', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: chat(30, 15) }),
      span({ id: 2, parent: 1, attributes: chat(10, 5) }),
      span({ id: 3, parent: 1, attributes: chat(20, 10) }),
    ])
    expect(billed(settlement)).toEqual({ 2: 'leaf', 3: 'leaf' })
    expect(callOf(settlement, 2).flags).not.toContain('nested_mismatch')
  })

  test('the inner span takes missing selectors and attribution from the outer one', () => {
    const settlement = settleTrace([
      span({
        id: 1,
        attributes: chat(10, 5, {
          'gen_ai.provider.name': 'openai',
          'gen_ai.request.model': 'gpt-5',
          'server.address': 'api.openai.com',
          'openai.response.service_tier': 'flex',
          'outlay.feature': 'search',
          'outlay.attempt': 2n,
          'outlay.layer.tool_tokens': 4n,
        }),
      }),
      span({ id: 2, parent: 1, attributes: chat(10, 5, { 'gen_ai.response.model': 'gpt-5-2026-01-01' }) }),
    ])
    const call = callOf(settlement, 2)
    expect(call.selectors).toMatchObject({
      provider: 'openai',
      host: 'api.openai.com',
      requestModel: 'gpt-5',
      responseModel: 'gpt-5-2026-01-01',
      serviceTier: 'flex',
    })
    expect(call.attribution).toMatchObject({ feature: 'search', attempt: 2 })
    expect(call.layers.tool).toBe(4)
  })

  test('an outer call to another provider lends no selectors', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: chat(9, 9, { 'gen_ai.provider.name': 'openai', 'outlay.region': 'eu' }) }),
      span({ id: 2, parent: 1, attributes: chat(10, 5, { 'gen_ai.provider.name': 'anthropic' }) }),
    ])
    expect(callOf(settlement, 2).selectors.region).toBe('')
  })

  test('an only inner leaf of equal totals takes the finer cache split of the outer one', () => {
    const settlement = settleTrace([
      span({
        id: 1,
        scope: 'litellm',
        attributes: chat(100, 20, {
          'gen_ai.usage.cache_read.input_tokens': 40n,
          'gen_ai.usage.cache_write.input_tokens': 10n,
          [ANTHROPIC_TTL]: 10n,
          'gen_ai.usage.reasoning.output_tokens': 5n,
        }),
      }),
      span({ id: 2, parent: 1, scope: '@opentelemetry/instrumentation-openai', attributes: chat(100, 20) }),
    ])
    const call = callOf(settlement, 2)
    expect(call.meters).toEqual({ input: 50, cache_read: 40, cache_write_5m: 10, output: 15, output_reasoning: 5 })
    expect(call.cacheSplit).toBe('reported')
    expect(call.flags).toContain('detail_from_outer')
  })

  test('a finer inner leaf keeps its own counters', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: chat(100, 20) }),
      span({
        id: 2,
        parent: 1,
        scope: 'litellm',
        attributes: chat(100, 20, { 'gen_ai.usage.cache_read.input_tokens': 40n }),
      }),
    ])
    expect(callOf(settlement, 2).meters).toEqual({ input: 60, cache_read: 40, output: 20 })
    expect(callOf(settlement, 2).flags).not.toContain('detail_from_outer')
  })

  test('nested leaves of different sums are flagged and nothing is added', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: chat(50, 20) }),
      span({ id: 2, parent: 1, attributes: chat(10, 5) }),
      span({ id: 3, parent: 1, attributes: chat(20, 5) }),
    ])
    expect(callOf(settlement, 2).meters).toEqual({ input: 10, output: 5 })
    expect(callOf(settlement, 2).flags).toContain('nested_mismatch')
    expect(callOf(settlement, 3).flags).toContain('nested_mismatch')
    expect(settlement.listed).toMatchObject([{ disposition: 'covered', flags: ['nested_mismatch'], inputTotal: 50 }])
  })
})

describe('spans of unknown role', () => {
  test('an unknown span with usage and no leaf below is billed', () => {
    expect(billed(settleTrace([span({ id: 1, attributes: unknownUsage(5, 1) })]))).toEqual({ 1: 'unknown_no_leaf' })
  })

  test('of several nested unknown spans the topmost is billed', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: unknownUsage(5, 1) }),
      span({ id: 2, parent: 1, attributes: unknownUsage(3, 1) }),
      span({ id: 3, parent: 2, attributes: unknownUsage(2, 1) }),
    ])
    expect(billed(settlement)).toEqual({ 1: 'unknown_no_leaf' })
    expect(listed(settlement)).toEqual({ 2: 'covered', 3: 'covered' })
  })

  test('an unknown span above or below a leaf is covered by it', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: unknownUsage(5, 1) }),
      span({ id: 2, parent: 1, attributes: chat(5, 1) }),
      span({ id: 3, parent: 2, attributes: unknownUsage(5, 1) }),
    ])
    expect(billed(settlement)).toEqual({ 2: 'leaf' })
  })
})

describe('aggregates', () => {
  test('an aggregate without any leaf is promoted, the topmost only', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: agent(30, 10) }),
      span({ id: 2, parent: 1, attributes: agent(20, 5) }),
      span({ id: 3, parent: 2, attributes: unknownUsage(20, 5) }),
    ])
    expect(billed(settlement)).toEqual({ 1: 'promoted_aggregate' })
  })

  test('a late leaf withdraws the promotion', () => {
    const aggregate = span({ id: 1, attributes: agent(30, 10) })
    const leaf = span({ id: 2, parent: 1, attributes: chat(30, 10) })
    expect(billed(settleTrace([aggregate]))).toEqual({ 1: 'promoted_aggregate' })
    expect(billed(settleTrace([aggregate, leaf]))).toEqual({ 2: 'leaf' })
  })

  test('the lifetime sum of a Strands agent is never promoted, not even alone', () => {
    const settlement = settleTrace([span({ id: 1, scope: 'strands.telemetry.tracer', attributes: agent(9999, 9999) })])
    expect(billed(settlement)).toEqual({})
    expect(settlement.listed).toMatchObject([
      { disposition: 'unbilled_aggregate', inputTotal: 9999, outputTotal: 9999 },
    ])
  })

  test('a Strands agent under a foreign scope is known by its provider', () => {
    const attributes = agent(9999, 9999, { 'gen_ai.system': 'strands-agents' })
    expect(billed(settleTrace([span({ id: 1, attributes })]))).toEqual({})
  })

  test.each([
    ['fetch_response', 'not_billable'],
    ['execute_tool', 'not_billable'],
    ['retrieval', 'not_billable'],
    ['search_memory', 'not_billable'],
    ['invoke_workflow', 'unbilled_aggregate'],
    ['execute_event_loop_cycle', 'unbilled_aggregate'],
  ])('usage on %s is never billed', (operation, disposition) => {
    const attributes = { ...chat(10, 5), 'gen_ai.operation.name': operation }
    const settlement = settleTrace([span({ id: 1, attributes })])
    expect(settlement.calls).toEqual([])
    expect(listed(settlement)).toEqual({ 1: disposition })
  })

  test('a Pydantic V1 run span without operation name is covered by its chats', () => {
    const scope = 'pydantic-ai'
    const settlement = settleTrace([
      span({ id: 1, scope, name: 'agent run', attributes: unknownUsage(30, 10) }),
      span({ id: 2, parent: 1, scope, name: 'chat gpt-5', attributes: chat(30, 10) }),
    ])
    expect(billed(settlement)).toEqual({ 2: 'leaf' })
  })

  test('smolagents AGENT repeats what its LLM spans say', () => {
    const scope = 'openinference.instrumentation.smolagents'
    const counts = { 'llm.token_count.prompt': 10n, 'llm.token_count.completion': 5n }
    const settlement = settleTrace([
      span({ id: 1, scope, attributes: { 'openinference.span.kind': 'AGENT', ...counts } }),
      span({ id: 2, parent: 1, scope, attributes: { 'openinference.span.kind': 'LLM', ...counts } }),
    ])
    expect(billed(settlement)).toEqual({ 2: 'leaf' })
  })
})

describe('records of the same call', () => {
  test('the same leaf id gives one row, the most detailed, with the attribution of both', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: chat(100, 20, { 'outlay.leaf.id': 'l1', 'outlay.feature': 'search' }) }),
      span({
        id: 2,
        scope: 'litellm',
        attributes: chat(100, 20, { 'outlay.leaf.id': 'l1', 'gen_ai.usage.cache_read.input_tokens': 40n }),
      }),
    ])
    expect(billed(settlement)).toEqual({ 2: 'leaf' })
    expect(listed(settlement)).toEqual({ 1: 'duplicate' })
    expect(callOf(settlement, 2).attribution.feature).toBe('search')
    expect(callOf(settlement, 2).flags).toContain('duplicate_response')
  })

  test('the same provider, response id and totals give one row, the lowest span id of equal ones', () => {
    const attributes = chat(100, 20, { 'gen_ai.response.id': 'r1', 'gen_ai.provider.name': 'openai' })
    const settlement = settleTrace([span({ id: 2, attributes }), span({ id: 1, attributes })])
    expect(billed(settlement)).toEqual({ 1: 'leaf' })
    expect(listed(settlement)).toEqual({ 2: 'duplicate' })
  })

  test('the same response id alone proves nothing', () => {
    const at = (id: number, input: number, provider: string) =>
      span({ id, attributes: chat(input, 20, { 'gen_ai.response.id': '1', 'gen_ai.provider.name': provider }) })
    expect(billed(settleTrace([at(1, 100, 'openai'), at(2, 101, 'openai')]))).toEqual({ 1: 'leaf', 2: 'leaf' })
    expect(billed(settleTrace([at(1, 100, 'openai'), at(2, 100, 'groq')]))).toEqual({ 1: 'leaf', 2: 'leaf' })
  })

  test('what lies below a dropped duplicate stays covered', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: chat(10, 5, { 'outlay.leaf.id': 'l1' }) }),
      span({ id: 2, attributes: chat(10, 5, { 'outlay.leaf.id': 'l1' }) }),
      span({ id: 3, parent: 2, attributes: unknownUsage(10, 5) }),
    ])
    expect(billed(settlement)).toEqual({ 1: 'leaf' })
    expect(listed(settlement)).toEqual({ 2: 'duplicate', 3: 'covered' })
  })
})

describe('calls without usage', () => {
  test('a leaf without usage is a call with status absent and no meters', () => {
    const settlement = settleTrace([span({ id: 1, attributes: { 'gen_ai.operation.name': 'chat' } })])
    expect(callOf(settlement, 1)).toMatchObject({ usageStatus: 'absent', meters: {}, inputTotal: 0 })
  })

  test('a leaf without usage inside or around a billed one is no further call', () => {
    const silent = { 'gen_ai.operation.name': 'chat' }
    const settlement = settleTrace([
      span({ id: 1, attributes: silent }),
      span({ id: 2, parent: 1, attributes: chat(10, 5) }),
      span({ id: 3, parent: 2, attributes: silent }),
    ])
    expect(settlement.calls).toHaveLength(1)
    expect(listed(settlement)).toEqual({ 1: 'covered', 3: 'covered' })
  })

  test('a failed attempt beside the one that answered is its own call', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: chat(10, 5) }),
      span({ id: 2, parent: 1, attributes: { 'gen_ai.operation.name': 'chat' } }),
      span({ id: 3, parent: 1, attributes: chat(10, 5) }),
    ])
    expect(settlement.calls.map(({ key, usageStatus }) => [key.spanId, usageStatus])).toEqual([
      [spanId(2), 'absent'],
      [spanId(3), 'reported'],
    ])
  })

  test('a second record of the same attempt without usage is a duplicate', () => {
    const settlement = settleTrace([
      span({ id: 1, attributes: chat(10, 5, { 'outlay.leaf.id': 'l1' }) }),
      span({ id: 2, attributes: { 'gen_ai.operation.name': 'chat', 'outlay.leaf.id': 'l1' } }),
    ])
    expect(settlement.calls).toHaveLength(1)
    expect(listed(settlement)).toEqual({ 2: 'duplicate' })
  })
})

describe('versions of one span', () => {
  const attributes = chat(10, 5)

  test('the later end wins', () => {
    const early = span({ id: 1, attributes: chat(1, 1), endNano: 1_790_000_001_000_000_000n })
    const late = span({ id: 1, attributes, endNano: 1_790_000_002_000_000_000n })
    expect(callOf(settleTrace([late, early]), 1).meters).toEqual({ input: 10, output: 5 })
  })

  test('at equal ends the one with more usage attributes wins', () => {
    const rich = span({ id: 1, attributes: { ...attributes, 'gen_ai.usage.cache_read.input_tokens': 2n } })
    const poor = span({ id: 1, attributes })
    expect(settleTrace([rich, poor])).toEqual(settleTrace([rich]))
  })

  test('at equal detail the choice does not depend on the order', () => {
    const one = span({ id: 1, attributes })
    const other = span({ id: 1, attributes: chat(11, 5) })
    expect(settleTrace([one, other])).toEqual(settleTrace([other, one]))
  })

  test('of equal copies the first received counts', () => {
    const first = span({ id: 1, attributes, receivedNano: 5n })
    const second = span({ id: 1, attributes, receivedNano: 9n })
    expect(callOf(settleTrace([second, first]), 1).receivedUnixNano).toBe(5n)
  })
})

test('spans of two traces are a programming error', () => {
  const one = span({ id: 1 })
  expect(() => settleTrace([one, { ...one, authority: 'acme' }])).toThrow('BUG:')
})

test('no spans settle to nothing', () => {
  expect(settleTrace([])).toEqual({ calls: [], listed: [] })
})
