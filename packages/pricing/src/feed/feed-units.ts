/** What a feed's units are in meters of ours, and which of them make a model unpriceable. */
import type { Meter } from '@outlay/core'

/** Units with a meter of the same quantity (`_mtok` per million, `_kcount` and `_kpages` per thousand, `_hours`). */
const METER_OF_UNIT: Readonly<Record<string, Meter>> = {
  input_mtok: 'input',
  input_audio_mtok: 'input_audio',
  input_image_mtok: 'input_image',
  input_video_mtok: 'input_video',
  cache_read_mtok: 'cache_read',
  cache_audio_read_mtok: 'cache_read_audio',
  cache_image_read_mtok: 'cache_read_image',
  cache_write_1h_mtok: 'cache_write_1h',
  output_mtok: 'output',
  output_reasoning_mtok: 'output_reasoning',
  output_audio_mtok: 'output_audio',
  output_image_mtok: 'output_image',
  output_citation_mtok: 'output_citation',
  web_searches_kcount: 'web_search',
  input_document_kpages: 'page',
  audio_hours: 'audio_second',
  input_audio_hours: 'audio_second',
}

/** Charged beside the call by another product: the price of the call itself stays exact without them. */
const UNITS_BESIDE_THE_CALL: ReadonlySet<string> = new Set(['storage_searches_kcount'])

/**
 * Charged for every call, or for part of what another meter counts, and no counter of ours tells how much: with such a
 * unit left out the model would be priced too low, so it is left unpriced as a whole.
 */
const UNITS_WITHOUT_COUNTER: ReadonlySet<string> = new Set([
  'requests_kcount',
  'input_text_messages_kcount',
  'input_annotated_document_kpages',
  'output_video_mtok',
])

export type FeedUnit = Meter | 'beside' | 'no counter' | 'unknown'

/** What a unit of the feed is. `cacheWrite` is the meter of the one write price that a feed knows. */
export const classifyUnit = (unit: string, cacheWrite: Meter): FeedUnit => {
  if (unit === 'cache_write_mtok') return cacheWrite
  if (UNITS_BESIDE_THE_CALL.has(unit)) return 'beside'
  if (UNITS_WITHOUT_COUNTER.has(unit)) return 'no counter'
  return (Object.hasOwn(METER_OF_UNIT, unit) ? METER_OF_UNIT[unit] : undefined) ?? 'unknown'
}

/** A Claude model under any spelling of a reseller. */
export const isClaude = (model: string): boolean => /(^|[./])(~?anthropic\/)?claude-/.test(model)

/**
 * Which meter a feed's single cache-write price is: Claude's is the 5-minute cache, OpenAI's the 30-minute one (since
 * GPT-5.6); elsewhere no time to live is reported.
 */
export const cacheWriteMeterOf = (provider: string, model: string): Meter => {
  if (isClaude(model)) return 'cache_write_5m'
  return provider === 'openai' || /(^|[./])openai[./]/.test(model) ? 'cache_write_30m' : 'cache_write_unknown'
}

/** 1/12 dollar: five minutes of a storage price per hour, which no decimal of ours is. Such a write stays unpriced. */
const TWELFTH = 0.08333333333333334

/** A price of the feed that is known to be no exact one, and is left out instead of failing the import. */
export const isKnownInexact = (provider: string, unit: string, price: unknown): boolean =>
  provider === 'openrouter' && unit === 'cache_write_mtok' && price === TWELFTH
