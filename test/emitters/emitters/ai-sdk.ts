/** Vercel AI SDK 5, 6 and 7, which trace themselves, with the providers of OpenAI and Anthropic. */
import { type CaseId, casesUnder, nameOf, prefixOf } from '../cases.ts'
import type { Emitter, Lane, Programs, Sight } from '../emitter.ts'
import type { AiSdk } from '../programs/ai-sdk.ts'

interface OpenAiModels {
  chat(model: string): unknown
  responses(model: string): unknown
  textEmbeddingModel(model: string): unknown
}

interface Connection {
  readonly baseURL: string
  readonly apiKey: string
}

/** What the majors of the providers have in common. */
interface Providers {
  readonly createOpenAI: (options: Connection) => OpenAiModels
  readonly createAnthropic: (options: Connection) => (model: string) => unknown
}

const programsWith = async (
  ai: unknown,
  providers: unknown,
  telemetry: Readonly<Record<string, unknown>>,
): Promise<Programs> => {
  const { aiSdkPrograms } = await import('../programs/ai-sdk.ts')
  const { createOpenAI, createAnthropic } = providers as Providers
  const openai = ({ openaiUrl }: Lane): OpenAiModels => createOpenAI({ baseURL: openaiUrl, apiKey: 'stub' })
  const models = {
    chat: (lane: Lane) => openai(lane).chat(lane.model),
    responses: (lane: Lane) => openai(lane).responses(lane.model),
    embeddings: (lane: Lane) => openai(lane).textEmbeddingModel(lane.model),
    messages: (lane: Lane) => createAnthropic({ baseURL: lane.anthropicV1Url, apiKey: 'stub' })(lane.model),
  }
  return aiSdkPrograms(ai as AiSdk, models, telemetry)
}

const start5 = async (): Promise<Programs> =>
  programsWith(
    await import('ai-5'),
    { ...(await import('@ai-sdk/openai-5')), ...(await import('@ai-sdk/anthropic-5')) },
    { experimental_telemetry: { isEnabled: true } },
  )

export const start6 = async (telemetry: Readonly<Record<string, unknown>>): Promise<Programs> =>
  programsWith(
    await import('ai-6'),
    { ...(await import('@ai-sdk/openai-6')), ...(await import('@ai-sdk/anthropic-6')) },
    { experimental_telemetry: { isEnabled: true, ...telemetry } },
  )

export const start7 = async (
  integration: 'OpenTelemetry' | 'LegacyOpenTelemetry',
  options?: object,
): Promise<Programs> => {
  const ai = await import('ai-7')
  const otel = await import('@ai-sdk/otel')
  ai.registerTelemetry(new otel[integration](options))
  return programsWith(ai, { ...(await import('@ai-sdk/openai-7')), ...(await import('@ai-sdk/anthropic-7')) }, {})
}

const CASES = (['chat', 'responses', 'embeddings', 'messages'] as const).flatMap((prefix) =>
  casesUnder(prefix, ['agent']),
)
const ANTHROPIC_CASES = casesUnder('messages', ['agent'])

const EMBEDDINGS: Sight = { cacheSplit: 'unknown' }
const NOTHING_BUT_TOTALS: Sight = { cacheSplit: 'unknown', folds: { cache_read: 'input', output_reasoning: 'output' } }
const NO_TTL: Sight = { folds: { cache_write_5m: 'cache_write_unknown', cache_write_1h: 'cache_write_unknown' } }

/** In 4 to 6 each attempt is a span of its own; one that fails has no usage. */
const withAttempts = (id: CaseId, sight: Sight): Sight =>
  nameOf(id) === 'retry' ? { ...sight, listedAttempts: 1 } : sight

/** Anthropic's own usage object is in the metadata of every answer. */
const sight5 = (id: CaseId): Sight => {
  if (prefixOf(id) === 'embeddings') return EMBEDDINGS
  // Calls that do not stream have two counters.
  const isBlind = prefixOf(id) !== 'messages' && !nameOf(id).includes('stream')
  return withAttempts(id, isBlind ? NOTHING_BUT_TOTALS : {})
}

export const sight6 = (id: CaseId): Sight => {
  if (prefixOf(id) === 'embeddings') return EMBEDDINGS
  const isBlind = prefixOf(id) !== 'messages' && nameOf(id) === 'object'
  return withAttempts(id, isBlind ? NOTHING_BUT_TOTALS : {})
}

const seesAll = (id: CaseId): Sight => (prefixOf(id) === 'embeddings' ? EMBEDDINGS : {})

const sight7 = (id: CaseId): Sight => {
  if (prefixOf(id) === 'embeddings') return EMBEDDINGS
  // An object's leaf has no attribute for cache writes.
  if (nameOf(id) === 'cache_object') return { folds: { cache_write_5m: 'input' } }
  return { folds: { ...NO_TTL.folds, output_reasoning: 'output' } }
}

const from = (
  id: string,
  packages: readonly string[],
  rest: Pick<Emitter, 'cases' | 'sight' | 'start'> & Partial<Pick<Emitter, 'variant'>>,
): Emitter => ({ id, packages, attributedBy: 'root_span', ...rest })

const AI_5 = ['ai-5', '@ai-sdk/openai-5', '@ai-sdk/anthropic-5']
const AI_6 = ['ai-6', '@ai-sdk/openai-6', '@ai-sdk/anthropic-6']
const AI_7 = ['ai-7', '@ai-sdk/otel', '@ai-sdk/openai-7', '@ai-sdk/anthropic-7']
/** As privacy asks for. The metadata of the provider, and the usage in it, is recorded all the same. */
const NO_CONTENT = { recordInputs: false, recordOutputs: false }

export const AI_SDK_EMITTERS: readonly Emitter[] = [
  from('ai-5', AI_5, { cases: CASES, sight: sight5, start: () => start5() }),
  from('ai-6', AI_6, { cases: CASES, sight: sight6, start: () => start6({}) }),
  from('ai-6-private', AI_6, {
    variant: 'inputs and outputs not recorded',
    cases: ANTHROPIC_CASES,
    sight: sight6,
    start: () => start6(NO_CONTENT),
  }),
  from('ai-7', AI_7, { cases: CASES, sight: sight7, start: () => start7('OpenTelemetry') }),
  from('ai-7-detailed', AI_7, {
    variant: 'usage and providerMetadata switched on',
    cases: CASES,
    sight: seesAll,
    start: () => start7('OpenTelemetry', { usage: true, providerMetadata: true }),
  }),
  from('ai-7-legacy', AI_7, {
    variant: 'LegacyOpenTelemetry',
    cases: CASES,
    sight: seesAll,
    start: () => start7('LegacyOpenTelemetry'),
  }),
]
