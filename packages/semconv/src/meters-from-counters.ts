/** Counters with known totals → disjoint meters (spec: counters §9). Nothing is clamped: a negative is a conflict. */
import { limits, type Meter, type MeterQuantities } from '@outlay/core'
import { type Counters, cacheWritesOf, knownTtlWritesOf } from './counters.ts'
import type { QualityFlag } from './flags.ts'

export interface MeterReading {
  /** Non-zero meters only; empty on conflict. */
  readonly meters: MeterQuantities
  readonly conflict: boolean
  readonly flags: readonly QualityFlag[]
}

type Quantities = { [meter in Meter]?: number }

interface CachedModalities {
  readonly audio: number
  readonly image: number
  readonly video: number
  readonly flags: readonly QualityFlag[]
}

/**
 * Which modality the cached tokens had. Where nobody reported it: text first, as far as the text reaches, then audio,
 * then image, then video.
 */
const cachedModalitiesOf = (counters: Counters, inputTotal: number): CachedModalities => {
  const { cacheRead = 0, audioInput = 0, imageInput = 0, videoInput = 0 } = counters
  const { cachedAudio, cachedImage, cachedVideo } = counters
  const modal = audioInput + imageInput + videoInput
  const known = cachedAudio !== undefined || cachedImage !== undefined || cachedVideo !== undefined
  if (known || cacheRead === 0 || modal === 0) {
    return { audio: cachedAudio ?? 0, image: cachedImage ?? 0, video: cachedVideo ?? 0, flags: [] }
  }
  const text = inputTotal - cacheWritesOf(counters) - modal
  const beyondText = Math.max(0, cacheRead - Math.max(0, text))
  const audio = Math.min(beyondText, audioInput)
  const image = Math.min(beyondText - audio, imageInput)
  const video = Math.min(beyondText - audio - image, videoInput)
  return { audio, image, video, flags: ['cache_modality_estimated'] }
}

const inputMetersOf = (counters: Counters, inputTotal: number, cached: CachedModalities): Quantities => {
  const { cacheRead = 0, audioInput = 0, imageInput = 0, videoInput = 0 } = counters
  const writes = cacheWritesOf(counters)
  const input_audio = audioInput - cached.audio
  const input_image = imageInput - cached.image
  const input_video = videoInput - cached.video
  return {
    input: inputTotal - cacheRead - writes - input_audio - input_image - input_video,
    input_audio,
    input_image,
    input_video,
    // Cached video has no meter of its own and stays here.
    cache_read: cacheRead - cached.audio - cached.image,
    cache_read_audio: cached.audio,
    cache_read_image: cached.image,
    cache_write_5m: counters.write5m ?? 0,
    cache_write_30m: counters.write30m ?? 0,
    cache_write_1h: counters.write1h ?? 0,
    cache_write_12h: counters.write12h ?? 0,
    cache_write_unknown: writes - knownTtlWritesOf(counters),
  }
}

const outputMetersOf = (counters: Counters, outputTotal: number): Quantities => {
  const { reasoning = 0, audioOutput = 0, imageOutput = 0 } = counters
  return {
    output: outputTotal - reasoning - audioOutput - imageOutput,
    output_reasoning: reasoning,
    output_audio: audioOutput,
    output_image: imageOutput,
  }
}

/**
 * Meters of one call whose total input and output are known. A negative remainder, or a quantity beyond
 * `limits.meterQuantityMax`, proves that something was misread: conflict, no meters.
 */
export const metersFromCounters = (
  counters: Counters,
  totals: { readonly inputTotal: number; readonly outputTotal: number },
  units: MeterQuantities = {},
): MeterReading => {
  const cached = cachedModalitiesOf(counters, totals.inputTotal)
  const flags: QualityFlag[] = [...cached.flags]
  if (cached.video > 0) flags.push('modality_folded')
  const all: Quantities = {
    ...inputMetersOf(counters, totals.inputTotal, cached),
    ...outputMetersOf(counters, totals.outputTotal),
    ...units,
  }
  if (counters.pages !== undefined) all.page = counters.pages
  const meters: Quantities = {}
  for (const [meter, quantity] of Object.entries(all) as [Meter, number][]) {
    if (quantity < 0 || quantity > limits.meterQuantityMax) return { meters: {}, conflict: true, flags }
    if (quantity > 0) meters[meter] = quantity
  }
  if (meters.cache_write_unknown !== undefined) flags.push('cache_ttl_unknown')
  return { meters, conflict: false, flags }
}
