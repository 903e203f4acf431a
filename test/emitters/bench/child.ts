/** One variant in a process of its own: instrumentations of other makers patch the SDK for the whole process. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { ExportResultCode } from '@opentelemetry/core'
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import { AttributionSpanProcessor, withAttribution, withTask, wrap } from '@outlay/instrumentation'
import OpenAI from 'openai'
import { type ChildAnswer, type ChildQuestion, CHUNKS_PER_STREAM, type Variant } from './variants.ts'

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

const chunk = (rest: object): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-5', ...rest })}\n\n`
const { usage } = JSON.parse(BODY) as { usage: object }
const word = (finish_reason: string | null) =>
  chunk({ choices: [{ index: 0, delta: { content: 'word ' }, finish_reason }], usage: null })
const EVENTS = `${word(null).repeat(CHUNKS_PER_STREAM - 2)}${word('stop')}${chunk({ choices: [], usage })}data: [DONE]\n\n`
const EVENT_HEADERS = { 'content-type': 'text/event-stream' }
const streamedAnswer = (): Response => new Response(EVENTS, { headers: EVENT_HEADERS })

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

const REQUEST = { model: 'gpt-5', messages: [{ role: 'user' as const, content: 'A question.' }] }

const ask = async (client: OpenAI): Promise<void> => {
  await client.chat.completions.create({ ...REQUEST })
}

/** The usage is asked for, so that every variant sees the same events. */
const askForStream = async (client: OpenAI): Promise<void> => {
  const events = await client.chat.completions.create({
    ...REQUEST,
    stream: true,
    stream_options: { include_usage: true },
  })
  let read = 0
  for await (const _event of events) read += 1
  if (read !== CHUNKS_PER_STREAM) throw new Error(`a stream of ${read} events is not what was sent`)
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const measureBlock = async (call: () => Promise<void>): Promise<number> => {
  const microseconds: number[] = []
  for (let made = 0; made < CALLS_PER_BLOCK; made += 1) {
    const start = process.hrtime.bigint()
    await call()
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
const streamingClient = clientWith(() => Promise.resolve(streamedAnswer()))

const MEASURES: Readonly<Record<ChildQuestion, () => Promise<number>>> = {
  block: () => measureBlock(() => ask(client)),
  streams: () => measureBlock(() => askForStream(streamingClient)),
  heap: measureHeap,
}

const answerTo = async (question: ChildQuestion): Promise<ChildAnswer> => {
  const before = spans
  const value = await MEASURES[question]()
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
