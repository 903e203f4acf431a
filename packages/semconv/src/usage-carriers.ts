/** JSON attributes that carry usage, as data (spec: counters §5, §7). Some of them carry whole responses as well. */
import type { Counter } from './counters.ts'

/** A provider's own usage object inside a carrier. */
export interface RawSubtree {
  /** Path inside the JSON, keys folded to snake_case; empty = the whole value. */
  readonly path: string
  /** Provider implied by the place; empty = the span says. */
  readonly provider: string
}

/** Raw objects beat everything. In this order; the first with an input count is used. */
export const RAW_USAGE_CARRIERS: readonly { readonly key: string; readonly subtrees: readonly RawSubtree[] }[] = [
  { key: 'outlay.usage.raw', subtrees: [{ path: '', provider: '' }] },
  // Logfire's spans of the SDKs, beside counts that fold the caches into the input.
  { key: 'gen_ai.usage.raw', subtrees: [{ path: '', provider: '' }] },
  {
    key: 'ai.response.providerMetadata',
    subtrees: [
      { path: 'anthropic.usage', provider: 'anthropic' },
      { path: 'bedrock.usage', provider: 'aws.bedrock' },
    ],
  },
  { key: 'gcp.vertex.agent.llm_response', subtrees: [{ path: 'usage_metadata', provider: 'gcp.gemini' }] },
  // Genkit's plugin for Gemini keeps it beside counts of its own, which know neither audio nor the prompt of tools.
  { key: 'genkit:output', subtrees: [{ path: 'custom.usage_metadata', provider: 'gcp.gemini' }] },
]

export interface UsageJson {
  readonly key: string
  /** Place of the counts inside the JSON; empty = the whole value. */
  readonly path: string
  /** `first`: ahead of the alias chains. `if_no_input`: only where no chain gave the input count. */
  readonly precedence: 'first' | 'if_no_input'
  /** Any other numeric key makes the whole reading a conflict, and so does a total that explains nothing. */
  readonly closed: boolean
  /** Prefixes of service tiers that are cut off before a key is looked up. */
  readonly tierPrefixes: readonly string[]
  readonly counters: ReadonlyMap<string, Counter>
}

export const USAGE_JSONS: readonly UsageJson[] = [
  {
    key: 'langsmith.usage_metadata',
    path: '',
    precedence: 'first',
    closed: false,
    // `priority` and `flex` alone are remainders, not counters.
    tierPrefixes: ['priority_', 'flex_'],
    counters: new Map(
      Object.entries<Counter>({
        input_tokens: 'input',
        output_tokens: 'output',
        total_tokens: 'total',
        'input_token_details.cache_read': 'cacheRead',
        'input_token_details.cache_creation': 'cacheWrite',
        'input_token_details.ephemeral_5m_input_tokens': 'write5m',
        'input_token_details.ephemeral_1h_input_tokens': 'write1h',
        // As LangSmith's own wrapper of Anthropic's SDK spells it.
        'input_token_details.ephemeral_1hr_input_tokens': 'write1h',
        'output_token_details.reasoning': 'reasoning',
      }),
    ),
  },
  {
    key: 'mlflow.chat.tokenUsage',
    path: '',
    precedence: 'if_no_input',
    closed: false,
    tierPrefixes: [],
    counters: new Map(
      Object.entries<Counter>({
        input_tokens: 'input',
        output_tokens: 'output',
        total_tokens: 'total',
        cache_read_input_tokens: 'cacheRead',
        cache_creation_input_tokens: 'cacheWrite',
      }),
    ),
  },
  {
    key: 'genkit:output',
    path: 'usage',
    precedence: 'if_no_input',
    closed: false,
    tierPrefixes: [],
    counters: new Map(
      Object.entries<Counter>({
        input_tokens: 'input',
        output_tokens: 'output',
        total_tokens: 'total',
        thoughts_tokens: 'reasoning',
        cached_content_tokens: 'cacheRead',
      }),
    ),
  },
  {
    key: 'langfuse.observation.usage_details',
    path: '',
    precedence: 'if_no_input',
    closed: true,
    tierPrefixes: [],
    counters: new Map(
      Object.entries<Counter>({
        input: 'input',
        input_tokens: 'input',
        prompt_tokens: 'input',
        output: 'output',
        output_tokens: 'output',
        completion_tokens: 'output',
        total: 'total',
        total_tokens: 'total',
        input_cached_tokens: 'cacheRead',
        input_cache_read: 'cacheRead',
        cache_read_input_tokens: 'cacheRead',
        cached_tokens: 'cacheRead',
        input_cache_creation: 'cacheWrite',
        cache_creation_input_tokens: 'cacheWrite',
        cache_write_input_tokens: 'cacheWrite',
        input_cache_creation_5m: 'write5m',
        input_cache_creation_1h: 'write1h',
        // What its wrappers of OpenAI and LangChain make of the providers' details: `input_` and the name there.
        input_cache_write_tokens: 'cacheWrite',
        input_ephemeral_5m_input_tokens: 'write5m',
        input_ephemeral_1h_input_tokens: 'write1h',
        output_reasoning_tokens: 'reasoning',
        output_reasoning: 'reasoning',
        reasoning_tokens: 'reasoning',
        input_audio_tokens: 'audioInput',
        output_audio_tokens: 'audioOutput',
      }),
    ),
  },
]

const SUBTREES: readonly { readonly key: string; readonly path: string }[] = [
  ...RAW_USAGE_CARRIERS.flatMap(({ key, subtrees }) => subtrees.map(({ path }) => ({ key, path }))),
  ...USAGE_JSONS,
]

/**
 * Every JSON carrier with the subtrees that may be kept of it: what a content stripper needs. No subtree = only what an
 * operator's map names.
 */
export const USAGE_JSON_SUBTREES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    [...Map.groupBy(SUBTREES, ({ key }) => key)].map(([key, places]) => [key, places.map(({ path }) => path)]),
  ),
  metadata: [],
}
