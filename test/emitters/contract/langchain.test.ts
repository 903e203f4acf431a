/** What only LangChain has: events in place of a seam around the request, and a client that may be measured below. */
import Anthropic from '@anthropic-ai/sdk'
import { ChatAnthropic } from '@langchain/anthropic'
import { withAttribution, withTask, wrap } from '@outlay/instrumentation'
import { OutlayCallbackHandler } from '@outlay/instrumentation/langchain'
import { afterEach, expect, test, vi } from 'vitest'
import { drain, type Harness, readSome, startHarness, WHO } from '../../../packages/instrumentation/test/harness.ts'
import { settledCalls, settledMeters } from '../../../packages/instrumentation/test/settled.ts'

const METERS = {
  input: 701,
  cache_read: 303,
  cache_write_5m: 23,
  cache_write_1h: 11,
  output: 41,
  output_reasoning: 67,
  web_search: 2,
}
const callbacks = [new OutlayCallbackHandler()]

const modelOf = ({ stub }: Harness, isWrapped: boolean, retries = 0) =>
  new ChatAnthropic({
    model: 'claude-sonnet-5-5',
    apiKey: 'stub',
    anthropicApiUrl: stub.url,
    maxRetries: retries,
    ...(isWrapped
      ? { createClient: () => wrap(new Anthropic({ apiKey: 'stub', baseURL: stub.url, maxRetries: 0 })) }
      : {}),
  })

afterEach(() => {
  vi.useRealTimers()
})

test('an Anthropic stream counts the running total of its output once', async () => {
  await using harness = await startHarness({ script: [{ meters: METERS }] })
  await withAttribution(WHO, async () => drain(await modelOf(harness, false).stream('hi', { callbacks })))
  // LangChain passes on neither what was thought nor what was searched.
  const { output, output_reasoning: reasoning, web_search: _, ...input } = METERS
  expect(settledMeters(harness.spans())).toEqual({ ...input, output: output + reasoning })
})

test('an Anthropic stream that a wrapped client sees below is counted once, with all that Anthropic says', async () => {
  await using harness = await startHarness({ script: [{ meters: METERS }] })
  await withAttribution(WHO, async () => drain(await modelOf(harness, true).stream('hi', { callbacks })))
  expect(harness.spans()).toHaveLength(1)
  expect(settledMeters(harness.spans())).toEqual(METERS)
})

test.each([
  ['alone', false],
  ['with a wrapped client below', true],
])('calls side by side are counted one by one: %s', async (_, isWrapped) => {
  await using harness = await startHarness({ script: () => ({ meters: METERS }) })
  const model = modelOf(harness, isWrapped)
  await withAttribution(WHO, () => model.batch(['a', 'b', 'c', 'd'], { callbacks }))
  expect(harness.stub.requests).toHaveLength(4)
  expect(settledCalls(harness.spans()).map(({ meters }) => meters.input)).toEqual([701, 701, 701, 701])
})

test('of calls side by side those are left out that a wrapped client has measured, and no other', async () => {
  await using harness = await startHarness({ script: () => ({ meters: METERS }) })
  const models = [modelOf(harness, true), modelOf(harness, false), modelOf(harness, true), modelOf(harness, false)]
  await withAttribution(WHO, () => Promise.all(models.map((model) => model.invoke('hi', { callbacks }))))
  const ids = harness.spans().map(({ attributes }) => attributes['gen_ai.response.id'])
  expect(ids).toHaveLength(4)
  expect(new Set(ids)).toHaveLength(4)
})

test.each([
  ['refused', { error: { status: 400 } }],
  ['broken off', { meters: METERS, abortAfterChunks: 4 }],
])('a stream that was %s is listed once where a wrapped client sees it too', async (_, answer) => {
  await using harness = await startHarness({ script: [answer] })
  await withAttribution(WHO, async () => {
    await expect(
      modelOf(harness, true)
        .stream('hi', { callbacks })
        .then((stream) => drain(stream)),
    ).rejects.toThrow(/./)
  })
  expect(settledCalls(harness.spans())).toHaveLength(1)
})

test('a try that failed below is listed beside the answer', async () => {
  await using harness = await startHarness({
    script: [{ error: { status: 529, retryable: true } }, { meters: METERS }],
  })
  await withAttribution(WHO, () => modelOf(harness, true, 1).invoke('hi', { callbacks }))
  expect(settledCalls(harness.spans()).map(({ usageStatus }) => usageStatus)).toEqual(['absent', 'reported'])
})

test('tasks side by side keep their calls apart', async () => {
  await using harness = await startHarness({ script: () => ({ meters: METERS }) })
  const model = modelOf(harness, false)
  const inTask = (id: string) => withTask({ id }, () => model.invoke(id, { callbacks }))
  await withAttribution(WHO, () => Promise.all(['task-a', 'task-b', 'task-c'].map(inTask)))
  const tasks = harness.spans().map(({ attributes }) => String(attributes['outlay.task.id']))
  expect(tasks.toSorted((a, b) => a.localeCompare(b))).toEqual(['task-a', 'task-b', 'task-c'])
})

test('a stream that the app leaves early is partial, as soon as it has been silent for long', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  await using harness = await startHarness({ script: () => ({ meters: METERS }) })
  const model = modelOf(harness, false)
  await withAttribution(WHO, async () => {
    await readSome(await model.stream('left', { callbacks }), 3)
    await model.invoke('next', { callbacks })
    expect(harness.spans()).toHaveLength(1)
    vi.advanceTimersByTime(3_600_001)
    await model.invoke('later', { callbacks })
  })
  const left = harness.spans().filter(({ attributes }) => attributes['outlay.usage.status'] === 'partial')
  expect(left.map(({ attributes }) => attributes['gen_ai.usage.input_tokens'])).toEqual([701 + 303 + 23 + 11])
})

test('under another policy than to throw a call without attribution is made and counted', async () => {
  await using harness = await startHarness({ script: [{ meters: METERS }], policy: { onMissing: 'quarantine' } })
  await modelOf(harness, false).invoke('hi', { callbacks })
  expect(settledMeters(harness.spans())).toEqual(METERS)
})
