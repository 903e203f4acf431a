/** From a model call to the collector's door, through the real OTLP exporter over HTTP. */
import { EventEmitter } from 'node:events'
import { type DiagLogger, DiagLogLevel, diag, SpanStatusCode, trace } from '@opentelemetry/api'
import { BatchSpanProcessor, InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { limits } from '@outlay/core'
import { startStubProvider } from '@outlay/testkit'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import {
  AttributionSpanProcessor,
  hashUserId,
  OutlaySpanExporter,
  registerOutlay,
  type SignalSource,
  withAttribution,
  withTask,
  wrap,
} from '#src/index.ts'
import { CANARY, chatRequest, USER_KEY, WHO } from './harness.ts'
import { startSink } from './sink.ts'

const settings = { serviceName: 'inbox', userKey: USER_KEY, exportIntervalMs: 60_000 } as const

test('OutlaySpanExporter goes beside another exporter, which still gets everything', async () => {
  await using sink = await startSink()
  const own = new InMemorySpanExporter()
  const provider = new TracerProvider({
    spanProcessors: [
      new AttributionSpanProcessor(),
      new SimpleSpanProcessor({ exporter: own }),
      new BatchSpanProcessor({ exporter: new OutlaySpanExporter({ endpoint: sink.url }) }),
    ],
  })
  const tracer = provider.getTracer('opentelemetry.instrumentation.openai.v1')
  tracer.startSpan('chat', { attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': CANARY } }).end()
  tracer.startSpan('GET /').end()
  await provider.forceFlush()
  expect(own.getFinishedSpans().map(({ name }) => name)).toEqual(['chat', 'GET /'])
  expect(own.getFinishedSpans()[0]?.attributes['gen_ai.input.messages']).toBe(CANARY)
  expect(sink.spans().map(({ name }) => name)).toEqual(['chat'])
  expect(sink.bodies.join()).not.toContain(CANARY)
  await provider.shutdown()
})

describe('registerOutlay', () => {
  test('sends a call with its attribution to /v1/traces when flushed', async () => {
    await using sink = await startSink()
    await using stub = await startStubProvider({ script: [{ meters: { input: 90, cache_read: 10, output: 5 } }] })
    const outlay = registerOutlay({
      ...settings,
      endpoint: `${sink.url}/`,
      environment: 'test',
      headers: { authorization: 'Bearer ok_1_secret' },
    })
    const openai = wrap(new OpenAI({ apiKey: 'stub', baseURL: stub.openaiUrl }))
    await withAttribution({ ...WHO, user: 'jane@example.com' }, () =>
      withTask({ type: 'inbox-triage' }, () => openai.chat.completions.create(chatRequest())),
    )
    await outlay.forceFlush()
    expect(sink.headers).toEqual([{ path: '/v1/traces', authorization: 'Bearer ok_1_secret' }])
    expect(sink.spans()).toHaveLength(1)
    expect(sink.spans()[0]).toMatchObject({
      name: 'chat gpt-5',
      resource: { 'service.name': 'inbox', 'deployment.environment.name': 'test' },
      attributes: {
        'outlay.tenant.id': 'acme',
        'outlay.task.type': 'inbox-triage',
        'user.id': hashUserId('jane@example.com', USER_KEY),
        'gen_ai.usage.input_tokens': 100,
        'outlay.usage.status': 'reported',
      },
    })
    expect(outlay.stats).toEqual({ waiting: 0, exported: 1, dropped: 0, failed: 0 })
    await outlay.shutdown()
  })

  test('forwards nothing of other spans, and of foreign GenAI spans no content and no raw user', async () => {
    await using sink = await startSink()
    const outlay = registerOutlay({ ...settings, endpoint: sink.url })
    const tracer = trace.getTracer('opentelemetry.instrumentation.openai.v1')
    withAttribution(WHO, () => {
      tracer.startSpan('GET /', { attributes: { 'url.full': `/?q=${CANARY}` } }).end()
      const span = tracer.startSpan('chat', {
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.usage.input_tokens': 3,
          'gen_ai.prompt.0.content': CANARY,
          'gen_ai.input.messages': CANARY,
          'gen_ai.some.new.thing': CANARY,
          'llm.input_messages.0.message.content': CANARY,
          'gen_ai.response.finish_reasons': ['stop'],
          'gen_ai.response.id': { nested: CANARY },
          'traceloop.entity.input': CANARY,
          'langfuse.user.id': 'jane@example.com',
          'ai.response.providerMetadata': JSON.stringify({
            anthropic: { usage: { input_tokens: 7 }, text: CANARY },
            google: { text: CANARY },
          }),
          'gcp.vertex.agent.llm_response': JSON.stringify({
            content: CANARY,
            usage_metadata: { note: CANARY.repeat(99) },
          }),
        },
      })
      span.addEvent('gen_ai.user.message', { content: CANARY })
      span.recordException(new Error(CANARY))
      span.setStatus({ code: SpanStatusCode.ERROR, message: CANARY })
      span.end()
    })
    await outlay.shutdown()
    expect(sink.bodies.join()).not.toContain(CANARY)
    expect(sink.bodies.join()).not.toContain('jane')
    const [span, ...more] = sink.spans()
    expect(more).toEqual([])
    expect(span).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      events: [],
      attributes: {
        'gen_ai.usage.input_tokens': 3,
        'outlay.tenant.id': 'acme',
        'langfuse.user.id': hashUserId('jane@example.com', USER_KEY),
        'ai.response.providerMetadata': '{"anthropic":{"usage":{"input_tokens":7}}}',
      },
    })
    expect(span?.attributes).not.toHaveProperty(['gcp.vertex.agent.llm_response'])
    expect(span?.status.message).toBeUndefined()
  })

  test('no prompt or answer of a wrapped call leaves, streamed or not, failed or not', async () => {
    await using sink = await startSink()
    await using stub = await startStubProvider({ script: () => ({ text: `answer ${CANARY}` }) })
    const outlay = registerOutlay({ ...settings, endpoint: sink.url })
    const openai = wrap(new OpenAI({ apiKey: 'stub', baseURL: stub.openaiUrl, maxRetries: 0 }))
    await withAttribution(WHO, async () => {
      await openai.chat.completions.create(chatRequest())
      await openai.chat.completions.stream(chatRequest()).finalChatCompletion()
      await openai.responses.create({ model: 'gpt-5', input: CANARY, instructions: CANARY })
      await openai.embeddings.create({ model: 'm', input: CANARY })
      stub.reset([{ error: { status: 400, message: CANARY } }])
      await openai.responses.create({ model: 'gpt-5', input: CANARY }).catch(() => undefined)
    })
    await outlay.shutdown()
    expect(sink.spans()).toHaveLength(5)
    expect(sink.bodies.join()).not.toContain(CANARY)
  })

  test('records calls whose trace somebody upstream chose not to sample', async () => {
    await using sink = await startSink()
    await using stub = await startStubProvider()
    const outlay = registerOutlay({ ...settings, endpoint: sink.url })
    const openai = wrap(new OpenAI({ apiKey: 'stub', baseURL: stub.openaiUrl }))
    const { context, trace: api } = await import('@opentelemetry/api')
    const remote = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 0, isRemote: true }
    await context.with(api.setSpanContext(context.active(), remote), () =>
      withAttribution(WHO, () => openai.chat.completions.create(chatRequest())),
    )
    await outlay.shutdown()
    expect(sink.spans()).toHaveLength(1)
  })

  test('shutdown ends calls under way as partial and sends them', async () => {
    await using sink = await startSink()
    await using stub = await startStubProvider({ script: [{ stallAfterChunks: 2 }] })
    const outlay = registerOutlay({ ...settings, endpoint: sink.url })
    const openai = wrap(new OpenAI({ apiKey: 'stub', baseURL: stub.openaiUrl }))
    const stream = await withAttribution(WHO, () => openai.chat.completions.create(chatRequest({ stream: true })))
    await stream[Symbol.asyncIterator]().next()
    await outlay.shutdown()
    expect(sink.spans()[0]?.attributes).toMatchObject({ 'outlay.usage.status': 'partial' })
    stream.controller.abort()
  })

  test('counts spans that the collector refuses, rejects the flush, and never rejects the shutdown', async () => {
    await using sink = await startSink()
    sink.refuseWith(400)
    const outlay = registerOutlay({ ...settings, endpoint: sink.url })
    trace
      .getTracer('t')
      .startSpan('chat', { attributes: { 'gen_ai.operation.name': 'chat' } })
      .end()
    await expect(outlay.forceFlush()).rejects.toMatchObject({ code: 'E_EXPORT' })
    expect(outlay.stats).toMatchObject({ exported: 0, failed: 1 })
    trace
      .getTracer('t')
      .startSpan('chat', { attributes: { 'gen_ai.operation.name': 'chat' } })
      .end()
    await outlay.shutdown()
    expect(outlay.stats).toEqual({ waiting: 0, exported: 0, dropped: 0, failed: 2 })
  })

  test('a full queue drops what comes next, counts it and says so', async () => {
    await using sink = await startSink()
    const errors: string[] = []
    const log = (text: string): void => void errors.push(text)
    const logger: DiagLogger = { error: log, warn: log, info: log, debug: log, verbose: log }
    const outlay = registerOutlay({ ...settings, endpoint: sink.url })
    diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true })
    const tracer = trace.getTracer('t')
    const most = limits.instrumentation.exportQueueSpansMax
    for (let span = 0; span < most + 3; span += 1) {
      tracer.startSpan('chat', { attributes: { 'gen_ai.operation.name': 'chat' } }).end()
    }
    expect(outlay.stats).toMatchObject({ waiting: most, dropped: 3 })
    await outlay.shutdown()
    diag.disable()
    expect(outlay.stats).toEqual({ waiting: 0, exported: most, dropped: 3, failed: 0 })
    expect(errors.filter((text) => text.includes('queue is full'))).toHaveLength(2)
  })

  test('refuses to replace tracing that is there, and can be set up again after shutdown', async () => {
    await using sink = await startSink()
    const outlay = registerOutlay({ ...settings, endpoint: sink.url })
    expect(() => registerOutlay({ ...settings, endpoint: sink.url })).toThrow(
      expect.objectContaining({ code: 'E_TRACING_REGISTERED' }),
    )
    await outlay.shutdown()
    await registerOutlay({ ...settings, endpoint: sink.url }).shutdown()
  })

  test('refuses an endpoint that is no URL', () => {
    expect(() => registerOutlay({ ...settings, endpoint: 'localhost' })).toThrow(
      expect.objectContaining({ code: 'E_ENDPOINT' }),
    )
  })

  test('flushes on a signal when asked to, then raises it again', async () => {
    await using sink = await startSink()
    const emitter = new EventEmitter()
    const raised = new Promise<unknown[]>((resolve) => {
      const source: SignalSource = {
        pid: 7,
        once: (signal, listener) => emitter.once(signal, listener),
        kill: (...args) => resolve(args),
      }
      registerOutlay({ ...settings, endpoint: sink.url, flushOnSignal: source })
    })
    trace
      .getTracer('t')
      .startSpan('chat', { attributes: { 'gen_ai.operation.name': 'chat' } })
      .end()
    emitter.emit('SIGTERM')
    expect(await raised).toEqual([7, 'SIGTERM'])
    expect(sink.spans()).toHaveLength(1)
  })
})
