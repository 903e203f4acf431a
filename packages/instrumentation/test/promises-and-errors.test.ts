/** What the caller gets from a wrapped client is what an unwrapped one gives. */
import Anthropic, { RateLimitError as AnthropicRateLimitError } from '@anthropic-ai/sdk'
import { SpanStatusCode } from '@opentelemetry/api'
import OpenAI, { APIConnectionError, APIPromise, APIUserAbortError, RateLimitError } from 'openai'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { withAttribution, wrap } from '#src/index.ts'
import { chatRequest, messageRequest, PATIENT, startHarness, WHO } from './harness.ts'

describe('an APIPromise', () => {
  test('keeps its class, and withResponse gives the data and the response', async () => {
    await using harness = await startHarness()
    const promise = withAttribution(WHO, () => harness.openai.chat.completions.create(chatRequest()))
    expect(promise).toBeInstanceOf(APIPromise)
    const { data, response, request_id } = await promise.withResponse()
    expect(response.status).toBe(200)
    expect(request_id).toMatch(/^req_/)
    expect(Reflect.get(data, '_request_id')).toBe(request_id)
    expect(await promise).toBe(data)
    expect(harness.attributes()['outlay.usage.status']).toBe('reported')
  })

  test('of Anthropic gives data and response too', async () => {
    await using harness = await startHarness()
    const { data, request_id } = await withAttribution(WHO, () =>
      harness.anthropic.messages.create(messageRequest()).withResponse(),
    )
    expect(data.content[0]).toMatchObject({ type: 'text' })
    expect(request_id).toMatch(/^req_/)
    expect(harness.attributes()['outlay.usage.status']).toBe('reported')
  })

  test('read as a raw response leaves the body to the caller and is listed as absent', async () => {
    await using harness = await startHarness()
    for (const call of [
      () => harness.openai.chat.completions.create(chatRequest()).asResponse(),
      () => harness.anthropic.messages.create(messageRequest()).asResponse(),
    ]) {
      const response = await withAttribution(WHO, call)
      expect(await response.json()).toHaveProperty('usage')
    }
    expect(harness.spans().map(({ attributes }) => attributes['outlay.usage.status'])).toEqual(['absent', 'absent'])
  })

  test('that was derived from it sees the answer, and its own failure is not the call’s', async () => {
    await using harness = await startHarness()
    const promise = withAttribution(WHO, () => harness.openai.chat.completions.create(chatRequest()))
    const derived = promise._thenUnwrap((completion) => {
      throw new TypeError(`no use for ${completion.object}`)
    })
    expect(derived).toBeInstanceOf(APIPromise)
    await expect(derived).rejects.toThrow('no use for chat.completion')
    expect(harness.attributes()).toMatchObject({ 'outlay.usage.status': 'reported' })
    expect(harness.spans()[0]?.status.code).toBe(SpanStatusCode.UNSET)
  })

  test('works with then, catch and finally, and parses once', async () => {
    await using harness = await startHarness()
    const promise = withAttribution(WHO, () => harness.openai.embeddings.create({ model: 'm', input: 'x' }))
    let finished = false
    const first = await promise.then((list) => list).finally(() => (finished = true))
    expect(finished).toBe(true)
    expect(await promise.catch(() => undefined)).toBe(first)
    expect(first.data[0]?.embedding).toHaveLength(8)
    expect(harness.spans()).toHaveLength(1)
    expect(harness.stub.requests).toHaveLength(1)
  })
})

describe('an error', () => {
  const failing = { error: { status: 429, type: 'rate_limit_error', message: 'secret words of the provider' } }

  test('is the SDK’s own object, with nothing of its message on the span', async () => {
    await using harness = await startHarness({ script: [failing, failing] })
    const caught: unknown[] = []
    const call = withAttribution(WHO, () => harness.openai.chat.completions.create(chatRequest()))
    for (const attempt of [call, call.withResponse()]) {
      try {
        await attempt
      } catch (error) {
        caught.push(error)
      }
    }
    expect(caught[0]).toBeInstanceOf(RateLimitError)
    expect(caught[1]).toBe(caught[0])
    await expect(withAttribution(WHO, () => harness.anthropic.messages.create(messageRequest()))).rejects.toThrow(
      AnthropicRateLimitError,
    )
    for (const span of harness.spans()) {
      expect(span.status).toEqual({ code: SpanStatusCode.ERROR })
      expect(span.attributes).toMatchObject({ 'error.type': '429', 'outlay.usage.status': 'absent' })
      expect(span.events).toEqual([])
      expect(JSON.stringify(span.attributes)).not.toContain('secret words')
    }
    expect(harness.spans()).toHaveLength(2)
  })

  test('of a connection that was refused is typed by its class', async () => {
    await using harness = await startHarness()
    await harness.stub.close()
    await expect(
      withAttribution(WHO, () => harness.openai.responses.create({ model: 'm', input: 'x' })),
    ).rejects.toThrow(APIConnectionError)
    expect(harness.attributes()).toMatchObject({ 'error.type': 'APIConnectionError', 'outlay.usage.status': 'absent' })
  })

  test('of an answer that is no JSON ends the span as well', async () => {
    await using harness = await startHarness()
    const broken = wrap(
      new OpenAI({
        apiKey: 'stub',
        fetch: () => Promise.resolve(new Response('{', { headers: { 'content-type': 'application/json' } })),
      }),
    )
    await expect(withAttribution(WHO, () => broken.chat.completions.create(chatRequest()))).rejects.toThrow(SyntaxError)
    expect(harness.attributes()).toMatchObject({ 'error.type': 'SyntaxError' })
  })

  test('that the SDK throws before it sends ends the span and is rethrown', async () => {
    await using harness = await startHarness()
    const request = messageRequest({ max_tokens: 10_000_000 })
    expect(() => withAttribution(WHO, () => harness.anthropic.messages.create(request))).toThrow(
      /Streaming is required/,
    )
    expect(harness.attributes()).toMatchObject({ 'error.type': 'AnthropicError', 'outlay.usage.status': 'absent' })
  })

  test('of a request that the caller aborted is no failure, but may have been billed', async () => {
    await using harness = await startHarness({ script: [{ stallAfterChunks: 0, delayMs: 60_000 }] })
    const controller = new AbortController()
    const call = withAttribution(WHO, () =>
      harness.openai.chat.completions.create(chatRequest(), { signal: controller.signal }),
    )
    await expect.poll(() => harness.stub.requests.length, PATIENT).toBe(1)
    controller.abort()
    await expect(call).rejects.toThrow(APIUserAbortError)
    expect(harness.attributes()['outlay.usage.status']).toBe('partial')
    expect(harness.spans()[0]?.status.code).toBe(SpanStatusCode.UNSET)
  })
})

test('retries of the SDK are one call with one span', async () => {
  await using harness = await startHarness({ script: [{ error: { status: 500, retryable: true } }] })
  const retrying = harness.openai.withOptions({ maxRetries: 1 })
  await withAttribution(WHO, () => retrying.chat.completions.create(chatRequest()))
  expect(harness.stub.requests).toHaveLength(2)
  expect(harness.attributes()['outlay.usage.status']).toBe('reported')
})

describe('wrap', () => {
  test('keeps the type of the client', () => {
    expectTypeOf(wrap(new OpenAI({ apiKey: 'stub' }))).toEqualTypeOf<OpenAI>()
    expectTypeOf(wrap(new Anthropic({ apiKey: 'stub' }))).toEqualTypeOf<Anthropic>()
    class Custom extends OpenAI {
      readonly extra = 1
    }
    expectTypeOf(wrap(new Custom({ apiKey: 'stub' }))).toEqualTypeOf<Custom>()
    expect(wrap(new Custom({ apiKey: 'stub' })).extra).toBe(1)
    expect(wrap(new OpenAI({ apiKey: 'stub' }))).toBeInstanceOf(OpenAI)
  })

  test('leaves the given client as it is and is idempotent', async () => {
    await using harness = await startHarness()
    const plain = new OpenAI({ apiKey: 'stub', baseURL: harness.stub.openaiUrl })
    const wrapped = wrap(plain)
    expect(wrap(wrapped)).toBe(wrapped)
    await plain.chat.completions.create(chatRequest())
    expect(harness.spans()).toHaveLength(0)
  })

  test('counts the calls of clients derived with withOptions', async () => {
    await using harness = await startHarness()
    await withAttribution(WHO, () => harness.openai.withOptions({ timeout: 1_000 }).responses.create({ input: 'x' }))
    await withAttribution(WHO, () =>
      harness.anthropic.withOptions({ timeout: 1_000 }).messages.create(messageRequest()),
    )
    expect(harness.spans()).toHaveLength(2)
  })

  test('refuses what it does not know', () => {
    expect(() => wrap({ chat: 1 })).toThrow(/E_WRAP_CLIENT|not a client/)
  })

  test('does not stand in the way when nothing records spans', async () => {
    const { startStubProvider } = await import('@outlay/testkit')
    const { configureAttribution } = await import('#src/index.ts')
    await using stub = await startStubProvider()
    configureAttribution({ onMissing: 'quarantine' })
    const client = wrap(new OpenAI({ apiKey: 'stub', baseURL: stub.openaiUrl }))
    expect((await client.chat.completions.create(chatRequest())).choices).toHaveLength(1)
    configureAttribution({})
  })
})
