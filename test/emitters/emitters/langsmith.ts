/**
 * LangSmith's OTel mode with its wrappers of the SDKs. LangChain, which reports to LangSmith by itself, makes no spans in
 * this mode: what it reports is written on whatever span is active.
 */
import { trace } from '@opentelemetry/api'
import { type CaseId, casesUnder } from '../cases.ts'
import type { Emitter, Lane, Setting } from '../emitter.ts'
import { sight6, start6 } from './ai-sdk.ts'

/** LangSmith's own processor and exporter, with the collector as their destination. */
const exportedBy = async (setting: Setting) => {
  const { LangSmithOTLPSpanProcessor } = await import('langsmith/experimental/otel/processor')
  const { LangSmithOTLPTraceExporter } = await import('langsmith/experimental/otel/exporter')
  switchOn(setting)
  return new LangSmithOTLPSpanProcessor(new LangSmithOTLPTraceExporter({ url: `${setting.collectorUrl}/v1/traces` }))
}

/** Read by the library when the first run begins. */
const switchOn = ({ nowhereUrl }: Setting): void => {
  const settings = { LANGSMITH_TRACING: 'true', LANGSMITH_TRACING_MODE: 'otel', LANGSMITH_ENDPOINT: nowhereUrl }
  Object.assign(process.env, settings)
}

export const initialise = async (setting: Setting): Promise<void> => {
  switchOn(setting)
  const { RunTree } = await import('langsmith/run_trees')
  Object.assign(RunTree.getSharedClient(), { autoBatchAggregationDelayMs: BATCH_MS })
  const { initializeOTEL } = await import('langsmith/experimental/otel/setup')
  initializeOTEL({ globalTracerProvider: trace.getTracerProvider(), skipGlobalContextManagerSetup: true })
}

const BATCH_MS = 1

/**
 * The start of a run must have become a span before the run ends: where both are in one batch, what is known at the end
 * is written on the caller's span. A model takes longer than a batch; an answer of the stub waits for it.
 */
export const fetchAfterStartedRuns: typeof fetch = async (...request) => {
  const response = await fetch(...request)
  await finish()
  return response
}

/** Runs are turned into spans in the background. */
export const finish = async (): Promise<void> => {
  const { RunTree } = await import('langsmith/run_trees')
  await RunTree.getSharedClient().awaitPendingTraceBatches()
}

const openai: Emitter = {
  id: 'langsmith-openai',
  packages: ['langsmith', 'openai'],
  // LangSmith's processor sends no span of an application, so nothing can stand on the root.
  attributedBy: 'processor',
  cases: [...casesUnder('chat'), ...casesUnder('responses')],
  sight: () => ({}),
  exportedBy,
  finish,
  start: async (setting) => {
    await initialise(setting)
    const { wrapOpenAI } = await import('langsmith/wrappers/openai')
    const { OpenAI } = await import('openai')
    const { openAiSdkPrograms } = await import('../programs/openai-sdk.ts')
    return openAiSdkPrograms(({ openaiUrl }: Lane) =>
      wrapOpenAI(new OpenAI({ baseURL: openaiUrl, apiKey: 'stub', fetch: fetchAfterStartedRuns })),
    )
  },
}

const anthropic: Emitter = {
  id: 'langsmith-anthropic',
  packages: ['langsmith', '@anthropic-ai/sdk'],
  attributedBy: 'processor',
  cases: casesUnder('messages', ['agent']),
  sight: () => ({ folds: { output_reasoning: 'output' } }),
  exportedBy,
  finish,
  start: async (setting) => {
    await initialise(setting)
    const { wrapAnthropic } = await import('langsmith/wrappers/anthropic')
    const { Anthropic } = await import('@anthropic-ai/sdk')
    const { anthropicSdkPrograms } = await import('../programs/anthropic-sdk.ts')
    return anthropicSdkPrograms(({ url }: Lane) =>
      wrapAnthropic(
        new Anthropic({ baseURL: url, apiKey: 'stub', openTelemetry: false, fetch: fetchAfterStartedRuns }),
      ),
    )
  },
}

const REWRITTEN: ReadonlySet<CaseId> = new Set<CaseId>([
  'messages.cache_below',
  'messages.cache_above',
  'messages.cache_stream',
])

/** Its exporter writes usage of its own reckoning beside what the AI SDK wrote. */
const aiSdk: Emitter = {
  id: 'langsmith-ai-6',
  packages: ['langsmith', 'ai-6'],
  attributedBy: 'processor',
  // For a refused attempt it writes counts of zero, which nobody reported.
  cases: [...casesUnder('responses', ['retry']), ...casesUnder('messages', ['retry', 'agent'])],
  // Its own reckoning of Anthropic's input is wrong; the provider's object beside it is right.
  sight: (id) => (REWRITTEN.has(id) ? { flags: ['alias_conflict', 'raw_mismatch'] } : sight6(id)),
  exportedBy,
  start: () => start6({}),
}

export const LANGSMITH_EMITTERS: readonly Emitter[] = [openai, anthropic, aiSdk]
