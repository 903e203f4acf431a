/** Usage objects of the providers (spec: counters §5). Paths are folded as in `flatten-usage.ts`. */
import type { RawShape, RawShapeId } from './raw-shape.ts'

const CHAT_DETAILS = {
  input: ['prompt_tokens'],
  output: ['completion_tokens'],
  total: ['total_tokens'],
  reasoning: ['completion_tokens_details.reasoning_tokens'],
  audioInput: ['prompt_tokens_details.audio_tokens'],
  imageInput: ['prompt_tokens_details.image_tokens'],
  audioOutput: ['completion_tokens_details.audio_tokens'],
  imageOutput: ['completion_tokens_details.image_tokens'],
} as const

/** Realtime spells the details in the singular. */
const RESPONSES_COUNTERS = {
  input: ['input_tokens'],
  output: ['output_tokens'],
  total: ['total_tokens'],
  cacheRead: ['input_tokens_details.cached_tokens', 'input_token_details.cached_tokens'],
  cacheWrite: ['input_tokens_details.cache_write_tokens'],
  write30m: ['input_tokens_details.cache_write_tokens_details.ttl_30m_tokens'],
  write12h: ['input_tokens_details.cache_write_tokens_details.ttl_12h_tokens'],
  reasoning: ['output_tokens_details.reasoning_tokens', 'output_token_details.reasoning_tokens'],
  audioInput: ['input_tokens_details.audio_tokens', 'input_token_details.audio_tokens'],
  imageInput: ['input_tokens_details.image_tokens', 'input_token_details.image_tokens'],
  cachedAudio: [
    'input_tokens_details.cached_tokens_details.audio_tokens',
    'input_token_details.cached_tokens_details.audio_tokens',
  ],
  cachedImage: [
    'input_tokens_details.cached_tokens_details.image_tokens',
    'input_token_details.cached_tokens_details.image_tokens',
  ],
  audioOutput: ['output_tokens_details.audio_tokens', 'output_token_details.audio_tokens'],
  imageOutput: ['output_tokens_details.image_tokens', 'output_token_details.image_tokens'],
} as const

/** Cache counters at the top level: Anthropic's and Bedrock's spelling, which OpenAI never uses. */
const FLAT_CACHE_KEYS = ['cache_read_input_tokens', 'cache_creation_input_tokens', 'cache_write_input_tokens']

/** Llama spells its input as Gemini does. */
const LLAMA_OUTPUT = 'generation_token_count'

const XAI_MARKS = ['num_sources_used', 'cost_in_usd_ticks']
const XAI_UNITS = { search_unit: ['num_sources_used'] } as const

/** In the order in which marks are looked for. */
export const RAW_SHAPES: readonly RawShape[] = [
  {
    id: 'gemini',
    requires: ['prompt_token_count', 'candidates_token_count', 'response_token_count'],
    unless: [LLAMA_OUTPUT],
    marks: ['prompt_token_count', 'candidates_token_count', 'response_token_count'],
    cacheInInput: true,
    reasoning: 'from_total',
    cacheAlwaysKnown: true,
    besideInput: ['toolUseInput'],
    counters: {
      input: ['prompt_token_count'],
      output: ['candidates_token_count', 'response_token_count'],
      total: ['total_token_count'],
      cacheRead: ['cached_content_token_count'],
      reasoning: ['thoughts_token_count'],
      toolUseInput: ['tool_use_prompt_token_count'],
    },
    modalities: [
      {
        paths: ['prompt_tokens_details', 'tool_use_prompt_tokens_details'],
        counters: new Map([
          ['AUDIO', 'audioInput'],
          ['IMAGE', 'imageInput'],
          ['VIDEO', 'videoInput'],
        ]),
      },
      {
        paths: ['cache_tokens_details'],
        counters: new Map([
          ['AUDIO', 'cachedAudio'],
          ['IMAGE', 'cachedImage'],
          ['VIDEO', 'cachedVideo'],
        ]),
      },
      {
        paths: ['candidates_tokens_details', 'response_tokens_details'],
        counters: new Map([
          ['AUDIO', 'audioOutput'],
          ['IMAGE', 'imageOutput'],
        ]),
      },
    ],
  },
  {
    id: 'cohere',
    requires: ['billed_units'],
    marks: ['billed_units'],
    cacheInInput: true,
    reasoning: 'inside',
    cacheAlwaysKnown: true,
    besideInput: ['imageInput'],
    counters: {
      input: ['billed_units.input_tokens'],
      output: ['billed_units.output_tokens'],
      imageInput: ['billed_units.image_tokens'],
    },
    units: {
      search_unit: ['billed_units.search_units'],
      image: ['billed_units.images'],
      page: ['billed_units.pages'],
    },
    unmapped: ['billed_units.classifications'],
  },
  {
    id: 'deepseek',
    requires: ['prompt_tokens'],
    marks: ['prompt_cache_hit_tokens', 'prompt_cache_miss_tokens'],
    cacheInInput: true,
    reasoning: 'inside',
    cacheAlwaysKnown: true,
    counters: {
      ...CHAT_DETAILS,
      cacheRead: ['prompt_cache_hit_tokens', 'prompt_tokens_details.cached_tokens'],
      uncachedInput: ['prompt_cache_miss_tokens'],
    },
  },
  {
    id: 'anthropic',
    requires: ['input_tokens'],
    marks: [
      'cache_creation_input_tokens',
      'cache_creation.ephemeral_5m_input_tokens',
      'cache_creation.ephemeral_1h_input_tokens',
      'server_tool_use',
      'inference_geo',
    ],
    cacheInInput: false,
    reasoning: 'inside',
    cacheAlwaysKnown: true,
    counters: {
      input: ['input_tokens'],
      output: ['output_tokens'],
      cacheRead: ['cache_read_input_tokens'],
      cacheWrite: ['cache_creation_input_tokens'],
      write5m: ['cache_creation.ephemeral_5m_input_tokens'],
      write1h: ['cache_creation.ephemeral_1h_input_tokens'],
      reasoning: ['output_tokens_details.thinking_tokens'],
    },
    units: {
      web_search: ['server_tool_use.web_search_requests'],
      web_fetch: ['server_tool_use.web_fetch_requests'],
    },
    iterationsPath: 'iterations',
  },
  {
    id: 'bedrock',
    requires: ['input_tokens', 'input_token_count'],
    marks: [
      'cache_write_input_tokens',
      'cache_write_input_token_count',
      'cache_details',
      'input_token_count',
      'cache_read_input_token_count',
    ],
    cacheInInput: false,
    reasoning: 'inside',
    cacheAlwaysKnown: true,
    counters: {
      input: ['input_tokens', 'input_token_count'],
      output: ['output_tokens', 'output_token_count'],
      total: ['total_tokens', 'total_token_count'],
      cacheRead: ['cache_read_input_tokens', 'cache_read_input_token_count'],
      cacheWrite: ['cache_write_input_tokens', 'cache_write_input_token_count'],
    },
    ttlListPath: 'cache_details',
  },
  {
    // Bodies of InvokeModel. Neither maker's models have a prompt cache there.
    id: 'llama',
    requires: ['prompt_token_count'],
    marks: [LLAMA_OUTPUT],
    cacheInInput: true,
    reasoning: 'inside',
    cacheAlwaysKnown: true,
    counters: { input: ['prompt_token_count'], output: [LLAMA_OUTPUT] },
  },
  {
    id: 'titan',
    requires: ['input_text_token_count'],
    marks: ['input_text_token_count'],
    cacheInInput: true,
    reasoning: 'inside',
    cacheAlwaysKnown: true,
    counters: { input: ['input_text_token_count'], output: ['total_output_text_token_count'] },
    outputList: { path: 'results', count: 'token_count' },
  },
  {
    id: 'mistral',
    requires: ['prompt_tokens', 'pages_processed'],
    marks: ['num_cached_tokens', 'prompt_token_details', 'prompt_audio_seconds', 'pages_processed'],
    cacheInInput: true,
    reasoning: 'inside',
    cacheAlwaysKnown: false,
    counters: {
      input: ['prompt_tokens'],
      output: ['completion_tokens'],
      total: ['total_tokens'],
      cacheRead: ['num_cached_tokens', 'prompt_tokens_details.cached_tokens', 'prompt_token_details.cached_tokens'],
      reasoning: ['completion_tokens_details.reasoning_tokens'],
    },
    units: { audio_second: ['prompt_audio_seconds'], page: ['pages_processed'] },
  },
  {
    id: 'xai_chat',
    requires: ['prompt_tokens'],
    marks: XAI_MARKS,
    cacheInInput: true,
    reasoning: 'outside',
    cacheAlwaysKnown: false,
    counters: { ...CHAT_DETAILS, cacheRead: ['prompt_tokens_details.cached_tokens'] },
    units: XAI_UNITS,
  },
  {
    id: 'xai_responses',
    requires: ['input_tokens'],
    marks: XAI_MARKS,
    cacheInInput: true,
    reasoning: 'inside',
    cacheAlwaysKnown: false,
    counters: RESPONSES_COUNTERS,
    units: XAI_UNITS,
  },
  {
    id: 'openai_responses',
    requires: ['input_tokens'],
    marks: ['input_tokens_details', 'input_token_details', 'output_tokens_details.reasoning_tokens'],
    unless: FLAT_CACHE_KEYS,
    cacheInInput: true,
    reasoning: 'inside',
    cacheAlwaysKnown: false,
    counters: RESPONSES_COUNTERS,
  },
  {
    // Never chosen by keys alone: the next shape reads the same keys and lets the total speak.
    id: 'openai_chat',
    requires: ['prompt_tokens'],
    marks: [],
    unless: FLAT_CACHE_KEYS,
    cacheInInput: true,
    reasoning: 'inside',
    cacheAlwaysKnown: false,
    counters: {
      ...CHAT_DETAILS,
      cacheRead: ['prompt_tokens_details.cached_tokens'],
      cacheWrite: ['prompt_tokens_details.cache_write_tokens'],
    },
  },
  {
    id: 'openai_compatible',
    requires: ['prompt_tokens'],
    marks: [],
    cacheInInput: true,
    reasoning: 'by_total',
    cacheAlwaysKnown: false,
    counters: {
      ...CHAT_DETAILS,
      cacheRead: ['prompt_tokens_details.cached_tokens', 'cached_tokens', 'cache_read_input_tokens'],
      cacheWrite: ['prompt_tokens_details.cache_write_tokens', 'cache_creation_input_tokens'],
      reasoning: ['completion_tokens_details.reasoning_tokens', 'reasoning_tokens'],
    },
  },
  {
    // Transcription billed by time.
    id: 'openai_duration',
    requires: ['seconds'],
    marks: [],
    cacheInInput: true,
    reasoning: 'inside',
    cacheAlwaysKnown: true,
    counters: {},
    units: { audio_second: ['seconds'] },
  },
]

/** Provider → shapes it speaks, in order. */
export const SHAPES_OF_PROVIDER: ReadonlyMap<string, readonly RawShapeId[]> = new Map(
  Object.entries<readonly RawShapeId[]>({
    openai: ['openai_responses', 'openai_chat', 'openai_duration', 'openai_compatible'],
    'azure.ai.openai': ['openai_responses', 'openai_chat', 'openai_duration', 'openai_compatible'],
    anthropic: ['anthropic', 'openai_compatible'],
    'gcp.gemini': ['gemini', 'openai_compatible'],
    'gcp.gen_ai': ['gemini', 'openai_compatible'],
    'gcp.vertex_ai': ['gemini', 'anthropic', 'openai_compatible'],
    'aws.bedrock': ['bedrock', 'anthropic', 'openai_compatible'],
    mistral_ai: ['mistral'],
    cohere: ['cohere', 'openai_compatible'],
    deepseek: ['deepseek', 'openai_compatible'],
    x_ai: ['xai_chat', 'xai_responses'],
  }),
)

/** Shapes for unmarked keys, when neither host nor provider decides. */
export const SHAPES_BY_KEYS: readonly RawShapeId[] = [
  'openai_responses',
  'anthropic',
  'bedrock',
  'openai_compatible',
  'openai_duration',
]
