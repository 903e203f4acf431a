/** One variant in a process of its own: instrumentations of other makers patch the SDK for the whole process. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { ExportResultCode } from '@opentelemetry/core'
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import { AttributionSpanProcessor, withAttribution, withTask, wrap } from '@outlay/instrumentation'
import OpenAI from 'openai'
import type { ChildAnswer, ChildQuestion, Variant } from './variants.ts'

const WARM_BLOCKS = 16
const CALLS_PER_BLOCK = 256
const IN_FLIGHT = 2_000

const [, , variant = ''] = process.argv
const BODY = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-5',
  choices: [{ index: 0, message: { role: 'assistant', content: 'An answer of some length.' }, finish_reason: 'stop' }],
  usage: {
    prompt_tokens: 900,
    completion_tokens: 100,
    total_tokens: 1_000,
    prompt_tokens_details: { cached_tokens: 300, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 60, audio_tokens: 0 },
  },
})
const HEADERS = { 'content-type': 'application/json' }
const answer = (): Response => new Response(BODY, { headers: HEADERS })

let spans = 0
/** What is exported costs nothing: export is off the hot path, and the same for every variant. */
const discard: SpanExporter = {
  export: (batch, done) => {
    spans += batch.length
    done({ code: ExportResultCode.SUCCESS })
  },
  shutdown: () => Promise.resolve(),
}

const startTracing = (): BasicTracerProvider => {
  const batches = new BatchSpanProcessor(discard)
  const provider = new BasicTracerProvider({
    spanProcessors: variant === 'outlay' ? [new AttributionSpanProcessor(), batches] : [batches],
  })
  trace.setGlobalTracerProvider(provider)
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  return provider
}

const instrument = async (): Promise<void> => {
  if (variant !== 'traceloop' && variant !== 'traceloop without content') return
  const { OpenAIInstrumentation } = await import('@traceloop/instrumentation-openai')
  new OpenAIInstrumentation({ traceContent: variant === 'traceloop' }).manuallyInstrument(OpenAI)
}

const clientWith = (fetch: () => Promise<Response>): OpenAI => {
  const client = new OpenAI({ apiKey: 'stub', baseURL: 'http://127.0.0.1:1/v1', fetch })
  return (variant as Variant) === 'outlay' ? wrap(client) : client
}

const ask = (client: OpenAI) =>
  client.chat.completions.create({ model: 'gpt-5', messages: [{ role: 'user', content: 'A question.' }] })

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const measureBlock = async (client: OpenAI): Promise<number> => {
  const microseconds: number[] = []
  for (let call = 0; call < CALLS_PER_BLOCK; call += 1) {
    const start = process.hrtime.bigint()
    await ask(client)
    microseconds.push(Number(process.hrtime.bigint() - start) / 1_000)
  }
  return median(microseconds)
}

const heapBytes = async (): Promise<number> => {
  for (let turn = 0; turn < 4; turn += 1) {
    await nextTurn()
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}

/** Heap of calls that wait for the provider's answer. */
const measureHeap = async (): Promise<number> => {
  const releases: (() => void)[] = []
  const client = clientWith(
    () =>
      new Promise((resolve) => {
        releases.push(() => resolve(answer()))
      }),
  )
  const before = await heapBytes()
  const calls = Array.from({ length: IN_FLIGHT }, async () => ask(client))
  while (releases.length < IN_FLIGHT) await nextTurn()
  const bytes = ((await heapBytes()) - before) / IN_FLIGHT
  for (const release of releases) release()
  await Promise.all(calls)
  return bytes
}

const provider = startTracing()
await instrument()
const client = clientWith(() => Promise.resolve(answer()))

const answerTo = async (question: ChildQuestion): Promise<ChildAnswer> => {
  const before = spans
  const value = await (question === 'heap' ? measureHeap() : measureBlock(client))
  // Most spans are exported here, between the blocks: only their making is measured.
  await provider.forceFlush()
  await nextTurn()
  return { value, spansPerCall: (spans - before) / (question === 'heap' ? IN_FLIGHT : CALLS_PER_BLOCK) }
}

const inScope = <T>(work: () => Promise<T>): Promise<T> =>
  withAttribution({ tenant: 'acme', feature: 'bench', workload: 'chat', subject: 'account' }, () =>
    withTask({ type: 'bench' }, work),
  )

for (let block = 0; block < WARM_BLOCKS; block += 1) await inScope(() => answerTo('block'))
process.on('message', (question: ChildQuestion) => {
  void inScope(() => answerTo(question)).then((result) => process.send?.(result))
})
process.send?.('ready')
