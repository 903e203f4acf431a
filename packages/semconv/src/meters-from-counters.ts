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

/** Collects non-zero quantities and remembers whether any was impossible. */
class MeterSheet {
  readonly meters: Quantities = {}
  conflict = false

  add(meter: Meter, quantity: number): void {
    if (quantity < 0 || quantity > limits.meterQuantityMax) this.conflict = true
    else if (quantity > 0) this.meters[meter] = quantity
  }
}

const addInput = (sheet: MeterSheet, counters: Counters, inputTotal: number, cached: CachedModalities): void => {
  const { cacheRead = 0 } = counters
  const writes = cacheWritesOf(counters)
  const audio = (counters.audioInput ?? 0) - cached.audio
  const image = (counters.imageInput ?? 0) - cached.image
  const video = (counters.videoInput ?? 0) - cached.video
  sheet.add('input', inputTotal - cacheRead - writes - audio - image - video)
  sheet.add('input_audio', audio)
  sheet.add('input_image', image)
  sheet.add('input_video', video)
  // Cached video has no meter of its own and stays here.
  sheet.add('cache_read', cacheRead - cached.audio - cached.image)
  sheet.add('cache_read_audio', cached.audio)
  sheet.add('cache_read_image', cached.image)
  sheet.add('cache_write_5m', counters.write5m ?? 0)
  sheet.add('cache_write_30m', counters.write30m ?? 0)
  sheet.add('cache_write_1h', counters.write1h ?? 0)
  sheet.add('cache_write_12h', counters.write12h ?? 0)
  sheet.add('cache_write_unknown', writes - knownTtlWritesOf(counters))
}

const addOutput = (sheet: MeterSheet, counters: Counters, outputTotal: number): void => {
  const { reasoning = 0, audioOutput = 0, imageOutput = 0 } = counters
  sheet.add('output', outputTotal - reasoning - audioOutput - imageOutput)
  sheet.add('output_reasoning', reasoning)
  sheet.add('output_audio', audioOutput)
  sheet.add('output_image', imageOutput)
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
  const sheet = new MeterSheet()
  addInput(sheet, counters, totals.inputTotal, cached)
  addOutput(sheet, counters, totals.outputTotal)
  if (counters.pages !== undefined) sheet.add('page', counters.pages)
  for (const [meter, quantity] of Object.entries(units) as [Meter, number][]) sheet.add(meter, quantity)
  if (sheet.conflict) return { meters: {}, conflict: true, flags }
  if (sheet.meters.cache_write_unknown !== undefined) flags.push('cache_ttl_unknown')
  return { meters: sheet.meters, conflict: false, flags }
}
