import { describe, expect, test } from 'vitest'
import { type CataloguePrices, driftReport, loadPackagedBook, type PriceRow, readCatalogue } from '#src/index.ts'
import { at } from './books.ts'

const now = at('2026-11-21')
const book = loadPackagedBook()

type Entry = Readonly<Record<string, unknown>>

const readText = (text: string): CataloguePrices =>
  readCatalogue({ file: 'map.json', text, checkedAt: '2026-11-11' }, { book, now })

const read = (entries: Readonly<Record<string, Entry>>): CataloguePrices => readText(JSON.stringify(entries))

/** Per token, as the map writes it. */
const usd = (perMillion: number): number => Number((perMillion / 1e6).toPrecision(12))

const rowsOf = ({ sheets }: CataloguePrices): readonly PriceRow[] => sheets.flatMap(({ rows }) => rows)

const drift = (entries: Readonly<Record<string, Entry>>): string[] =>
  driftReport(book, read(entries).sheets, { now }).lines.map(
    ({ provider, model, region, tier, above, meter, ours, theirs }) =>
      `${[provider, model, region, tier].filter((part) => part !== '').join(' ')}${above === 0 ? '' : ` above ${above}`} ${meter} ${ours} ${theirs}`,
  )

describe('known defects of the LiteLLM map are found against the packaged book', () => {
  test.each<[string, Readonly<Record<string, Entry>>, string[]]>([
    [
      'the one-hour write of Haiku 3',
      {
        'claude-3-haiku-20240307': {
          litellm_provider: 'anthropic',
          input_cost_per_token: usd(0.25),
          cache_creation_input_token_cost: usd(0.3),
          cache_creation_input_token_cost_above_1hr: usd(6),
        },
      },
      ['anthropic claude-3-haiku standard cache_write_1h 0.5 6'],
    ],
    [
      'the priority price of gpt-5.5',
      {
        'gpt-5.5': {
          litellm_provider: 'openai',
          input_cost_per_token: usd(5),
          output_cost_per_token: usd(30),
          input_cost_per_token_priority: usd(10),
          output_cost_per_token_priority: usd(60),
          input_cost_per_token_above_272k_tokens: usd(10),
          output_cost_per_token_above_272k_tokens: usd(45),
        },
      },
      ['openai gpt-5.5 priority input 12.5 10', 'openai gpt-5.5 priority output 75 60'],
    ],
    [
      'a discount on cached input of gpt-5.5-pro, at any length',
      { 'gpt-5.5-pro': { litellm_provider: 'openai', cache_read_input_token_cost: usd(3) } },
      ['openai gpt-5.5-pro standard cache_read 30 3', 'openai gpt-5.5-pro standard above 272000 cache_read 60 3'],
    ],
    [
      'the priority price of Gemini 2.5 Pro, under the names of both clouds of Google',
      {
        'gemini/gemini-2.5-pro': { litellm_provider: 'gemini', input_cost_per_token_priority: usd(1.25) },
        'gemini-2.5-pro': { litellm_provider: 'vertex_ai-language-models', input_cost_per_token_priority: usd(1.25) },
      },
      ['google gemini-2.5-pro priority input 2.25 1.25'],
    ],
    [
      'cached input of grok-4.5, below and above a threshold that the map counts in thousands',
      {
        'xai/grok-4.5': {
          litellm_provider: 'xai',
          input_cost_per_token: usd(2),
          cache_read_input_token_cost: usd(0.5),
          input_cost_per_token_above_200k_tokens: usd(4),
          cache_read_input_token_cost_above_200k_tokens: usd(1),
        },
      },
      ['xai grok-4.5 standard cache_read 0.3 0.5', 'xai grok-4.5 standard above 199999 cache_read 0.6 1'],
    ],
    [
      'Claude in one region of Bedrock without its ten percent',
      {
        'anthropic.claude-sonnet-4-5-20250929-v1:0': {
          litellm_provider: 'bedrock_converse',
          input_cost_per_token: usd(3),
        },
        'bedrock/us-east-1/anthropic.claude-sonnet-4-5-20250929-v1:0': {
          litellm_provider: 'bedrock',
          output_cost_per_token: usd(15),
        },
        'us.anthropic.claude-sonnet-4-5-20250929-v1:0': {
          litellm_provider: 'bedrock_converse',
          input_cost_per_token: usd(3.3),
        },
        'global.anthropic.claude-sonnet-4-5-20250929-v1:0': {
          litellm_provider: 'bedrock_converse',
          input_cost_per_token: usd(3),
        },
      },
      [
        'aws claude-sonnet-4-5-20250929 regional standard input 3.3 3',
        'aws claude-sonnet-4-5-20250929 regional standard output 16.5 15',
      ],
    ],
    [
      'Claude in GovCloud at 1.1×',
      {
        'bedrock/us-gov-west-1/anthropic.claude-sonnet-4-5-20250929-v1:0': {
          litellm_provider: 'bedrock',
          input_cost_per_token: usd(3.3),
        },
      },
      ['aws claude-sonnet-4-5-20250929 gov standard input 3.6 3.3'],
    ],
    [
      'the six times of Opus 4.8 fast in a filtered copy, whose residency is right',
      {
        'claude-opus-4-8': {
          litellm_provider: 'anthropic',
          input_cost_per_token: usd(5),
          cache_read_input_token_cost: usd(0.5),
          output_cost_per_token: usd(25),
          provider_specific_entry: { us: 1.1, fast: 6.0 },
        },
      },
      ['anthropic claude-opus-4-8 fast input 10 30', 'anthropic claude-opus-4-8 fast output 50 150'],
    ],
  ])('%s', (_, entries, wanted) => {
    expect(drift(entries).toSorted()).toEqual(wanted.toSorted())
  })

  test('the priority price of gpt-5-nano has no price of ours to be held against, and is named', () => {
    const { sheets } = read({ 'gpt-5-nano': { litellm_provider: 'openai', input_cost_per_token_priority: usd(2.5) } })
    const { unknownSheets, compared } = driftReport(book, sheets, { now })
    expect(compared).toBe(0)
    expect(unknownSheets).toEqual([{ provider: 'openai', model: 'gpt-5-nano', region: '', tier: 'priority' }])
  })
})

describe('a price of the map', () => {
  const model = (values: Entry): CataloguePrices => read({ m: { litellm_provider: 'acme', ...values } })

  test('loses the noise of its float and nothing else', () => {
    const text =
      '{"m": {"litellm_provider": "acme", "input_cost_per_token": 3.0001999999999996e-07, "output_cost_per_token": 1.1000000000000001e-06}}'
    expect(rowsOf(readText(text)).map(({ meter, price, per }) => [meter, price, per])).toEqual([
      ['input', '0.30002', 1_000_000],
      ['output', '1.1', 1_000_000],
    ])
  })

  test.each<[string, unknown, RegExp]>([
    ['more than nine decimals per million', 8.333_333_333_333_334e-8, /more than 9 places/],
    ['a negative number', -1e-6, /negative/],
    ['text', '0.000001', /not one number/],
    ['a price beyond what one unit may cost', 1e4, /more than 9 places/],
  ])('%s is not comparable, and said so', (_, value, reason) => {
    const { notComparable, sheets } = model({ input_cost_per_token: value, output_cost_per_token: usd(1) })
    expect(notComparable).toEqual([{ where: 'm: input_cost_per_token', reason: expect.stringMatching(reason) }])
    expect(sheets).toHaveLength(1)
  })

  test('is dated by the file and says how the entry states it', () => {
    expect(rowsOf(model({ cache_read_input_token_cost_flex: usd(1) }))).toMatchObject([
      {
        tier: 'flex',
        meter: 'cache_read',
        checkedAt: '2026-11-11',
        derivedFrom: 'm: cache_read_input_token_cost_flex',
      },
    ])
  })

  test('stands in the band of its threshold', () => {
    const { sheets } = model({
      input_cost_per_token: usd(1),
      input_cost_per_token_above_128k_tokens: usd(2),
      input_cost_per_token_above_256k_tokens: usd(3),
      input_cost_per_token_above_256k_tokens_batches: usd(1.5),
    })
    expect(sheets.map(({ sheet, gt }) => [sheet.tier, gt])).toEqual([
      ['standard', [128_000, 256_000]],
      ['batch', [256_000]],
    ])
    expect(sheets[0]?.rows.map(({ band, price }) => [band, price])).toEqual([
      [0, '1'],
      [1, '2'],
      [2, '3'],
    ])
  })

  test('of a search counts where the sizes of its context cost the same', () => {
    const searches = (low: number, high: number): CataloguePrices =>
      model({ search_context_cost_per_query: { search_context_size_low: low, search_context_size_high: high } })
    expect(rowsOf(searches(0.01, 0.01))).toMatchObject([{ meter: 'web_search', price: '10', per: 1_000 }])
    expect(searches(0.005, 0.01)).toMatchObject({
      sheets: [],
      notComparable: [{ where: 'm: search_context_cost_per_query', reason: 'not one number' }],
    })
  })

  test('by the hour, or of an entry that is free as a whole, is left out and named', () => {
    const off = model({ input_cost_per_token: usd(1), off_peak_pricing: { hours_utc: '16:30-00:30' } })
    expect(off).toMatchObject({ sheets: [], notComparable: [{ where: 'm', reason: /time of day/ }] })
    expect(model({ input_cost_per_token: 0, output_cost_per_token: 0 })).toMatchObject({
      sheets: [],
      notComparable: [{ where: 'm', reason: /every price is 0/ }],
    })
  })

  test('of a residency is every token at its premium', () => {
    const { sheets } = read({
      'gpt-5.5': {
        litellm_provider: 'openai',
        input_cost_per_token: usd(5),
        input_cost_per_token_batches: usd(2.5),
        cache_read_input_token_cost: usd(0.5),
        regional_processing_uplift_multiplier_eu: 1.1,
      },
    })
    const eu = sheets.filter(({ sheet }) => sheet.region === 'eu').flatMap(({ rows }) => rows)
    expect(eu.map(({ tier, meter, price }) => [tier, meter, price])).toEqual([
      ['standard', 'input', '5.5'],
      ['standard', 'cache_read', '0.55'],
      ['batch', 'input', '2.75'],
    ])
  })
})

describe('the keys of the map', () => {
  test('that nobody knows are counted and named, those without a price are not', () => {
    const entry = { litellm_provider: 'acme', mode: 'chat', supports_vision: true, input_cost_per_token: usd(1) }
    const reading = read({
      one: { ...entry, input_cost_per_furlong: 1, output_cost_per_image: 0.04 },
      two: { ...entry, input_cost_per_furlong: 2, provider_specific_entry: { moon: 2 } },
    })
    expect(reading.unknownKeys).toEqual([
      { key: 'input_cost_per_furlong', entries: 2 },
      { key: 'provider_specific_entry.moon', entries: 1 },
    ])
    expect(reading.otherKeys).toEqual([{ key: 'output_cost_per_image', entries: 1 }])
  })

  test('of the sample entry are no prices', () => {
    const entry = { litellm_provider: 'acme', input_cost_per_token: usd(1) }
    expect(read({ sample_spec: { ...entry, litellm_provider: 'one of many' }, m: entry }).sheets).toHaveLength(1)
  })

  test('an entry without a provider is named', () => {
    const { notComparable } = read({ m: { litellm_provider: 'acme' }, n: { input_cost_per_token: usd(1) } })
    expect(notComparable).toEqual([{ where: 'n', reason: 'no litellm_provider' }])
  })
})
