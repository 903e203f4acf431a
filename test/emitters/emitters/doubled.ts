/**
 * Two observers of the same calls. Each call is billed once, with the better detail of the two: what one of them cannot
 * see, the other one tells.
 */
import { createRequire } from 'node:module'
import { metrics } from '@opentelemetry/api'
import type Anthropic from '@anthropic-ai/sdk'
import type OpenAI from 'openai'
import { type CaseId, casesUnder, nameOf, prefixOf, usesCache } from '../cases.ts'
import type { Emitter, Lane, Programs, Sight } from '../emitter.ts'
import { fetchAfterStartedRuns, finish, initialise } from './langsmith.ts'

const OPENAI_CASES = [...casesUnder('chat'), ...casesUnder('responses')]
const SEES_ALL = (): Sight => ({ joined: true })
const NO_TTL = { cache_write_5m: 'cache_write_unknown', cache_write_1h: 'cache_write_unknown' } as const

const openAiClient = ({ openaiUrl }: Lane) => ({ baseURL: openaiUrl, apiKey: 'stub' })
const anthropicClient = ({ url }: Lane) => ({ baseURL: url, apiKey: 'stub' })

const openAiPrograms = async (client: (lane: Lane) => OpenAI): Promise<Programs> =>
  (await import('../programs/openai-sdk.ts')).openAiSdkPrograms(client)
const anthropicPrograms = async (client: (lane: Lane) => Anthropic): Promise<Programs> =>
  (await import('../programs/anthropic-sdk.ts')).anthropicSdkPrograms(client)

const patchByTraceloop = async (): Promise<typeof OpenAI> => {
  const { OpenAIInstrumentation } = await import('@traceloop/instrumentation-openai')
  const { OpenAI } = await import('openai')
  new OpenAIInstrumentation().manuallyInstrument(OpenAI)
  return OpenAI
}

const patchByOpenInference = async (): Promise<typeof OpenAI> => {
  const { OpenAIInstrumentation } = await import('@arizeai/openinference-instrumentation-openai')
  const { OpenAI } = await import('openai')
  new OpenAIInstrumentation().manuallyInstrument(OpenAI)
  return OpenAI
}

/** OTel's own leaves SDKs newer than 6 alone, and patches what is required after it. */
const patchByOtel = async (): Promise<typeof OpenAI> => {
  const { OpenAIInstrumentation } = await import('@opentelemetry/instrumentation-openai')
  new OpenAIInstrumentation().setMeterProvider(metrics.getMeterProvider())
  const { OpenAI: Patched } = createRequire(import.meta.url)('openai-6') as { OpenAI: typeof OpenAI }
  return Patched
}

const without = (cases: readonly CaseId[], ...names: readonly string[]): readonly CaseId[] =>
  cases.filter((id) => !names.includes(nameOf(id)) && !names.includes(id))

/** Our wrapper has the provider's own usage object; whoever patches the SDK below it makes the inner span. */
const ownAnd = (
  other: string,
  rest: Pick<Emitter, 'packages' | 'cases' | 'start'> & Partial<Pick<Emitter, 'sight'>>,
): Emitter => ({ id: `outlay + ${other}`, attributedBy: 'processor', sight: SEES_ALL, ...rest })

export const DOUBLED_EMITTERS: readonly Emitter[] = [
  {
    id: 'traceloop-openai + openinference-openai',
    packages: ['@traceloop/instrumentation-openai', '@arizeai/openinference-instrumentation-openai', 'openai'],
    attributedBy: 'root_span',
    cases: without(OPENAI_CASES, 'chat.object_stream', 'chat.stream'),
    sight: SEES_ALL,
    start: async () => {
      await patchByTraceloop()
      const Client = await patchByOpenInference()
      return openAiPrograms((lane) => new Client(openAiClient(lane)))
    },
  },
  {
    id: 'langfuse-openai + otel-openai',
    packages: ['@langfuse/openai', '@opentelemetry/instrumentation-openai', 'openai-6'],
    attributedBy: 'root_span',
    cases: without(OPENAI_CASES, 'object', 'object_stream'),
    sight: SEES_ALL,
    start: async () => {
      const Client = await patchByOtel()
      const { observeOpenAI } = await import('@langfuse/openai')
      return openAiPrograms((lane) => observeOpenAI(new Client(openAiClient(lane))))
    },
  },
  {
    id: 'langsmith-openai + traceloop-openai',
    packages: ['langsmith', '@traceloop/instrumentation-openai', 'openai'],
    attributedBy: 'root_span',
    cases: without(OPENAI_CASES, 'chat.object_stream'),
    sight: SEES_ALL,
    finish,
    start: async (setting) => {
      await initialise(setting)
      const Client = await patchByTraceloop()
      const { wrapOpenAI } = await import('langsmith/wrappers/openai')
      return openAiPrograms((lane) => wrapOpenAI(new Client({ ...openAiClient(lane), fetch: fetchAfterStartedRuns })))
    },
  },
  {
    id: 'anthropic-native + openinference-anthropic',
    packages: ['@anthropic-ai/sdk', '@arizeai/openinference-instrumentation-anthropic'],
    attributedBy: 'root_span',
    cases: casesUnder('messages'),
    // Under the other one the tool runner's own spans end without an answer.
    sight: (id) => (nameOf(id) === 'agent' ? { joined: true, folds: NO_TTL } : SEES_ALL()),
    start: async () => {
      const { AnthropicInstrumentation } = await import('@arizeai/openinference-instrumentation-anthropic')
      const sdk = await import('@anthropic-ai/sdk')
      new AnthropicInstrumentation().manuallyInstrument(sdk as never)
      return anthropicPrograms((lane) => new sdk.Anthropic(anthropicClient(lane)))
    },
  },
  {
    id: 'openinference-langchain + traceloop-openai and anthropic',
    packages: [
      '@arizeai/openinference-instrumentation-langchain',
      '@traceloop/instrumentation-openai',
      '@traceloop/instrumentation-anthropic',
      '@langchain/core',
    ],
    attributedBy: 'root_span',
    // Streams of Anthropic are left out: LangChain counts their output wrongly, so nothing shows that the two are one.
    cases: [
      ...casesUnder('chat', ['object_stream', 'retry']),
      ...casesUnder('responses', ['object_stream', 'retry']),
      ...casesUnder('messages', ['stream', 'cache_stream', 'object_stream', 'retry', 'agent']),
    ],
    sight: (id) => {
      if (prefixOf(id) === 'messages') return { joined: true, folds: { ...NO_TTL, output_reasoning: 'output' } }
      return { joined: true, cacheSplit: usesCache(id) ? 'reported' : 'unknown' }
    },
    start: async () => {
      process.env['LANGCHAIN_CALLBACKS_BACKGROUND'] = 'false'
      await patchByTraceloop()
      const { AnthropicInstrumentation } = await import('@traceloop/instrumentation-anthropic')
      new AnthropicInstrumentation().manuallyInstrument((await import('@anthropic-ai/sdk-0')) as never)
      const { LangChainInstrumentation } = await import('@arizeai/openinference-instrumentation-langchain')
      new LangChainInstrumentation().manuallyInstrument(await import('@langchain/core/callbacks/manager'))
      return (await import('../programs/langchain.ts')).langChainPrograms()
    },
  },
  {
    id: 'openinference-agents + openinference-openai',
    packages: [
      '@arizeai/openinference-instrumentation-openai-agents',
      '@arizeai/openinference-instrumentation-openai',
      '@openai/agents',
    ],
    attributedBy: 'root_span',
    cases: without(OPENAI_CASES, 'object_stream'),
    sight: SEES_ALL,
    start: async () => {
      await patchByOpenInference()
      const { OpenAIAgentsInstrumentation } = await import('@arizeai/openinference-instrumentation-openai-agents')
      new OpenAIAgentsInstrumentation().manuallyInstrument(await import('@openai/agents'))
      return (await import('../programs/openai-agents.ts')).agentsPrograms()
    },
  },
  ownAnd('anthropic-native', {
    packages: ['@anthropic-ai/sdk'],
    cases: casesUnder('messages'),
    start: async () => {
      const { wrap } = await import('@outlay/instrumentation')
      const { Anthropic } = await import('@anthropic-ai/sdk')
      return anthropicPrograms((lane) => wrap(new Anthropic(anthropicClient(lane))))
    },
  }),
  ownAnd('openinference-anthropic', {
    packages: ['@arizeai/openinference-instrumentation-anthropic', '@anthropic-ai/sdk'],
    cases: casesUnder('messages'),
    start: async () => {
      const { AnthropicInstrumentation } = await import('@arizeai/openinference-instrumentation-anthropic')
      const sdk = await import('@anthropic-ai/sdk')
      new AnthropicInstrumentation().manuallyInstrument(sdk as never)
      const { wrap } = await import('@outlay/instrumentation')
      return anthropicPrograms((lane) => wrap(new sdk.Anthropic(anthropicClient(lane))))
    },
  }),
  ownAnd('traceloop-openai', {
    packages: ['@traceloop/instrumentation-openai', 'openai'],
    cases: without(OPENAI_CASES, 'chat.object_stream'),
    start: async () => {
      const Client = await patchByTraceloop()
      const { wrap } = await import('@outlay/instrumentation')
      return openAiPrograms((lane) => wrap(new Client(openAiClient(lane))))
    },
  }),
  ownAnd('openinference-openai', {
    packages: ['@arizeai/openinference-instrumentation-openai', 'openai'],
    cases: [...OPENAI_CASES, ...casesUnder('embeddings')],
    start: async () => {
      const Client = await patchByOpenInference()
      const { wrap } = await import('@outlay/instrumentation')
      return openAiPrograms((lane) => wrap(new Client(openAiClient(lane))))
    },
  }),
  ownAnd('otel-openai', {
    packages: ['@opentelemetry/instrumentation-openai', 'openai-6'],
    cases: without([...OPENAI_CASES, ...casesUnder('embeddings')], 'object'),
    start: async () => {
      const Client = await patchByOtel()
      const { wrap } = await import('@outlay/instrumentation')
      return openAiPrograms((lane) => wrap(new Client(openAiClient(lane))))
    },
  }),
  ownAnd('langfuse-openai', {
    packages: ['@langfuse/openai', 'openai'],
    cases: without(OPENAI_CASES, 'object_stream'),
    start: async () => {
      const { wrap } = await import('@outlay/instrumentation')
      const { observeOpenAI } = await import('@langfuse/openai')
      const { OpenAI } = await import('openai')
      return openAiPrograms((lane) => observeOpenAI(wrap(new OpenAI(openAiClient(lane)))))
    },
  }),
]
