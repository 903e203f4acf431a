/**
 * Usage objects as the providers send them, and the inverse of what the collector does with them:
 * disjoint meters in, wire shape out. Shapes follow the types of openai 7.57 and @anthropic-ai/sdk 1.12.
 */
import { assert, inputTotalOf, type Meter, type MeterQuantities, outputTotalOf } from '@outlay/core'
import {
  type BedrockCounts,
  type BedrockUsage,
  bedrockCountsOf,
  bedrockUsageOf,
  type NovaUsage,
  novaUsageOf,
} from './bedrock-usage.ts'
import type { CohereUsage } from './cohere-wire.ts'
import { type GeminiUsage, geminiEmbeddingUsageOf, geminiUsageOf } from './gemini-wire.ts'
import type { MistralUsage } from './mistral-wire.ts'
import type { OpenAIImageUsage, OpenAITranscriptionUsage } from './openai-media-wire.ts'
import type { StubApi } from './stub-answer.ts'

export interface OpenAIChatUsage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  prompt_tokens_details?: {
    cached_tokens?: number
    cache_write_tokens?: number
    audio_tokens?: number
    image_tokens?: number
    text_tokens?: number
  }
  completion_tokens_details?: {
    reasoning_tokens?: number
    audio_tokens?: number
    text_tokens?: number
    accepted_prediction_tokens?: number
    rejected_prediction_tokens?: number
  }
}

export interface OpenAIResponsesUsage {
  input_tokens: number
  input_tokens_details: {
    cached_tokens: number
    cache_write_tokens: number
    cache_write_tokens_details?: { ttl_30m_tokens: number; ttl_12h_tokens: number }
  }
  output_tokens: number
  output_tokens_details: { reasoning_tokens: number }
  total_tokens: number
}

export interface OpenAIEmbeddingsUsage {
  prompt_tokens: number
  total_tokens: number
}

export interface AnthropicUsage {
  input_tokens: number
  cache_creation_input_tokens: number | null
  cache_read_input_tokens: number | null
  cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number } | null
  output_tokens: number
  output_tokens_details: { thinking_tokens: number } | null
  server_tool_use: { web_search_requests: number; web_fetch_requests: number } | null
  service_tier: 'standard' | 'priority' | 'batch' | null
  speed: 'standard' | 'fast' | null
  inference_geo: string | null
}

export type StubUsage =
  | OpenAIChatUsage
  | OpenAIResponsesUsage
  | OpenAIEmbeddingsUsage
  | OpenAIImageUsage
  | OpenAITranscriptionUsage
  | AnthropicUsage
  | GeminiUsage
  | MistralUsage
  | CohereUsage
  | BedrockUsage
  | NovaUsage
  | BedrockCounts

const ANTHROPIC_METERS: readonly Meter[] = [
  'input',
  'cache_read',
  'cache_write_5m',
  'cache_write_1h',
  'output',
  'output_reasoning',
  'web_search',
  'web_fetch',
]

const REPORTED: Readonly<Record<StubApi, readonly Meter[]>> = {
  'openai.chat': [
    'input',
    'input_audio',
    'input_image',
    'cache_read',
    'cache_write_unknown',
    'output',
    'output_reasoning',
    'output_audio',
  ],
  'openai.responses': [
    'input',
    'cache_read',
    'cache_write_30m',
    'cache_write_12h',
    'cache_write_unknown',
    'output',
    'output_reasoning',
  ],
  'openai.embeddings': ['input'],
  'openai.images': ['input', 'input_image', 'output', 'output_image'],
  'openai.transcriptions': ['input', 'input_audio', 'output', 'audio_second'],
  'anthropic.messages': ANTHROPIC_METERS,
  'gemini.generate': ['input', 'cache_read', 'output', 'output_reasoning'],
  'gemini.embed': ['input'],
  'mistral.chat': ['input', 'cache_read', 'output'],
  'mistral.embeddings': ['input'],
  'cohere.chat': ['input', 'output'],
  'cohere.embed': ['input'],
  'cohere.rerank': ['search_unit'],
  'bedrock.converse': ['input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'cache_write_unknown', 'output'],
  'bedrock.invoke.anthropic': ANTHROPIC_METERS,
  'bedrock.invoke.nova': ['input', 'cache_read', 'cache_write_unknown', 'output'],
  'bedrock.invoke': ['input', 'cache_read', 'cache_write_unknown', 'output'],
}

/**
 * The usage object that a provider would send for these disjoint meters.
 * Fails on a meter that the API has no counter for, so that no test quietly loses tokens.
 */
export const usageOf = (api: StubApi, meters: MeterQuantities): StubUsage => {
  for (const [meter, quantity] of Object.entries(meters) as [Meter, number][]) {
    assert(quantity === 0 || REPORTED[api].includes(meter), `${api} has no counter for meter ${meter}`)
  }
  return USAGE_OF[api](meters)
}

const chatUsageOf = (meters: MeterQuantities): OpenAIChatUsage => ({
  prompt_tokens: inputTotalOf(meters),
  completion_tokens: outputTotalOf(meters),
  total_tokens: inputTotalOf(meters) + outputTotalOf(meters),
  prompt_tokens_details: {
    cached_tokens: meters.cache_read ?? 0,
    audio_tokens: meters.input_audio ?? 0,
    ...(meters.input_image === undefined ? {} : { image_tokens: meters.input_image }),
    ...(meters.cache_write_unknown === undefined ? {} : { cache_write_tokens: meters.cache_write_unknown }),
  },
  completion_tokens_details: {
    reasoning_tokens: meters.output_reasoning ?? 0,
    audio_tokens: meters.output_audio ?? 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
})

const responsesUsageOf = (meters: MeterQuantities): OpenAIResponsesUsage => {
  const ttl30m = meters.cache_write_30m ?? 0
  const ttl12h = meters.cache_write_12h ?? 0
  return {
    input_tokens: inputTotalOf(meters),
    input_tokens_details: {
      cached_tokens: meters.cache_read ?? 0,
      cache_write_tokens: ttl30m + ttl12h + (meters.cache_write_unknown ?? 0),
      ...(ttl30m + ttl12h === 0
        ? {}
        : { cache_write_tokens_details: { ttl_30m_tokens: ttl30m, ttl_12h_tokens: ttl12h } }),
    },
    output_tokens: outputTotalOf(meters),
    output_tokens_details: { reasoning_tokens: meters.output_reasoning ?? 0 },
    total_tokens: inputTotalOf(meters) + outputTotalOf(meters),
  }
}

const anthropicUsageOf = (meters: MeterQuantities): AnthropicUsage => {
  const ttl5m = meters.cache_write_5m ?? 0
  const ttl1h = meters.cache_write_1h ?? 0
  const searches = meters.web_search ?? 0
  const fetches = meters.web_fetch ?? 0
  return {
    input_tokens: meters.input ?? 0,
    cache_creation_input_tokens: ttl5m + ttl1h,
    cache_read_input_tokens: meters.cache_read ?? 0,
    cache_creation: { ephemeral_5m_input_tokens: ttl5m, ephemeral_1h_input_tokens: ttl1h },
    output_tokens: outputTotalOf(meters),
    output_tokens_details: { thinking_tokens: meters.output_reasoning ?? 0 },
    server_tool_use: searches + fetches === 0 ? null : { web_search_requests: searches, web_fetch_requests: fetches },
    service_tier: 'standard',
    speed: 'standard',
    inference_geo: 'not_available',
  }
}

const imageUsageOf = (meters: MeterQuantities): OpenAIImageUsage => {
  const { input = 0, input_image: imagesIn = 0, output = 0, output_image: imagesOut = 0 } = meters
  return {
    input_tokens: input + imagesIn,
    input_tokens_details: { image_tokens: imagesIn, text_tokens: input },
    output_tokens: output + imagesOut,
    output_tokens_details: { image_tokens: imagesOut, text_tokens: output },
    total_tokens: input + imagesIn + output + imagesOut,
  }
}

const transcriptionUsageOf = (meters: MeterQuantities): OpenAITranscriptionUsage => {
  const { input = 0, input_audio: audio = 0, output = 0, audio_second: seconds } = meters
  return seconds === undefined
    ? {
        type: 'tokens',
        input_tokens: input + audio,
        input_token_details: { audio_tokens: audio, text_tokens: input },
        output_tokens: output,
        total_tokens: input + audio + output,
      }
    : { type: 'duration', seconds }
}

const mistralUsageOf = (meters: MeterQuantities): MistralUsage => ({
  prompt_tokens: inputTotalOf(meters),
  completion_tokens: outputTotalOf(meters),
  total_tokens: inputTotalOf(meters) + outputTotalOf(meters),
  ...(meters.cache_read === undefined ? {} : { num_cached_tokens: meters.cache_read }),
})

/** What is billed, beside a count of all tokens that went through the model. */
const cohereUsageOf = (meters: MeterQuantities): CohereUsage => {
  const { input = 0, output = 0, search_unit: searches } = meters
  return searches === undefined
    ? {
        billed_units: { input_tokens: input, output_tokens: output },
        tokens: { input_tokens: input + PREAMBLE_TOKENS, output_tokens: output },
      }
    : { billed_units: { search_units: searches } }
}
const PREAMBLE_TOKENS = 66

const USAGE_OF: Readonly<Record<StubApi, (meters: MeterQuantities) => StubUsage>> = {
  'openai.chat': chatUsageOf,
  'openai.responses': responsesUsageOf,
  'openai.embeddings': (meters) => ({ prompt_tokens: inputTotalOf(meters), total_tokens: inputTotalOf(meters) }),
  'anthropic.messages': anthropicUsageOf,
  'gemini.generate': geminiUsageOf,
  'gemini.embed': geminiEmbeddingUsageOf,
  'openai.images': imageUsageOf,
  'openai.transcriptions': transcriptionUsageOf,
  'mistral.chat': mistralUsageOf,
  'mistral.embeddings': mistralUsageOf,
  'cohere.chat': cohereUsageOf,
  'cohere.embed': (meters) => ({ billed_units: { input_tokens: meters.input ?? 0 } }),
  'cohere.rerank': cohereUsageOf,
  'bedrock.converse': bedrockUsageOf,
  'bedrock.invoke.anthropic': anthropicUsageOf,
  'bedrock.invoke.nova': novaUsageOf,
  'bedrock.invoke': bedrockCountsOf,
}
