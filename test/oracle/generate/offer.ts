/** What calls of a generated ledger use: models with and without a price, and the meters they report. */
import type { Meter, MeterQuantities } from '@outlay/core'
import type { PriceSelectors } from '@outlay/semconv'
import type { Random } from '../../../packages/cli/src/demo/random.ts'

export interface ModelUse {
  readonly provider: string
  readonly model: string
  readonly meters: MeterQuantities
  readonly selectors?: Partial<PriceSelectors>
}

const LONG_INPUT_MIN = 272_001
const LONG_INPUT_MAX = 400_000

/** Tokens as prompts have them: mostly short, sometimes long. */
const tokens = (random: Random): number => random.between(1, random.chance(0.2) ? 40_000 : 3_000)

const some = (random: Random, meters: readonly Meter[], probability: number): MeterQuantities =>
  Object.fromEntries(meters.flatMap((meter) => (random.chance(probability) ? [[meter, tokens(random)]] : [])))

const text = (random: Random, caches: readonly Meter[]): MeterQuantities => ({
  input: tokens(random),
  output: random.between(1, 2_000),
  ...some(random, ['output_reasoning'], 0.2),
  ...some(random, caches, 0.4),
})

type Offer = (random: Random) => ModelUse

const anthropic =
  (model: string): Offer =>
  (random) => ({
    provider: 'anthropic',
    model,
    meters: {
      ...text(random, ['cache_read', 'cache_write_5m', 'cache_write_1h']),
      // Two lives of a cache on one sheet: a write of unknown life has no price there.
      ...some(random, ['cache_write_unknown'], 0.05),
      ...(random.chance(0.1) ? { web_search: random.between(1, 4) } : {}),
    },
  })

const gpt5: Offer = (random) => ({
  provider: 'openai',
  model: 'gpt-5',
  meters: { ...text(random, ['cache_read']), ...some(random, ['input_image'], 0.05) },
  selectors: { serviceTier: random.pick(['', 'default', 'priority', 'flex']), batch: random.chance(0.1) },
})

const mini: Offer = (random) => ({ provider: 'openai', model: 'gpt-5-mini', meters: text(random, ['cache_read']) })

const sol: Offer = (random) => ({
  provider: 'openai',
  model: 'gpt-6.1-sol',
  meters: {
    ...text(random, ['cache_read', 'cache_write_30m', 'cache_write_unknown']),
    ...(random.chance(0.15) ? { input: random.between(LONG_INPUT_MIN, LONG_INPUT_MAX) } : {}),
  },
})

/** Quoted per hour: a second leaves ninths of a femto-dollar. */
const whisper: Offer = (random) => ({
  provider: 'groq',
  model: 'whisper-large-v3',
  meters: { audio_second: random.between(1, 900) },
})

const research: Offer = (random) => ({
  provider: 'perplexity',
  model: 'sonar-deep-research',
  meters: { ...text(random, []), output_citation: random.between(1, 500), web_search: random.between(1, 9) },
})

const flash: Offer = (random) => ({
  provider: 'deepseek',
  model: 'deepseek-flash',
  meters: text(random, ['cache_read']),
})

const unknownModel: Offer = (random) => ({ provider: 'openai', model: 'lab-preview-7', meters: text(random, []) })

/** A price for its tokens, none for the audio among them. */
const partial: Offer = (random) => ({
  provider: 'openai',
  model: 'gpt-5-mini',
  meters: { ...text(random, []), input_audio: random.between(1, 2_000) },
})

const COMMON: readonly Offer[] = [
  gpt5,
  gpt5,
  gpt5,
  mini,
  mini,
  sol,
  anthropic('claude-sonnet-4-5'),
  anthropic('claude-sonnet-5-5'),
]
const RARE: readonly Offer[] = [whisper, research, flash, anthropic('claude-opus-5-5')]
const UNPRICED: readonly Offer[] = [unknownModel, partial]

/** One use of a model. `unpriced` is how often it has no or only some prices. */
export const useModel = (random: Random, unpriced: number): ModelUse => {
  if (random.chance(unpriced)) return random.pick(UNPRICED)(random)
  return random.pick(random.chance(0.15) ? RARE : COMMON)(random)
}
