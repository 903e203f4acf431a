/** Bundlers make copies of the package: what is said to one holds in all, and what one has seen none counts again. */
import { trace } from '@opentelemetry/api'
import OpenAI from 'openai'
import { beforeAll, expect, test, vi } from 'vitest'
import { endOpenCalls } from '#src/call/model-call.ts'
import { OpenRun } from '#src/call/open-runs.ts'
import * as first from '#src/index.ts'
import { chatRequest, readSome, startHarness, USER_KEY, WHO } from './harness.ts'
import { startSink } from './sink.ts'

let second: typeof first
beforeAll(async () => {
  vi.resetModules()
  second = await import('#src/index.ts')
})

const clientOf = (baseURL: string) => second.wrap(new OpenAI({ apiKey: 'stub', baseURL, maxRetries: 0 }))

test('a copy is one indeed', () => {
  expect(second.wrap).not.toBe(first.wrap)
})

test('a copy follows the policy that another was given, and its calls are sent', async () => {
  await using harness = await startHarness({ policy: { require: ['tenant', 'session'] } })
  const openai = clientOf(harness.stub.openaiUrl)
  await second.withAttribution({ ...WHO, user: 'jane', session: 's-1' }, () =>
    openai.chat.completions.create(chatRequest()),
  )
  expect(harness.attributes()).toMatchObject({ 'user.id': first.hashUserId('jane', USER_KEY), 'session.id': 's-1' })
  const unattributed = second.withAttribution(WHO, () => openai.chat.completions.create(chatRequest()))
  await expect(unattributed).rejects.toThrow(/without session/)
})

test('what one copy has registered can be flushed and ended from another', async () => {
  await using harness = await startHarness()
  await using sink = await startSink()
  trace.disable()
  expect(second.currentOutlay()).toBeUndefined()
  const outlay = first.registerOutlay({ endpoint: sink.url, serviceName: 'app', exportIntervalMs: 3_600_000 })
  expect(second.currentOutlay()).toBe(outlay)
  const openai = clientOf(harness.stub.openaiUrl)
  await second.withAttribution(WHO, () => openai.chat.completions.create(chatRequest()))
  await second.currentOutlay()?.forceFlush()
  expect(sink.spans()).toHaveLength(1)
  await second.currentOutlay()?.shutdown()
  expect(first.currentOutlay()).toBeUndefined()
})

test('a client that one copy has wrapped is not wrapped again by another', async () => {
  await using harness = await startHarness()
  expect(second.wrap(harness.openai)).toBe(harness.openai)
})

test('the shutdown of the copy that registered ends the calls of others', async () => {
  await using harness = await startHarness({ script: [{ stallAfterChunks: 2 }] })
  const openai = clientOf(harness.stub.openaiUrl)
  const stream = await second.withAttribution(WHO, () => openai.chat.completions.create(chatRequest({ stream: true })))
  const reading = readSome(stream, 1_000)
  endOpenCalls()
  expect(harness.attributes()['outlay.usage.status']).toBe('partial')
  stream.controller.abort()
  await reading
})

test('a span that the AI SDK made is known to every copy, so that a call below it is counted once', async () => {
  await using harness = await startHarness()
  const { outlayMiddleware } = await import('#src/ai-sdk.ts')
  const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' }
  const model = { provider: 'openai.chat', modelId: 'gpt-5' }
  const answer = { usage: { inputTokens: 3, outputTokens: 2 } }
  const outer = await second.withAttribution(WHO, async () => {
    const span = trace.getTracer('gen_ai').startSpan('chat gpt-5', { attributes })
    await outlayMiddleware().wrapGenerate({ params: {}, model, doGenerate: () => Promise.resolve(answer) })
    return span
  })
  const [inner] = harness.spans()
  expect(inner?.parentSpanContext?.spanId).toBe(outer.spanContext().spanId)
})

test('a run that a framework tells one copy of is found in a call that another has measured', async () => {
  await using harness = await startHarness()
  const openai = clientOf(harness.stub.openaiUrl)
  await second.withAttribution(WHO, async () => {
    const run = new OpenRun('gpt-5')
    const { id } = await openai.chat.completions.create(chatRequest())
    expect(run.isMeasuredBelow(id)).toBe(true)
  })
})

test('carriers are counted for all copies together', async () => {
  await using harness = await startHarness({ policy: { onMissing: 'quarantine' } })
  const { accepted, refused } = first.carrierStats()
  second.runWithAttribution('o1.nonsense', () => harness.stub)
  second.runWithAttribution(first.captureAttribution(), () => harness.stub)
  const after = first.carrierStats()
  expect(after.accepted).toBe(accepted + 1)
  expect(Object.values(after.refused).reduce((a, b) => a + b)).toBe(Object.values(refused).reduce((a, b) => a + b) + 1)
})

test('a call after another provider was registered is recorded there, and nowhere while there is none', async () => {
  const first = await startHarness()
  await second.withAttribution(WHO, () => first.openai.chat.completions.create(chatRequest()))
  const { length } = first.spans()
  trace.disable()
  await second.withAttribution(WHO, () => first.openai.chat.completions.create(chatRequest()))
  expect([length, first.spans().length]).toEqual([1, 1])
  await first[Symbol.asyncDispose]()
  await using harness = await startHarness()
  await second.withAttribution(WHO, () => harness.openai.chat.completions.create(chatRequest()))
  expect(harness.spans()).toHaveLength(1)
})
