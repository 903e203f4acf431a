/** Results of OpenAI's organisation usage API as disjoint meters (spec: counters §5, pricing §15). */
import { INPUT_METERS, type Meter, OUTPUT_METERS } from '@outlay/core'
import { z } from 'zod'
import { count, flag, ignored, label, optionalCount } from '#src/reconcile/export-fields.ts'

const group = {
  object: ignored,
  model: label,
  batch: flag,
  service_tier: label,
  project_id: label,
  project_name: ignored,
  user_id: ignored,
  user_email: ignored,
  api_key_id: ignored,
  api_key_name: ignored,
  api_source: ignored,
  organization_id: ignored,
  organization_name: ignored,
  context_level: ignored,
  num_model_requests: ignored,
}

export const completionsResult = z.strictObject({
  ...group,
  input_tokens: count,
  output_tokens: count,
  input_uncached_tokens: optionalCount,
  input_cached_tokens: optionalCount,
  input_cache_write_tokens: optionalCount,
  input_cache_write_30m_tokens: optionalCount,
  input_cache_write_12h_tokens: optionalCount,
  input_text_tokens: ignored,
  input_cached_text_tokens: ignored,
  output_text_tokens: ignored,
  input_audio_tokens: optionalCount,
  input_cached_audio_tokens: optionalCount,
  output_audio_tokens: optionalCount,
  input_image_tokens: optionalCount,
  input_cached_image_tokens: optionalCount,
  output_image_tokens: optionalCount,
})
export type CompletionsResult = z.output<typeof completionsResult>

export const embeddingsResult = z.strictObject({ ...group, input_tokens: count })
export const webSearchesResult = z.strictObject({ ...group, num_requests: count })

/** What the completions endpoint shows of a day. */
export const COMPLETIONS_METERS: readonly Meter[] = [...INPUT_METERS, ...OUTPUT_METERS]

export type MeterCounts = { readonly [meter in Meter]?: bigint }

/**
 * The disjoint meters of one result; a text where its figures contradict each other. `input_uncached_tokens` excludes
 * cache writes and covers all modalities; results from before it existed are taken apart by subtraction.
 */
export const completionMeters = (result: CompletionsResult): MeterCounts | string => {
  const read = result.input_cached_tokens ?? 0n
  const write30m = result.input_cache_write_30m_tokens ?? 0n
  const write12h = result.input_cache_write_12h_tokens ?? 0n
  const writes = result.input_cache_write_tokens ?? write30m + write12h
  const uncached = result.input_uncached_tokens ?? result.input_tokens - read - writes
  if (uncached + read + writes !== result.input_tokens) {
    return `input_tokens is ${result.input_tokens}, but uncached ${uncached} + cached ${read} + cache writes ${writes} is ${uncached + read + writes}`
  }
  const [audio, image] = [result.input_audio_tokens ?? 0n, result.input_image_tokens ?? 0n]
  const [readAudio, readImage] = [result.input_cached_audio_tokens ?? 0n, result.input_cached_image_tokens ?? 0n]
  const [outAudio, outImage] = [result.output_audio_tokens ?? 0n, result.output_image_tokens ?? 0n]
  const meters: MeterCounts = {
    input: uncached - audio - image,
    input_audio: audio,
    input_image: image,
    cache_read: read - readAudio - readImage,
    cache_read_audio: readAudio,
    cache_read_image: readImage,
    cache_write_30m: write30m,
    cache_write_12h: write12h,
    cache_write_unknown: writes - write30m - write12h,
    output: result.output_tokens - outAudio - outImage,
    output_audio: outAudio,
    output_image: outImage,
  }
  const negative = Object.entries(meters).find(([, quantity]) => quantity < 0n)
  return negative === undefined ? meters : `its parts exceed their whole: ${negative[0]} would be ${negative[1]}`
}
