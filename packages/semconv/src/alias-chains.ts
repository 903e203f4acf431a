/**
 * Which attribute keys spell a counter, in order of precedence (spec: counters §7). The first present alias wins and
 * aliases are never summed: many emitters write the same count under several names.
 */
import { ANTHROPIC, OPENAI } from './attribute-names.ts'
import type { Counter } from './counters.ts'

const USAGE = 'gen_ai.usage.'
const OPENINFERENCE = 'llm.token_count.'
const LLM_USAGE = 'llm.usage.'
const AI_SDK = 'ai.usage.'

const under = (prefix: string, ...names: string[]): string[] => names.map((name) => `${prefix}${name}`)

export type AliasChains = { readonly [counter in Counter]?: readonly string[] }

export const ALIAS_CHAINS: AliasChains = {
  input: [
    ...under(USAGE, 'input_tokens', 'prompt_tokens'),
    ...under(OPENINFERENCE, 'prompt'),
    ...under(LLM_USAGE, 'prompt_tokens'),
    ...under(AI_SDK, 'inputTokens', 'promptTokens', 'tokens'),
  ],
  output: [
    ...under(USAGE, 'output_tokens', 'completion_tokens'),
    ...under(OPENINFERENCE, 'completion'),
    ...under(LLM_USAGE, 'completion_tokens'),
    ...under(AI_SDK, 'outputTokens', 'completionTokens'),
  ],
  total: [
    ...under(USAGE, 'total_tokens'),
    ...under(LLM_USAGE, 'total_tokens'),
    ...under(OPENINFERENCE, 'total'),
    ...under(AI_SDK, 'totalTokens'),
  ],
  cacheRead: [
    ...under(USAGE, 'cache_read.input_tokens', 'cache_read_input_tokens', 'input_tokens.cached', 'input_cached_tokens'),
    ...under(USAGE, 'cached_input_tokens', 'cached_tokens', 'details.cache_read_tokens', 'cache_read_tokens'),
    ...under(OPENINFERENCE, 'prompt_details.cache_read', 'prompt_details.cache_input'),
    ...under(AI_SDK, 'inputTokenDetails.cacheReadTokens', 'cachedInputTokens'),
  ],
  cacheWrite: [
    ...under(USAGE, 'cache_write.input_tokens', 'cache_creation.input_tokens', 'cache_creation_input_tokens'),
    ...under(USAGE, 'cache_write_input_tokens', 'input_tokens.cache_write', 'input_cache_creation'),
    ...under(USAGE, 'cache_write_tokens', 'details.cache_write_tokens', 'cache_creation_tokens'),
    ...under(OPENINFERENCE, 'prompt_details.cache_write'),
    ...under(AI_SDK, 'inputTokenDetails.cacheWriteTokens'),
  ],
  write5m: ['anthropic.usage.cache_creation.ephemeral_5m_input_tokens'],
  write1h: ['anthropic.usage.cache_creation.ephemeral_1h_input_tokens'],
  reasoning: [
    ...under(USAGE, 'reasoning.output_tokens', 'reasoning_tokens', 'output_tokens.reasoning'),
    ...under(USAGE, 'details.reasoning_tokens', 'details.thoughts_tokens', 'thinking_tokens'),
    ...under(LLM_USAGE, 'reasoning_tokens'),
    ...under(OPENINFERENCE, 'completion_details.reasoning'),
    ...under(AI_SDK, 'outputTokenDetails.reasoningTokens', 'reasoningTokens'),
  ],
  audioInput: [
    ...under(USAGE, 'audio.input_tokens', 'details.input_audio_tokens', 'audio_input_tokens'),
    ...under(OPENINFERENCE, 'prompt_details.audio'),
  ],
  imageInput: under(USAGE, 'image.input_tokens'),
  cachedAudio: under(USAGE, 'audio.cache_read.input_tokens', 'details.cache_audio_read_tokens'),
  cachedImage: under(USAGE, 'image.cache_read.input_tokens'),
  audioOutput: [
    ...under(USAGE, 'audio.output_tokens', 'details.output_audio_tokens', 'audio_output_tokens'),
    ...under(OPENINFERENCE, 'completion_details.audio'),
  ],
  imageOutput: under(USAGE, 'image.output_tokens'),
  uncachedInput: under(AI_SDK, 'inputTokenDetails.noCacheTokens'),
  pages: ['mistral_ai.ocr.usage.pages_processed'],
}

/** Selector chains: the first present key wins. */
export const REQUEST_MODEL_KEYS: readonly string[] = [
  'gen_ai.request.model',
  'llm.request.model_name',
  'llm.model_name',
  'embedding.model_name',
  'reranker.model_name',
  'ai.model.id',
  'langfuse.observation.model.name',
  'mlflow.llm.model',
  'litellm.provider.model',
]
export const RESPONSE_MODEL_KEYS: readonly string[] = [
  'gen_ai.response.model',
  'llm.response.model_name',
  'ai.response.model',
]
export const RESPONSE_ID_KEYS: readonly string[] = ['gen_ai.response.id', 'ai.response.id']
export const PROVIDER_KEYS: readonly string[] = [
  'gen_ai.provider.name',
  'gen_ai.system',
  'llm.provider',
  'llm.system',
  'ai.model.provider',
  'mlflow.llm.provider',
  // LangChain's own word, as Langfuse's handler passes it on.
  'langfuse.observation.metadata.ls_provider',
]
/** Names written `provider/model`: what neither chain gave is before and after the first slash. */
export const PROVIDER_AND_MODEL_KEYS: readonly string[] = ['genkit:name']
/** As served before as requested. */
export const RESPONSE_TIER_KEYS: readonly string[] = [
  OPENAI.RESPONSE_SERVICE_TIER,
  'gen_ai.openai.response.service_tier',
  ANTHROPIC.RESPONSE_SERVICE_TIER,
]
export const REQUEST_TIER_KEYS: readonly string[] = [OPENAI.REQUEST_SERVICE_TIER, 'gen_ai.openai.request.service_tier']

export interface AliasEntry {
  readonly counter: Counter
  /** Position in the chain; lower wins. */
  readonly order: number
}

export type AliasIndex = ReadonlyMap<string, AliasEntry>

/** Key → counter and precedence. `extra` chains come after the general ones. */
export const buildAliasIndex = (extra: AliasChains = {}): AliasIndex => {
  const index = new Map<string, AliasEntry>()
  for (const chains of [ALIAS_CHAINS, extra]) {
    for (const [counter, keys] of Object.entries(chains) as [Counter, readonly string[]][]) {
      for (const key of keys) index.set(key, { counter, order: index.size })
    }
  }
  return index
}
