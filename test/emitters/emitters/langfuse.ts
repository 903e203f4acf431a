/** Langfuse: its wrapper of the OpenAI SDK and its own way of exporting. */
import { type CaseId, casesUnder, nameOf, prefixOf } from '../cases.ts'
import type { Emitter, Lane, Setting, Sight } from '../emitter.ts'
import { sight6, start6 } from './ai-sdk.ts'

// The stream helpers fail under the wrapper.
const CASES = [
  ...casesUnder('chat', ['object_stream']),
  ...casesUnder('responses', ['object_stream']),
  ...casesUnder('embeddings'),
]

/** Langfuse says what was used, but not who served it. Of embeddings it says nothing. */
const sight = (id: CaseId): Sight => {
  if (prefixOf(id) === 'embeddings') return { unseen: true }
  // Its output does not contain the reasoning, which the numbers prove.
  return { hidesProvider: true, flags: nameOf(id) === 'reasoning' ? ['reasoning_over_output'] : [] }
}

/** Langfuse's processor with the collector as its destination, as those do who send to both. */
const processor = async ({ collectorUrl }: Setting) => {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto')
  const { LangfuseSpanProcessor } = await import('@langfuse/otel')
  const exporter = new OTLPTraceExporter({ url: `${collectorUrl}/v1/traces` })
  return new LangfuseSpanProcessor({ exporter, publicKey: 'stub', secretKey: 'stub' })
}

const openai: Emitter = {
  id: 'langfuse-openai',
  packages: ['@langfuse/openai', '@langfuse/otel', 'openai'],
  // Langfuse's processor sends no span of an application, so nothing can stand on the root.
  attributedBy: 'processor',
  cases: CASES,
  sight,
  exportedBy: processor,
  start: async () => {
    const { observeOpenAI } = await import('@langfuse/openai')
    const { OpenAI } = await import('openai')
    const { openAiSdkPrograms } = await import('../programs/openai-sdk.ts')
    return openAiSdkPrograms(({ openaiUrl }: Lane) => observeOpenAI(new OpenAI({ baseURL: openaiUrl, apiKey: 'stub' })))
  },
}

/** The usual way to Langfuse: what traces itself, through its processor. */
const aiSdk: Emitter = {
  id: 'langfuse-ai-6',
  packages: ['@langfuse/otel', 'ai-6'],
  attributedBy: 'processor',
  cases: [...casesUnder('responses'), ...casesUnder('messages', ['agent'])],
  sight: sight6,
  exportedBy: processor,
  start: () => start6({}),
}

export const LANGFUSE_EMITTERS: readonly Emitter[] = [openai, aiSdk]
