/**
 * Known defects of `genai-prices` 0.1.8 and what is true instead, one entry each (spec: pricing §17). What the feed does
 * by rule and not by figure (prefixes, times of day, a parent's price) is not imported at all.
 */
import { formatDecimal, type Meter, parseDecimal } from '@outlay/core'
import { type CatalogueModel, type CatalogueName, mapCells } from '#src/feed/catalogue-model.ts'
import { isClaude } from '#src/feed/feed-units.ts'
import { PRICE_DECIMALS } from '#src/price-row.ts'

interface Correction {
  readonly what: string
  readonly concerns: (model: CatalogueModel) => boolean
  readonly correct: (model: CatalogueModel) => CatalogueModel
}

const is =
  (provider: string, id: string) =>
  ({ provider: biller, model }: CatalogueModel): boolean =>
    biller === provider && model === id

const twice = (price: string): string => formatDecimal(2n * parseDecimal(price, PRICE_DECIMALS), PRICE_DECIMALS)

/** Resellers of Claude whose one-hour writes the feed leaves out. */
const LISTS_FIVE_MINUTES_ONLY: ReadonlySet<string> = new Set(['aws', 'google', 'openrouter'])

const FLASH_CUT = '2026-08-13'

const withNames = (model: CatalogueModel, names: readonly CatalogueName[]): CatalogueModel => ({
  ...model,
  exact: [...model.exact.filter(({ name }) => !names.some((other) => other.name === name)), ...names],
})

const CORRECTIONS: readonly Correction[] = [
  {
    what: 'long context begins strictly above 272,000 tokens, not at 272,000',
    concerns: ({ sheets }) => sheets.some(({ gt }) => gt?.includes(271_999) ?? false),
    correct: (model) => ({
      ...model,
      sheets: model.sheets.map((sheet) =>
        sheet.gt === undefined
          ? sheet
          : { ...sheet, gt: sheet.gt.map((tokens) => (tokens === 271_999 ? 272_000 : tokens)) },
      ),
    }),
  },
  {
    what: 'cached input of o3 was 2.50 before its price cut',
    concerns: is('openai', 'o3'),
    correct: (model) =>
      mapCells(model, (cells, { to }) => (to === '2025-06-10' ? { ...cells, cache_read: '2.5' } : cells)),
  },
  {
    what: 'Gemini 3.6 Flash had its introductory price only from about 2026-08-13',
    concerns: is('google', 'gemini-3.6-flash'),
    correct: (model) => ({
      ...model,
      sheets: model.sheets.flatMap((sheet) =>
        sheet.from === undefined
          ? [
              {
                to: FLASH_CUT,
                grade: 'C' as const,
                note: 'The catalogue has the introductory price from launch.',
                cells: { input: '1.5', cache_read: '0.15', output: '7.5' },
              },
              { ...sheet, from: FLASH_CUT },
            ]
          : [sheet],
      ),
    }),
  },
  {
    what: 'mistral-large-latest moved to Mistral Large 3',
    concerns: is('mistral', 'mistral-large'),
    correct: (model) => withNames(model, [{ name: 'mistral-large-latest', to: '2025-12-02' }]),
  },
  {
    what: 'mistral-large-latest is Mistral Large 3: 0.5 / 1.5',
    concerns: is('mistral', 'mistral-large-2512'),
    correct: (model) => withNames(model, [{ name: 'mistral-large-latest', from: '2025-12-02' }]),
  },
  {
    what: 'one-hour cache writes of Claude cost 2× its input also where the feed lists only 5-minute ones',
    concerns: ({ provider, model }) =>
      LISTS_FIVE_MINUTES_ONLY.has(provider) && isClaude(model) && !/claude-3[-.]/.test(model),
    correct: (model) =>
      mapCells(model, (cells) => {
        if (cells.input === undefined || cells.cache_write_5m === undefined || cells.cache_write_1h !== undefined) {
          return cells
        }
        const hour = typeof cells.input === 'string' ? twice(cells.input) : cells.input.map(twice)
        return { ...cells, cache_write_1h: hour }
      }),
  },
  {
    what: 'Claude costs 1.2× in GovCloud, not 1.1×',
    concerns: ({ provider, model, sheets }) => {
      const inputOf = (place: string | undefined): string | undefined =>
        JSON.stringify(sheets.find(({ region }) => region === place)?.cells.input)
      return (
        provider === 'aws' && isClaude(model) && inputOf('geo') !== undefined && inputOf('geo') !== inputOf(undefined)
      )
    },
    correct: (model) => ({
      ...model,
      derive: [
        ...model.derive,
        { regions: ['gov'], times: '1.2', grade: 'C', note: 'The catalogue lists it at 1.1×.' },
      ],
    }),
  },
]

/** Names that the feed finds by a fragment and that a call carries in full. */
const NAMES_IN_FULL: Readonly<Record<string, readonly string[]>> = {
  'anthropic/claude-sonnet-4-0': ['claude-sonnet-4-20250514'],
  'google/claude-4-opus': ['claude-opus-4-20250514', 'claude-opus-4-1-20250805'],
  'google/claude-4-sonnet': ['claude-sonnet-4-20250514'],
  'google/claude-3-5-sonnet': ['claude-3-5-sonnet-v2-20241022'],
  'openai/ft:gpt-4o': ['ft:gpt-4o-2024-08-06'],
  'openai/ft:gpt-4o-mini': ['ft:gpt-4o-mini-2024-07-18'],
  'openai/ft:gpt-3.5-turbo-': ['ft:gpt-3.5-turbo-0125', 'ft:gpt-3.5-turbo-1106', 'ft:gpt-3.5-turbo-0613'],
  'aws/claude-opus-4-5': ['anthropic.claude-opus-4-5-20251101-v1:0'],
}

/** Providers whose responses count image tokens apart from text. */
const COUNTS_IMAGE_TOKENS: ReadonlySet<string> = new Set(['anthropic', 'aws', 'azure', 'google', 'openai', 'xai'])

/** Prices that follow another meter's by the provider's own rule, where the feed lists none. */
const inheritanceOf = ({ provider, model, sheets }: CatalogueModel): CatalogueModel['inherit'] => {
  const lists = (meter: Meter): boolean => sheets.some(({ cells }) => cells[meter] !== undefined)
  return {
    ...(lists('output') ? { output_reasoning: 'output' } : {}),
    ...(lists('input') && COUNTS_IMAGE_TOKENS.has(provider) ? { input_image: 'input' } : {}),
    ...(lists('input') && provider === 'google' ? { input_video: 'input' } : {}),
    // OpenAI gives no discount on cached input of its -pro models.
    ...(lists('input') && provider === 'openai' && model.endsWith('-pro') ? { cache_read: 'input' } : {}),
  } satisfies { [meter in Meter]?: Meter }
}

/** The model as it is, and which corrections made it so. */
export const correctFeedModel = (
  model: CatalogueModel,
): { readonly model: CatalogueModel; readonly corrections: readonly string[] } => {
  const corrections: string[] = []
  let corrected = model
  for (const { what, correct } of CORRECTIONS.filter(({ concerns }) => concerns(model))) {
    const next = correct(corrected)
    if (JSON.stringify(next) !== JSON.stringify(corrected)) corrections.push(what)
    corrected = next
  }
  const names = NAMES_IN_FULL[`${model.provider}/${model.model}`] ?? []
  const named = withNames(
    corrected,
    names.map((name) => ({ name })),
  )
  return { model: { ...named, inherit: inheritanceOf(named) }, corrections }
}
