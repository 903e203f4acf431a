/** Usage objects of Amazon Bedrock: Converse, Nova's bodies, and the counts that come in headers and metrics of InvokeModel. */
import { inputTotalOf, type MeterQuantities, outputTotalOf } from '@outlay/core'

/** Input without caches; the total holds all. */
export interface BedrockUsage {
  inputTokens: number
  outputTokens: number
  totalTokens: number
  cacheReadInputTokens: number
  cacheWriteInputTokens: number
  cacheDetails?: { ttl: '5m' | '1h'; inputTokens: number }[]
}

export interface NovaUsage {
  inputTokens: number
  outputTokens: number
  totalTokens: number
  cacheReadInputTokenCount: number
  cacheWriteInputTokenCount: number
}

export interface BedrockCounts {
  inputTokenCount: number
  outputTokenCount: number
  cacheReadInputTokenCount?: number
  cacheWriteInputTokenCount?: number
}

const writesOf = ({ cache_write_5m = 0, cache_write_1h = 0, cache_write_unknown = 0 }: MeterQuantities): number =>
  cache_write_5m + cache_write_1h + cache_write_unknown

export const bedrockUsageOf = (meters: MeterQuantities): BedrockUsage => {
  const details = [
    { ttl: '1h' as const, inputTokens: meters.cache_write_1h ?? 0 },
    { ttl: '5m' as const, inputTokens: meters.cache_write_5m ?? 0 },
  ].filter(({ inputTokens }) => inputTokens > 0)
  return {
    inputTokens: meters.input ?? 0,
    outputTokens: outputTotalOf(meters),
    totalTokens: inputTotalOf(meters) + outputTotalOf(meters),
    cacheReadInputTokens: meters.cache_read ?? 0,
    cacheWriteInputTokens: writesOf(meters),
    ...(details.length === 0 ? {} : { cacheDetails: details }),
  }
}

export const novaUsageOf = (meters: MeterQuantities): NovaUsage => ({
  inputTokens: meters.input ?? 0,
  outputTokens: outputTotalOf(meters),
  totalTokens: inputTotalOf(meters) + outputTotalOf(meters),
  cacheReadInputTokenCount: meters.cache_read ?? 0,
  cacheWriteInputTokenCount: writesOf(meters),
})

export const bedrockCountsOf = (meters: MeterQuantities): BedrockCounts => ({
  inputTokenCount: meters.input ?? 0,
  outputTokenCount: outputTotalOf(meters),
  ...(meters.cache_read === undefined ? {} : { cacheReadInputTokenCount: meters.cache_read }),
  ...(writesOf(meters) === 0 ? {} : { cacheWriteInputTokenCount: writesOf(meters) }),
})

type Numbers = Readonly<Record<string, number | null | undefined>>

/** What Bedrock counts itself, beside the maker's own usage: without times to live. */
export const countsBeside = (usage: object): BedrockCounts => {
  const own = usage as Numbers
  const first = (...names: readonly string[]): number => names.map((name) => own[name]).find((count) => count) ?? 0
  return {
    inputTokenCount: first('input_tokens', 'inputTokens', 'inputTokenCount'),
    outputTokenCount: first('output_tokens', 'outputTokens', 'outputTokenCount'),
    cacheReadInputTokenCount: first('cache_read_input_tokens', 'cacheReadInputTokenCount'),
    cacheWriteInputTokenCount: first('cache_creation_input_tokens', 'cacheWriteInputTokenCount'),
  }
}
