/** What only the Claude Agent SDK has: sub-agents, whose calls are not all told, and sessions that are resumed. */
import { type Options, query } from '@anthropic-ai/claude-agent-sdk'
import { withAttribution, withTask } from '@outlay/instrumentation'
import { outlayQuery } from '@outlay/instrumentation/claude-agent'
import type { MeterQuantities } from '@outlay/core'
import { type StubAnswer, type StubRequest, tempDir } from '@outlay/testkit'
import { expect, expectTypeOf, test } from 'vitest'
import { type Harness, startHarness, WHO } from '../../../packages/instrumentation/test/harness.ts'
import { settledCalls } from '../../../packages/instrumentation/test/settled.ts'
import { agentOptions } from './seams/claude-agent.ts'

const FIRST = { input: 701, cache_read: 303, cache_write_5m: 23, output: 41, output_reasoning: 67 }
const SUB = { input: 1_201, cache_read: 307, cache_write_5m: 29, output: 43, output_reasoning: 71 }
const LAST = { input: 2_203, cache_read: 311, cache_write_5m: 31, output: 47, output_reasoning: 73 }

const ask = outlayQuery(query)

/** To the end; answers the id of the session. */
const run = async (harness: Harness, home: string, options: Options = {}): Promise<string> => {
  const place = agentOptions(home, { url: harness.stub.url, retries: 0, timeoutMs: 60_000 })
  let session = ''
  for await (const message of ask({ prompt: 'main', options: { ...place, ...options } })) {
    expect(message.type).not.toBe('stream_event')
    if (message.type === 'result') session = message.session_id
  }
  return session
}

/** One call to the sub-agent; whoever has its prompt is the sub-agent. */
const delegating = (input: object) => {
  let asked = 0
  return ({ body }: StubRequest): StubAnswer => {
    const text = JSON.stringify(body)
    if (text.includes('words for the other') && !text.includes('tool_use')) return { meters: SUB }
    asked += 1
    if (asked > 1) return { meters: LAST }
    const asking = { description: 'asks', prompt: 'words for the other', subagent_type: 'general-purpose', ...input }
    return { meters: FIRST, toolCall: { name: 'Task', arguments: asking } }
  }
}

const total = (served: readonly MeterQuantities[], meter: keyof MeterQuantities): number =>
  served.reduce((sum, meters) => sum + (meters[meter] ?? 0), 0)

const METERS = ['input', 'cache_read', 'cache_write_5m', 'output', 'output_reasoning'] as const

const billedTotals = (harness: Harness) => {
  const billed = settledCalls(harness.spans()).map(({ meters }) => meters)
  return Object.fromEntries(METERS.map((meter) => [meter, total(billed, meter)]))
}

/** From the stub's own account of what it served. */
const servedTotals = ({ stub }: Harness) => {
  const usages = stub.served.map(({ usage }) => usage as unknown as Record<string, number>)
  const sum = (name: string): number => usages.reduce((all, usage) => all + (usage[name] ?? 0), 0)
  return { input: sum('input_tokens'), cache_read: sum('cache_read_input_tokens'), output: sum('output_tokens') }
}

test.each([
  ['at once', { run_in_background: false }],
  ['in the background', { run_in_background: true }],
])('what a sub-agent uses %s is counted in full', async (_, input) => {
  using home = tempDir()
  await using harness = await startHarness({ script: delegating(input) })
  await withAttribution(WHO, () =>
    withTask({ id: 'triage' }, () => run(harness, home.path, { allowedTools: ['Task'] })),
  )
  const { output, output_reasoning: reasoning, ...totals } = billedTotals(harness)
  expect({
    input: totals['input'],
    cache_read: totals['cache_read'],
    output: (output ?? 0) + (reasoning ?? 0),
  }).toEqual(servedTotals(harness))
  expect(harness.stub.served.length).toBeGreaterThanOrEqual(3)
  for (const { attributes } of harness.spans()) {
    expect(attributes).toMatchObject({ 'outlay.task.id': 'triage', 'outlay.usage.status': 'reported' })
  }
})

test('a session that is resumed is not counted again', async () => {
  using home = tempDir()
  await using harness = await startHarness({ script: [{ meters: FIRST }, { meters: LAST }, { meters: SUB }] })
  await withAttribution(WHO, async () => {
    const resume = await run(harness, home.path)
    await run(harness, home.path, { resume })
    await run(harness, home.path, { continue: true })
  })
  expect(settledCalls(harness.spans()).map(({ meters }) => meters.input)).toEqual([701, 2_203, 1_201])
})

test('a sub-agent of a resumed session is counted in full as well', async () => {
  using home = tempDir()
  await using harness = await startHarness({ script: [{ meters: FIRST }] })
  await withAttribution(WHO, async () => {
    const resume = await run(harness, home.path)
    harness.stub.reset(delegating({ run_in_background: false }))
    await run(harness, home.path, { resume, allowedTools: ['Task'] })
  })
  expect(billedTotals(harness)['input']).toBe(701 + 701 + 1_201 + 2_203)
})

test('where nobody knows what a session had used before, its calls are told by their messages alone', async () => {
  using home = tempDir()
  await using harness = await startHarness({ script: [{ meters: FIRST }] })
  let resume = ''
  const place = agentOptions(home.path, { url: harness.stub.url, retries: 0, timeoutMs: 60_000 })
  // Not measured: as in another process.
  for await (const message of query({ prompt: 'main', options: place })) resume = message.session_id ?? resume
  harness.stub.reset(delegating({ run_in_background: true }))
  await withAttribution(WHO, () => run(harness, home.path, { resume, allowedTools: ['Task'] }))
  const begun = harness.spans().filter(({ attributes }) => attributes['outlay.usage.status'] === 'partial')
  expect(begun.map(({ attributes }) => attributes['gen_ai.usage.input_tokens'])).toEqual([1_201 + 307 + 29])
  expect(begun[0]?.attributes).not.toHaveProperty('gen_ai.usage.output_tokens')
})

test('a query has the type of the query', () => {
  expectTypeOf(outlayQuery(query)).toEqualTypeOf(query)
})
