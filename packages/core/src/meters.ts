/**
 * Meters: the disjoint counters of one model call. Σ input side = total input, Σ output side = total output,
 * so cost is the plain sum of quantity × price (spec: counters §6, pricing §3).
 */

export type MeterSide = 'input' | 'output' | 'units'

interface MeterDefinition {
  readonly side: MeterSide
  /** The quantity that one quoted price buys, e.g. 1,000,000 tokens. */
  readonly per: number
  readonly description: string
}

const PER_MILLION = 1_000_000
const PER_THOUSAND = 1_000
const PER_HOUR_OF_SECONDS = 3_600

/** Every meter in its fixed order. The order is part of the ledger schema: append only. */
export const METER_DEFINITIONS = {
  input: { side: 'input', per: PER_MILLION, description: 'Uncached input tokens, text or modality unknown' },
  input_audio: { side: 'input', per: PER_MILLION, description: 'Uncached audio input tokens' },
  input_image: { side: 'input', per: PER_MILLION, description: 'Uncached image input tokens' },
  input_video: { side: 'input', per: PER_MILLION, description: 'Uncached video input tokens' },
  cache_read: { side: 'input', per: PER_MILLION, description: 'Input tokens read from the prompt cache' },
  cache_read_audio: { side: 'input', per: PER_MILLION, description: 'Audio input tokens read from the prompt cache' },
  cache_read_image: { side: 'input', per: PER_MILLION, description: 'Image input tokens read from the prompt cache' },
  cache_write_5m: { side: 'input', per: PER_MILLION, description: 'Input tokens written to the 5-minute cache' },
  cache_write_30m: { side: 'input', per: PER_MILLION, description: 'Input tokens written to the 30-minute cache' },
  cache_write_1h: { side: 'input', per: PER_MILLION, description: 'Input tokens written to the 1-hour cache' },
  cache_write_12h: { side: 'input', per: PER_MILLION, description: 'Input tokens written to the 12-hour cache' },
  cache_write_unknown: {
    side: 'input',
    per: PER_MILLION,
    description: 'Input tokens written to a cache of unreported time to live',
  },
  output: { side: 'output', per: PER_MILLION, description: 'Output tokens, text or modality unknown' },
  output_reasoning: { side: 'output', per: PER_MILLION, description: 'Reasoning output tokens' },
  output_audio: { side: 'output', per: PER_MILLION, description: 'Audio output tokens' },
  output_image: { side: 'output', per: PER_MILLION, description: 'Image output tokens' },
  output_citation: { side: 'output', per: PER_MILLION, description: 'Citation output tokens' },
  web_search: { side: 'units', per: PER_THOUSAND, description: 'Web searches run by the provider' },
  web_fetch: { side: 'units', per: PER_THOUSAND, description: 'Web pages fetched by the provider' },
  search_unit: { side: 'units', per: PER_THOUSAND, description: 'Rerank search units or live-search sources' },
  page: { side: 'units', per: PER_THOUSAND, description: 'Document pages processed' },
  image: { side: 'units', per: 1, description: 'Images generated' },
  audio_second: { side: 'units', per: PER_HOUR_OF_SECONDS, description: 'Seconds of audio, quoted per hour' },
  character: { side: 'units', per: PER_MILLION, description: 'Characters of speech or translation' },
  container_second: {
    side: 'units',
    per: PER_HOUR_OF_SECONDS,
    description: 'Seconds of a provider-run container, quoted per hour',
  },
} as const satisfies Record<string, MeterDefinition>

export type Meter = keyof typeof METER_DEFINITIONS

export const METERS = Object.keys(METER_DEFINITIONS) as readonly Meter[]

const metersOfSide = (side: MeterSide): readonly Meter[] =>
  METERS.filter((meter) => METER_DEFINITIONS[meter].side === side)

export const INPUT_METERS = metersOfSide('input')
export const OUTPUT_METERS = metersOfSide('output')
export const UNIT_METERS = metersOfSide('units')
/** The meters that multipliers (batch, region, contract) scale: tokens only, never calls or durations. */
export const TOKEN_METERS: readonly Meter[] = [...INPUT_METERS, ...OUTPUT_METERS]

/** Quantities of one call or of a sum of calls, whole units ≥ 0. An absent meter is 0. */
export type MeterQuantities = { readonly [meter in Meter]?: number }

export const isMeter = (name: string): name is Meter => Object.hasOwn(METER_DEFINITIONS, name)

const sumOf = (quantities: MeterQuantities, meters: readonly Meter[]): number =>
  meters.reduce((total, meter) => total + (quantities[meter] ?? 0), 0)

/** Total prompt tokens of a call: selects long-context prices. */
export const inputTotalOf = (quantities: MeterQuantities): number => sumOf(quantities, INPUT_METERS)

/** Total completion tokens of a call, reasoning included. */
export const outputTotalOf = (quantities: MeterQuantities): number => sumOf(quantities, OUTPUT_METERS)
