/** Instrumentations that patch the SDK of OpenAI. */
import { createRequire } from 'node:module'
import { metrics } from '@opentelemetry/api'
import type OpenAI from 'openai'
import { type CaseId, casesUnder, nameOf, prefixOf } from '../cases.ts'
import type { Emitter, Lane, Programs, Sight } from '../emitter.ts'

type OpenAiClass = new (options: { readonly baseURL: string; readonly apiKey: string }) => OpenAI

const programsOf = async (Client: unknown): Promise<Programs> => {
  const { openAiSdkPrograms } = await import('../programs/openai-sdk.ts')
  return openAiSdkPrograms(({ openaiUrl }: Lane) => new (Client as OpenAiClass)({ baseURL: openaiUrl, apiKey: 'stub' }))
}

const TEXT_CASES = [...casesUnder('chat'), ...casesUnder('responses')]
const ALL_CASES = [...TEXT_CASES, ...casesUnder('embeddings')]
const isStream = (id: CaseId): boolean => nameOf(id).endsWith('stream')
const TOTALS: Sight = { cacheSplit: 'unknown', folds: { cache_read: 'input', output_reasoning: 'output' } }

const traceloop: Emitter = {
  id: 'traceloop-openai',
  packages: ['@traceloop/instrumentation-openai', 'openai'],
  attributedBy: 'root_span',
  // Embeddings are not instrumented, and the stream helper of chat fails under it.
  cases: TEXT_CASES.filter((id) => id !== 'chat.object_stream'),
  sight: (id) => (isStream(id) ? { unseen: true } : TOTALS),
  start: async () => {
    const { OpenAIInstrumentation } = await import('@traceloop/instrumentation-openai')
    const { OpenAI } = await import('openai')
    new OpenAIInstrumentation().manuallyInstrument(OpenAI)
    return programsOf(OpenAI)
  },
}

const openinference: Emitter = {
  id: 'openinference-openai',
  packages: ['@arizeai/openinference-instrumentation-openai', 'openai'],
  attributedBy: 'root_span',
  cases: ALL_CASES,
  // Usage of chat streams and of embeddings is dropped.
  sight: (id) => {
    const isDropped = prefixOf(id) === 'embeddings' || (prefixOf(id) === 'chat' && isStream(id))
    return isDropped ? { unseen: true } : {}
  },
  start: async () => {
    const { OpenAIInstrumentation } = await import('@arizeai/openinference-instrumentation-openai')
    const openai = await import('openai')
    new OpenAIInstrumentation().manuallyInstrument(openai.OpenAI)
    return programsOf(openai.OpenAI)
  },
}

const otel: Emitter = {
  id: 'otel-openai',
  packages: ['@opentelemetry/instrumentation-openai', 'openai-6'],
  attributedBy: 'root_span',
  // The parse helpers fail under it: the answer is read twice.
  cases: ALL_CASES.filter((id) => nameOf(id) !== 'object'),
  sight: () => TOTALS,
  start: async () => {
    const { OpenAIInstrumentation } = await import('@opentelemetry/instrumentation-openai')
    // As registerInstrumentations does; without it the first answer fails on a missing histogram.
    new OpenAIInstrumentation().setMeterProvider(metrics.getMeterProvider())
    // It patches what is required after it. Newer SDKs than 6 it leaves alone.
    const { OpenAI } = createRequire(import.meta.url)('openai-6') as { OpenAI: unknown }
    return programsOf(OpenAI)
  },
}
export const OPENAI_SDK_EMITTERS: readonly Emitter[] = [traceloop, openinference, otel]
