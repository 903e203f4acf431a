/** Other tracing in the same process: nothing counts twice, and what it makes is attributed. */
import Anthropic from '@anthropic-ai/sdk'
import { context, SpanKind, trace } from '@opentelemetry/api'
import { limits } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import { withAttribution } from '#src/index.ts'
import { chatRequest, messageRequest, startHarness, WHO } from './harness.ts'

describe('the tracing of the Anthropic SDK', () => {
  test('is off in a wrapped client, so that a call has one span', async () => {
    await using harness = await startHarness()
    await withAttribution(WHO, async () => {
      await harness.anthropic.messages.create(messageRequest())
      await harness.anthropic.messages.stream(messageRequest()).finalMessage()
      await harness.anthropic.beta.messages.create(messageRequest())
      await harness.anthropic
        .withOptions({ openTelemetry: { traces: { enabled: true } } })
        .messages.create(messageRequest())
    })
    expect(harness.spans().map((span) => span.instrumentationScope.name)).toEqual(
      Array.from({ length: 4 }, () => '@outlay/instrumentation'),
    )
  })

  test('stays on in the client that was given, and its spans are attributed', async () => {
    await using harness = await startHarness()
    const plain = new Anthropic({ apiKey: 'stub', baseURL: harness.stub.url })
    await withAttribution(WHO, () => plain.messages.create(messageRequest()))
    expect(harness.spans()[0]?.instrumentationScope.name).toBe('com.anthropic.sdk.typescript')
    expect(harness.attributes()).toMatchObject({ 'outlay.tenant.id': 'acme', 'outlay.workload': 'chat' })
  })
})

describe('AttributionSpanProcessor', () => {
  const tracer = () => trace.getTracer('some-framework')

  test('stamps spans that show only at their end that they are GenAI', async () => {
    await using harness = await startHarness()
    withAttribution({ ...WHO, user: 'jane' }, () => {
      const span = tracer().startSpan('chat')
      span.setAttribute('gen_ai.operation.name', 'chat')
      span.setAttribute('user.id', 'already there')
      span.end()
    })
    expect(harness.attributes()).toMatchObject({
      'outlay.tenant.id': 'acme',
      'outlay.feature': 'inbox',
      'user.id': 'already there',
    })
  })

  test('leaves spans of other kinds alone', async () => {
    await using harness = await startHarness()
    withAttribution(WHO, () =>
      tracer()
        .startSpan('GET /', { attributes: { 'http.route': '/' } })
        .end(),
    )
    expect(harness.attributes()).toEqual({ 'http.route': '/' })
  })

  test('names the nearest GenAI ancestor, across the spans between', async () => {
    await using harness = await startHarness()
    await withAttribution(WHO, () =>
      tracer().startActiveSpan('invoke_agent triage', async (agent) => {
        agent.setAttribute('gen_ai.operation.name', 'invoke_agent')
        await tracer().startActiveSpan('POST /internal', { kind: SpanKind.CLIENT }, async (between) => {
          await harness.openai.chat.completions.create(chatRequest())
          between.end()
        })
        agent.end()
      }),
    )
    const byName = new Map(harness.spans().map((span) => [span.name, span]))
    const agent = byName.get('invoke_agent triage')
    expect(byName.get('chat gpt-5')?.attributes['outlay.genai_parent.id']).toBe(agent?.spanContext().spanId)
    expect(agent?.attributes['outlay.genai_parent.id']).toBeUndefined()
    expect(byName.get('POST /internal')?.attributes).toEqual({})
  })
})

test('the search for an ancestor goes a bounded way up', async () => {
  await using harness = await startHarness()
  const tracer = trace.getTracer('t')
  const genAi = { attributes: { 'gen_ai.operation.name': 'chat' } }
  const nest = (levels: number): void => {
    if (levels === 0) tracer.startSpan('leaf', genAi).end()
    else tracer.startActiveSpan('between', () => nest(levels - 1))
  }
  const most = limits.instrumentation.ancestryDepthMax
  tracer.startActiveSpan('agent', genAi, () => nest(most - 1))
  tracer.startActiveSpan('agent', genAi, () => nest(most))
  const found = harness.spans().map(({ attributes }) => typeof attributes['outlay.genai_parent.id'])
  expect(found).toEqual(['string', 'undefined'])
})

test('the span of a call is current while the request is sent, and not after', async () => {
  await using harness = await startHarness()
  const seen: (string | undefined)[] = []
  const client = harness.openai.withOptions({
    fetch: (url, init) => {
      seen.push(trace.getSpan(context.active())?.spanContext().spanId)
      return fetch(url, init)
    },
  })
  await withAttribution(WHO, () => client.chat.completions.create(chatRequest()))
  expect(seen).toEqual([harness.spans()[0]?.spanContext().spanId])
  expect(trace.getSpan(context.active())).toBeUndefined()
})
