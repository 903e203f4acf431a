import Anthropic from '@anthropic-ai/sdk'
import { type Attributes, context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { type StubProvider, type StubScript, startStubProvider } from '@outlay/testkit'
import OpenAI from 'openai'
import { type AttributionPolicy, AttributionSpanProcessor, configureAttribution, wrap } from '#src/index.ts'

/** Real SDKs, a real tracer provider, and a stub for the model provider only. */
export interface Harness extends AsyncDisposable {
  readonly stub: StubProvider
  readonly openai: OpenAI
  readonly anthropic: Anthropic
  spans(): readonly ReadableSpan[]
  /** Attributes of the only span so far. */
  attributes(): Attributes
}

export const USER_KEY = 'test key'
export const WHO = { tenant: 'acme', feature: 'inbox', workload: 'chat' } as const
export const CANARY = 'canary-7f3a'
/** For polling: ends as soon as the condition holds, and does not fail on a busy machine. */
export const PATIENT = { interval: 10, timeout: 30_000 }

export const startHarness = async (
  options: { readonly script?: StubScript; readonly policy?: Partial<AttributionPolicy> } = {},
): Promise<Harness> => {
  const stub = await startStubProvider(options.script === undefined ? {} : { script: options.script })
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({
    spanProcessors: [new AttributionSpanProcessor(), new SimpleSpanProcessor({ exporter })],
  })
  trace.setGlobalTracerProvider(provider)
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  configureAttribution({ userKey: USER_KEY, ...options.policy })
  const spans = (): ReadableSpan[] => exporter.getFinishedSpans()
  return {
    stub,
    openai: wrap(new OpenAI({ apiKey: 'stub', baseURL: stub.openaiUrl, maxRetries: 0 })),
    anthropic: wrap(new Anthropic({ apiKey: 'stub', baseURL: stub.url, maxRetries: 0 })),
    spans,
    attributes: () => {
      const found = spans()
      if (found.length !== 1) throw new Error(`want one span, got ${found.map(({ name }) => name).join(', ')}`)
      return found[0]?.attributes ?? {}
    },
    async [Symbol.asyncDispose]() {
      configureAttribution({})
      await provider.shutdown()
      trace.disable()
      context.disable()
      await stub.close()
    },
  }
}

/** Reads a stream to its end. */
export const drain = async <Event>(events: AsyncIterable<Event>): Promise<Event[]> => {
  const read: Event[] = []
  for await (const event of events) read.push(event)
  return read
}

/** Reads a stream and gives up after `count` events. */
export const readSome = async <Event>(events: AsyncIterable<Event>, count: number): Promise<void> => {
  let read = 0
  for await (const _ of events) {
    read += 1
    if (read === count) break
  }
}

/** Requests whose prompt holds the canary. `fields` keep their literal types, which choose the SDK's overload. */
export const chatRequest = <const Fields extends object = object>(fields?: Fields) => ({
  model: 'gpt-5',
  messages: [{ role: 'user' as const, content: `hello ${CANARY}` }],
  ...(fields as Fields),
})

export const messageRequest = <const Fields extends object = object>(fields?: Fields) => ({
  model: 'claude-sonnet-5-5' as const,
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: `hello ${CANARY}` }],
  ...(fields as Fields),
})
