/** The contract of `wrap`: whatever happens to a call, the caller sees what an unwrapped client shows, and it is counted. */
import type { BedrockRuntime } from '@aws-sdk/client-bedrock-runtime'
import type Anthropic from '@anthropic-ai/sdk'
import type { GoogleGenAI } from '@google/genai'
import type { Mistral } from '@mistralai/mistralai'
import { SpanStatusCode } from '@opentelemetry/api'
import { withAttribution, wrap } from '@outlay/instrumentation'
import type { StubScript } from '@outlay/testkit'
import type { CohereClientV2 } from 'cohere-ai'
import type { AzureOpenAI, OpenAI } from 'openai'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { startHarness } from '../../../packages/instrumentation/test/harness.ts'
import { settledMeters } from '../../../packages/instrumentation/test/settled.ts'
import { OLDER_WRAPPERS } from './older-wrappers.ts'
import type { ClientSettings, Wrapper } from './wrapper.ts'
import { WRAPPERS } from './wrappers.ts'

const WHO = { tenant: 'acme', feature: 'inbox', workload: 'chat' } as const
const NEVER_MS = 600_000
const SOON_MS = 50
const defaults = { retries: 0, timeoutMs: NEVER_MS }

/** How long the SDK of AWS waited, and when the stub answered. */
const TIMES = new Set(['totalRetryDelay', 'date'])

/** Ids are made of the request and its ordinal. */
const withoutIds = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, each: unknown) => (TIMES.has(key) ? undefined : each)).replaceAll(
      /[0-9a-f]{24}/g,
      'id',
    ),
  )

const settle = async (run: () => PromiseLike<unknown>): Promise<unknown> => {
  try {
    return { answer: withoutIds(await run()) }
  } catch (error) {
    const { name, message, constructor } = error as Error
    return { name, message, constructor }
  }
}

const drained = async (open: PromiseLike<AsyncIterable<unknown>>): Promise<unknown[]> => {
  const events: unknown[] = []
  for await (const event of await open) events.push(event)
  return events
}

type Use = (client: object) => PromiseLike<unknown>

/** The same use of the client as it is and of a wrapped one, each with the same answers. */
const compared = async (
  { create }: Wrapper,
  script: () => StubScript,
  use: Use,
  settings: Omit<ClientSettings, 'url'> = defaults,
) => {
  const harness = await startHarness()
  try {
    const client = create({ ...settings, url: harness.stub.url })
    harness.stub.reset(script())
    const plain = await settle(() => use(client))
    harness.stub.reset(script())
    const seen = await withAttribution(WHO, () => settle(() => use(wrap(client))))
    expect(seen).toEqual(plain)
    await expect.poll(() => harness.spans().length, { interval: 10, timeout: 3_000 }).toBe(1)
    return {
      harness,
      seen,
      attributes: harness.attributes(),
      [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
    }
  } catch (error) {
    await harness[Symbol.asyncDispose]()
    throw error
  }
}

/** For every request, however late it arrives. */
const never = () => ({ delayMs: NEVER_MS })
const tool = { name: 'weather', arguments: { city: 'Porto' } }

describe.each([...WRAPPERS, ...OLDER_WRAPPERS])('$id', (wrapper) => {
  const { meters, usage, call, stream, provider } = wrapper
  const counted = usage === undefined ? { meters } : { usage }
  const uses: readonly (readonly [title: string, use: Use])[] = [
    ['an answer', call],
    ...(stream === undefined ? [] : [['a stream', (client: object) => drained(stream(client))] as const]),
  ]

  test.each(uses)('%s is what the SDK gives, counted to the token', async (_, use) => {
    await using run = await compared(wrapper, () => [counted], use)
    expect(run.seen).toHaveProperty('answer')
    expect(settledMeters(run.harness.spans())).toEqual(meters)
    expect(run.attributes).toMatchObject({ 'gen_ai.provider.name': provider, 'outlay.tenant.id': 'acme' })
    expect(run.attributes['gen_ai.request.model']).toBeTypeOf('string')
  })

  test.each(wrapper.toolless === true ? [] : uses)('%s that asks for a tool is counted likewise', async (_, use) => {
    await using run = await compared(wrapper, () => [{ ...counted, toolCall: tool }], use)
    expect(JSON.stringify(run.seen)).toContain('Porto')
    expect(settledMeters(run.harness.spans())).toEqual(meters)
  })

  test.each(uses)('%s that is refused fails with the SDK’s own error', async (_, use) => {
    await using run = await compared(wrapper, () => [{ error: { status: 400, message: 'words of a prompt' } }], use)
    expect(run.seen).toHaveProperty('constructor')
    expect(run.attributes).toMatchObject({ 'error.type': '400', 'outlay.usage.status': 'absent' })
    expect(run.harness.spans()[0]?.status).toEqual({ code: SpanStatusCode.ERROR })
    expect(JSON.stringify(run.attributes)).not.toContain('words of a prompt')
  })

  const streams = uses.slice(1)
  const breaks = streams.flatMap(([, use]) => [
    ['breaks off', { abortAfterChunks: 1 }, use] as const,
    ['reports an error', { errorAfterChunks: 1 }, use] as const,
  ])

  test.each(breaks)('a stream that %s in its middle ends as the SDK says, and may have been billed', async (...of) => {
    const [, broken, use] = of
    await using run = await compared(wrapper, () => [{ ...counted, ...broken }], use)
    expect(run.attributes['outlay.usage.status']).toBe('partial')
  })

  test.each(stream === undefined ? [] : [stream])('a stream that is left early may have been billed', async (open) => {
    const use: Use = async (client) => {
      for await (const event of await open(client)) return event
      return undefined
    }
    await using run = await compared(wrapper, () => [counted], use)
    expect(run.attributes['outlay.usage.status']).toBe('partial')
    expect(run.harness.spans()[0]?.status.code).toBe(SpanStatusCode.UNSET)
  })

  test('a call that the caller aborts is no failure, and may have been billed', async () => {
    let aborting: AbortController | undefined
    const answers = () => never
    const use: Use = (client) => {
      aborting = new AbortController()
      const { signal } = aborting
      setTimeout(() => aborting?.abort(), SOON_MS)
      return call(client, signal)
    }
    await using run = await compared(wrapper, answers, use)
    expect(run.attributes['outlay.usage.status']).toBe('partial')
    expect(run.harness.spans()[0]?.status.code).toBe(SpanStatusCode.UNSET)
  })

  test('a call that takes too long fails as the SDK says, and may have been billed', async () => {
    const settings = { retries: 0, timeoutMs: SOON_MS }
    await using run = await compared(wrapper, () => never, call, settings)
    expect(run.attributes['outlay.usage.status']).toBe('partial')
  })

  test('a call that the SDK tries again is one call', async () => {
    const answers = () => [{ error: { status: 503, retryable: true } }, counted]
    await using run = await compared(wrapper, answers, call, { retries: 1, timeoutMs: NEVER_MS })
    expect(run.harness.stub.requests).toHaveLength(2)
    expect(settledMeters(run.harness.spans())).toEqual(meters)
  })

  test('a call without attribution is refused before anything is sent', async () => {
    await using harness = await startHarness()
    const client = wrap(wrapper.create({ ...defaults, url: harness.stub.url }))
    await expect(Promise.resolve().then(() => call(client))).rejects.toMatchObject({ code: 'E_ATTRIBUTION_MISSING' })
    expect(harness.stub.requests).toEqual([])
  })

  test('the client that was given stays as it is', async () => {
    await using harness = await startHarness()
    const client = wrapper.create({ ...defaults, url: harness.stub.url })
    expect(wrap(client)).toBeInstanceOf(client.constructor)
    await call(client)
    expect(harness.spans()).toEqual([])
  })
})

test('a wrapped client has the type of the client', () => {
  expectTypeOf(wrap<OpenAI>).returns.toEqualTypeOf<OpenAI>()
  expectTypeOf(wrap<AzureOpenAI>).returns.toEqualTypeOf<AzureOpenAI>()
  expectTypeOf(wrap<Anthropic>).returns.toEqualTypeOf<Anthropic>()
  expectTypeOf(wrap<GoogleGenAI>).returns.toEqualTypeOf<GoogleGenAI>()
  expectTypeOf(wrap<Mistral>).returns.toEqualTypeOf<Mistral>()
  expectTypeOf(wrap<BedrockRuntime>).returns.toEqualTypeOf<BedrockRuntime>()
  expectTypeOf(wrap<CohereClientV2>).returns.toEqualTypeOf<CohereClientV2>()
})
