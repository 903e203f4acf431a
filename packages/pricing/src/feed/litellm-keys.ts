/**
 * What the keys of a LiteLLM entry mean. A price key spells its unit, then what it holds above, then its tier:
 * `cache_read_input_token_cost_above_272k_tokens_priority`.
 */
import type { Meter } from '@outlay/core'

/** The one write price of a provider; which meter it is follows from the provider and the model. */
export const CACHE_WRITE = 'cache_write'

export interface LitellmPriceKey {
  readonly kind: 'price'
  readonly meter: Meter | typeof CACHE_WRITE
  /** Raw tier, as providers spell it; `''` is the tier of the entry itself. */
  readonly tier: string
  /** Total input tokens above which it holds, in thousands; 0 from the first token on. */
  readonly aboveThousands: number
}

export type LitellmKey =
  | LitellmPriceKey
  | { readonly kind: 'multipliers' | 'uplift' | 'searches' | 'by the hour' | 'no price' | 'no meter' | 'unknown' }

const METERS_OF_KEYS = new Map<string, LitellmPriceKey['meter']>([
  ['input_cost_per_token', 'input'],
  ['output_cost_per_token', 'output'],
  ['output_cost_per_reasoning_token', 'output_reasoning'],
  ['input_cost_per_audio_token', 'input_audio'],
  ['output_cost_per_audio_token', 'output_audio'],
  ['input_cost_per_image_token', 'input_image'],
  ['output_cost_per_image_token', 'output_image'],
  ['input_cost_per_video_token', 'input_video'],
  ['cache_read_input_token_cost', 'cache_read'],
  ['input_cost_per_token_cache_hit', 'cache_read'],
  ['cache_read_input_audio_token_cost', 'cache_read_audio'],
  ['cache_read_input_image_token_cost', 'cache_read_image'],
  ['cache_creation_input_token_cost', CACHE_WRITE],
  ['cache_creation_input_token_cost_above_1hr', 'cache_write_1h'],
  ['citation_cost_per_token', 'output_citation'],
  ['input_cost_per_second', 'audio_second'],
  ['ocr_cost_per_page', 'page'],
])

const TIERS_OF_SUFFIXES = new Map([
  ['batches', 'batch'],
  ['flex', 'flex'],
  ['priority', 'priority'],
  ['ultrafast', 'ultrafast'],
])

/** Prices of things that no meter of ours counts one by one: sizes of images, storage, requests, other currencies. */
const WITHOUT_METER: readonly RegExp[] = [
  /^(input|output)_cost_per_(image|pixel|character|request|query|second|video_token|video_per_second)(_|$)/,
  /^input_cost_per_audio_per_second/,
  /^output_cost_per_video_per_second/,
  /^(input_dbu|output_dbu|output_db)_cost_per_token$/,
  /^(annotation_cost_per_page|ocr_cost_per_page|ocr_cost_per_credit)(_batches)?$/,
  /^(code_interpreter|file_search|vector_store|computer_use|google_maps_grounding|guardrail)_.*cost/,
  /^cache_creation_input_audio_token_cost$/,
  // Its ranges begin with a rule of LiteLLM's own, not with a published threshold.
  /^tiered_pricing$/,
]

const WITHOUT_PRICE: readonly RegExp[] = [
  /^(supports|supported|max)_/,
  /^(litellm_provider|mode|source|comment|metadata|deprecation_date|rpm|tpm|rpd|inference_geo)$/,
  /^(prompt_cache_min_tokens|tool_use_system_prompt_tokens|output_vector_size|web_search_billing_unit)$/,
  /^(default_reasoning_effort|reasoning_effort_levels|thinking_always_on)$/,
  /^(uses_embed_content|use_openai_responses_path|audio_transcription_config|vertex_ai_audio_api)$/,
  /^(gemini|bedrock)_/,
]

const PARTS = /^(.+?)(?:_above_(\d+)k_tokens)?(?:_(batches|flex|priority|ultrafast))?$/

/** What a key is. What is `unknown` is counted and named: a key that is silently skipped is a price that is missed. */
export const classifyLitellmKey = (key: string): LitellmKey => {
  const [, base = '', thousands = '0', suffix = ''] = PARTS.exec(key) ?? []
  const meter = METERS_OF_KEYS.get(base)
  if (meter !== undefined) {
    return { kind: 'price', meter, tier: TIERS_OF_SUFFIXES.get(suffix) ?? '', aboveThousands: Number(thousands) }
  }
  if (key === 'search_context_cost_per_query') return { kind: 'searches' }
  if (key === 'off_peak_pricing') return { kind: 'by the hour' }
  if (key === 'provider_specific_entry') return { kind: 'multipliers' }
  if (upliftRegionOf(key) !== undefined) return { kind: 'uplift' }
  if (WITHOUT_METER.some((pattern) => pattern.test(key))) return { kind: 'no meter' }
  return { kind: WITHOUT_PRICE.some((pattern) => pattern.test(key)) ? 'no price' : 'unknown' }
}

/** The raw region whose premium on every token a key tells. */
export const upliftRegionOf = (key: string): string | undefined =>
  key === 'regional_endpoint_uplift_multiplier'
    ? 'regional'
    : /^regional_processing_uplift_multiplier_([a-z]+)$/.exec(key)?.[1]
