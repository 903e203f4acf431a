/**
 * A provider's usage object → disjoint meters, written from the specification alone (counters §9) and not from the code
 * that is under test.
 */
import type { Meter, MeterQuantities } from '@outlay/core'
import type {
  AnthropicUsage,
  BedrockCounts,
  BedrockUsage,
  GeminiUsage,
  NovaUsage,
  OpenAIChatUsage,
  OpenAIEmbeddingsUsage,
  OpenAIResponsesUsage,
  StubServed,
} from '@outlay/testkit'
import type { Sight } from './emitter.ts'

type Quantities = { [meter in Meter]?: number }

const nonZero = (quantities: Quantities): MeterQuantities =>
  Object.fromEntries(Object.entries(quantities).filter(([, quantity]) => quantity !== 0))

const chatMeters = ({ prompt_tokens, completion_tokens, ...details }: OpenAIChatUsage): MeterQuantities => {
  const read = details.prompt_tokens_details?.cached_tokens ?? 0
  const reasoning = details.completion_tokens_details?.reasoning_tokens ?? 0
  return nonZero({
    input: prompt_tokens - read,
    cache_read: read,
    output: completion_tokens - reasoning,
    output_reasoning: reasoning,
  })
}

const responsesMeters = (usage: OpenAIResponsesUsage): MeterQuantities => {
  const read = usage.input_tokens_details.cached_tokens
  const reasoning = usage.output_tokens_details.reasoning_tokens
  return nonZero({
    input: usage.input_tokens - read,
    cache_read: read,
    output: usage.output_tokens - reasoning,
    output_reasoning: reasoning,
  })
}

const anthropicMeters = (usage: AnthropicUsage): MeterQuantities => {
  const reasoning = usage.output_tokens_details?.thinking_tokens ?? 0
  return nonZero({
    input: usage.input_tokens,
    cache_read: usage.cache_read_input_tokens ?? 0,
    cache_write_5m: usage.cache_creation?.ephemeral_5m_input_tokens ?? 0,
    cache_write_1h: usage.cache_creation?.ephemeral_1h_input_tokens ?? 0,
    output: usage.output_tokens - reasoning,
    output_reasoning: reasoning,
  })
}

const geminiMeters = (usage: GeminiUsage): MeterQuantities => {
  const { promptTokenCount: prompt, toolUsePromptTokenCount: toolUse = 0, totalTokenCount: total } = usage
  const { cachedContentTokenCount: read = 0, thoughtsTokenCount: thoughts = 0 } = usage
  const audio = usage.promptTokensDetails?.find(({ modality }) => modality === 'AUDIO')?.tokenCount ?? 0
  return nonZero({
    input: prompt - read - audio + toolUse,
    input_audio: audio,
    cache_read: read,
    output: total - prompt - toolUse - thoughts,
    output_reasoning: thoughts,
  })
}

const bedrockMeters = (usage: BedrockUsage): MeterQuantities => {
  const writesOf = (wanted: string): number => usage.cacheDetails?.find(({ ttl }) => ttl === wanted)?.inputTokens ?? 0
  return nonZero({
    input: usage.inputTokens,
    cache_read: usage.cacheReadInputTokens,
    cache_write_5m: writesOf('5m'),
    cache_write_1h: writesOf('1h'),
    output: usage.outputTokens,
  })
}

/** The stub writes no times to live into them. */
const novaMeters = (usage: NovaUsage): MeterQuantities =>
  nonZero({
    input: usage.inputTokens,
    cache_read: usage.cacheReadInputTokenCount,
    cache_write_unknown: usage.cacheWriteInputTokenCount,
    output: usage.outputTokens,
  })

/** What Bedrock counts itself, in headers. */
const countedMeters = (usage: BedrockCounts): MeterQuantities =>
  nonZero({
    input: usage.inputTokenCount,
    cache_read: usage.cacheReadInputTokenCount ?? 0,
    cache_write_unknown: usage.cacheWriteInputTokenCount ?? 0,
    output: usage.outputTokenCount,
  })

/** What one answer of the stub must be billed as. */
export const servedMeters = ({ api, usage }: StubServed): MeterQuantities => {
  switch (api) {
    case 'openai.chat':
      return chatMeters(usage as OpenAIChatUsage)
    case 'openai.responses':
      return responsesMeters(usage as OpenAIResponsesUsage)
    case 'openai.embeddings':
      return nonZero({ input: (usage as OpenAIEmbeddingsUsage).prompt_tokens })
    case 'anthropic.messages':
    case 'bedrock.invoke.anthropic':
      return anthropicMeters(usage as AnthropicUsage)
    case 'gemini.generate':
      return geminiMeters(usage as GeminiUsage)
    case 'bedrock.converse':
      return bedrockMeters(usage as BedrockUsage)
    case 'bedrock.invoke.nova':
      return novaMeters(usage as NovaUsage)
    case 'bedrock.invoke':
      return countedMeters(usage as BedrockCounts)
    case 'openai.images':
    case 'openai.transcriptions':
    case 'gemini.embed':
    case 'mistral.chat':
    case 'mistral.embeddings':
    case 'cohere.chat':
    case 'cohere.embed':
    case 'cohere.rerank':
      throw new Error(`BUG: no emitter has a case of ${api}`)
  }
}

/** What is left of the quantities where an emitter drops or adds some. */
export const seenMeters = (meters: MeterQuantities, { drops = [], addedOutput = 0 }: Sight): MeterQuantities => {
  const kept = Object.entries(meters).filter(([meter]) => !drops.includes(meter as Meter))
  const result: Quantities = Object.fromEntries(kept)
  return addedOutput === 0 ? result : { ...result, output: (result.output ?? 0) + addedOutput }
}

/** The same quantities where some meters cannot be told from others: only the sums per side stay. */
export const folded = (meters: MeterQuantities, folds: { readonly [meter in Meter]?: Meter } = {}): MeterQuantities => {
  const result: Quantities = {}
  for (const [meter, quantity] of Object.entries(meters) as [Meter, number][]) {
    const counted = folds[meter] ?? meter
    result[counted] = (result[counted] ?? 0) + quantity
  }
  return result
}
