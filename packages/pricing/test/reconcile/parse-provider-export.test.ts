import { describe, expect, test } from 'vitest'
import { ExportError, parseProviderExport } from '#src/index.ts'
import { formatQuecto } from '#src/reconcile/quecto-usd.ts'
import { DAY, fixtureExport, HAIKU, NEXT_DAY, OPUS, SOL } from './samples.ts'

const openAiCosts = (result: string, rest = '') =>
  `{"object":"page","data":[{"object":"bucket","start_time":1793664000,"end_time":1793750400,"results":[${result}]}],"has_more":false,"next_page":null${rest}}`
const cost = (value: string, item = `${SOL}, input`) =>
  `{"object":"organization.costs.result","amount":{"value":${value},"currency":"usd"},"line_item":"${item}"}`
const openAi = (text: string, name = 'costs.json') => parseProviderExport('openai', [{ name, text }])

const refusalOf = (run: () => unknown): ExportError => {
  try {
    run()
  } catch (error) {
    if (error instanceof ExportError) return error
    throw error
  }
  throw new Error('was not refused')
}

describe('OpenAI exports', () => {
  test('usage is read as disjoint meters by UTC day, model and tier', () => {
    const { usage, usageDays } = fixtureExport('openai', 'openai-usage.json')
    const sol = usage.filter(({ day, model, tier }) => day === DAY && model === SOL && tier === 'standard')
    expect(Object.fromEntries(sol.map(({ meter, quantity }) => [meter, quantity]))).toEqual({
      input: 1_203_457n,
      cache_read: 4_500_123n,
      cache_write_30m: 310_041n,
      cache_write_12h: 12_007n,
      output: 88_211n,
    })
    expect(new Set(usage.map(({ tier }) => tier))).toEqual(new Set(['standard', 'priority', 'batch']))
    expect([...usageDays.keys()]).toEqual([DAY, NEXT_DAY])
  })

  test('a CSV export says the same as the JSON of the API', () => {
    expect(fixtureExport('openai', 'openai-usage.csv').usage).toEqual(
      fixtureExport('openai', 'openai-usage.json').usage,
    )
    expect(fixtureExport('openai', 'openai-costs.csv').costs).toEqual(
      fixtureExport('openai', 'openai-costs.json').costs,
    )
  })

  test('an amount is read as text: no digit of a JSON number passes through a float', () => {
    const written = ['0.123456789012345678901234567891', '1234567890123456.789', '1.5e-7', '-0.30000000000000004', '12']
    const exact = [
      '0.123456789012345678901234567891',
      '1234567890123456.789',
      '0.00000015',
      '-0.30000000000000004',
      '12',
    ]
    const { costs } = openAi(openAiCosts(written.map((value, index) => cost(value, `m${index}, input`)).join(',')))
    expect(costs.map(({ amount }) => formatQuecto(amount))).toEqual(exact)
  })

  test.each([
    [`${SOL}, cached input`, { model: SOL, tier: 'standard', meters: ['cache_read'] }],
    [`priority | ${SOL}, output, long context`, { model: SOL, tier: 'priority', meters: ['output'] }],
    [`batch | ${SOL}, input`, { model: SOL, tier: 'batch', meters: ['input'] }],
    ['gpt-realtime-2.1 audio, cached input', { model: 'gpt-realtime-2.1', meters: ['cache_read_audio'] }],
    ['gpt-image-2.5-flare image, output', { model: 'gpt-image-2.5-flare', meters: ['output_image'] }],
    [`${SOL}, cache writes, 12h`, { model: SOL, meters: ['cache_write_12h'] }],
    ['ft:gpt-4o-2024-08-06:Acme::x, Input', { model: 'ft:gpt-4o-2024-08-06:Acme::x', meters: ['input'] }],
    ['ft:gpt-4o-2024-08-06:acme:tax-credit:x, output', { kind: 'usage', meters: ['output'] }],
    ['whisper-1, audio', { model: 'whisper-1', meters: null }],
    ['web search tool calls', { model: null, meters: ['web_search'], kind: 'usage' }],
    ['Vector store storage', { model: null, meters: null, kind: 'account' }],
    ['Promotional credit', { model: null, kind: 'credit' }],
    ['VAT 19%', { model: null, kind: 'tax' }],
    ['Free daily tokens', { model: null, kind: 'free_allowance' }],
  ])('the line item "%s" is understood', (item, expected) => {
    expect(openAi(openAiCosts(cost('1', item))).costs[0]).toMatchObject(expected)
  })

  test('results from before input_uncached_tokens existed are taken apart by subtraction', () => {
    const result = `{"object":"organization.usage.completions.result","input_tokens":5000,"output_tokens":1000,"input_cached_tokens":4000,"input_audio_tokens":300,"num_model_requests":5,"model":"gpt-4o","service_tier":null}`
    const { usage } = openAi(openAiCosts(result))
    expect(usage.map(({ meter, tier, quantity }) => [meter, tier, quantity])).toEqual([
      ['input', null, 700n],
      ['input_audio', null, 300n],
      ['cache_read', null, 4000n],
      ['output', null, 1000n],
    ])
  })

  test('unknown keys of known objects are ignored and listed', () => {
    const result = cost('1').replace('"line_item"', '"surprise":{"a":1},"line_item"')
    expect(openAi(openAiCosts(`${result},${result.replace('input"', 'output"')}`, ',"trace":1')).notes).toEqual([
      { file: 'costs.json', what: 'unknown key "trace" of a page ignored', times: 1 },
      { file: 'costs.json', what: 'unknown key "surprise" of organization.costs.result ignored', times: 2 },
    ])
  })
})

describe('Anthropic exports', () => {
  test('API amounts are in cents and console amounts in dollars', () => {
    const api = fixtureExport('anthropic', 'anthropic-cost.json').costs
    const csv = fixtureExport('anthropic', 'anthropic-console-cost.csv').costs
    expect(formatQuecto(api[0]?.amount ?? 0n)).toBe('8.000604')
    expect(formatQuecto(csv[0]?.amount ?? 0n)).toBe('8')
    expect(csv.map(({ tier, meters }) => ({ tier, meters }))).toEqual(api.map(({ tier, meters }) => ({ tier, meters })))
    expect(csv[0]?.model).toBe('claude-opus-5-5')
  })

  test('the cents string "123.78912" is $1.2378912', () => {
    const text = `[{"starting_at":"2026-11-03T00:00:00Z","ending_at":"2026-11-04T00:00:00Z","results":[{"amount":"123.78912","currency":"USD","model":"${HAIKU}","cost_type":"tokens","token_type":"output_tokens","description":"x"}]}]`
    const { costs } = parseProviderExport('anthropic', [{ name: 'cost.json', text }])
    expect(costs.map(({ amount }) => formatQuecto(amount))).toEqual(['1.2378912'])
  })

  test('usage has writes by lifetime and web searches, the same from the API and the console', () => {
    const { usage } = fixtureExport('anthropic', 'anthropic-usage.json')
    const opus = usage.filter(({ model, tier }) => model === OPUS && tier === 'standard')
    expect(Object.fromEntries(opus.map(({ meter, quantity }) => [meter, quantity]))).toEqual({
      input: 2_000_151n,
      cache_read: 5_000_303n,
      cache_write_5m: 400_007n,
      cache_write_1h: 100_003n,
      output: 300_011n,
      web_search: 17n,
    })
    const console = fixtureExport('anthropic', 'anthropic-console-usage.csv').usage
    expect(console.map((line) => ({ ...line, project: null }))).toEqual(
      usage.map((line) => ({ ...line, project: null })),
    )
  })
})

describe('refused exports', () => {
  test('every problem of every file is reported with file and path, and nothing is returned', () => {
    const bad = `${cost('"1.2.3"')},${cost('1').replace('"usd"', '"eur"')},${cost('1').replace(`"${SOL}, input"`, 'null')}`
    const { message, problems } = refusalOf(() =>
      parseProviderExport('openai', [
        { name: 'a.json', text: openAiCosts(bad) },
        { name: 'b.json', text: '{"object":' },
        { name: 'c.csv', text: 'start_time,end_time,amount_value\n1793664000,1793750400\n' },
        { name: 'd.csv', text: 'day,dollars\n2026-11-03,1\n' },
      ]),
    )
    expect(problems.map(({ file, path }) => [file, path])).toEqual([
      ['a.json', 'data[0].results[0].amount.value'],
      ['a.json', 'data[0].results[1].amount.currency'],
      ['a.json', 'data[0].results[2]'],
      ['b.json', ''],
      ['c.csv', 'line 2'],
      ['d.csv', 'line 1'],
    ])
    for (const { what } of problems) expect(message).toContain(what)
  })

  test.each([
    ['a bucket over midnight', openAiCosts(cost('1')).replace('1793750400', '1793750401'), 'inside one UTC day'],
    [
      'usage without model',
      openAiCosts('{"object":"organization.usage.completions.result","input_tokens":1,"output_tokens":1}'),
      'usage without model',
    ],
    [
      'figures that contradict each other',
      openAiCosts(
        '{"object":"organization.usage.completions.result","input_tokens":10,"input_uncached_tokens":4,"input_cached_tokens":5,"output_tokens":1,"model":"m"}',
      ),
      'is 9',
    ],
    [
      'parts that exceed their whole',
      openAiCosts(
        '{"object":"organization.usage.completions.result","input_tokens":10,"input_audio_tokens":11,"output_tokens":1,"model":"m"}',
      ),
      'input would be -1',
    ],
    [
      'a negative quantity',
      openAiCosts('{"object":"organization.usage.completions.result","input_tokens":-1,"output_tokens":1,"model":"m"}'),
      'a whole number',
    ],
    ['an export that was cut off', openAiCosts(cost('1')).replace('false', 'true'), 'before its last page'],
    [
      'something else',
      '{"data":[{"start_time":1793664000,"end_time":1793750400,"results":[{"object":"chat.completion"}]}]}',
      'no result of the usage or costs API',
    ],
    ['nothing', '[]', 'no usage and no cost'],
    ['more digits than are kept', openAiCosts(cost('0.0000000000000000000000000000001')), 'at most 30 decimals'],
  ])('%s is refused', (_what, text, message) => {
    expect(refusalOf(() => openAi(text)).message).toContain(message)
  })

  test('a page that is given twice is refused, because it would count twice', () => {
    const text = openAiCosts(cost('1'))
    const files = [
      { name: 'a.json', text },
      { name: 'b.json', text },
    ]
    expect(refusalOf(() => parseProviderExport('openai', files)).message).toContain('already in a.json')
  })

  test('pages saved to a file each are one export, in any order', () => {
    const first = openAiCosts(cost('1')).replace('false', 'true')
    const last = openAiCosts(cost('2'))
      .replace('1793664000', '1793750400')
      .replace(':1793750400,"results"', ':1793836800,"results"')
    const files = [first, last].map((text, index) => ({ name: `page-${index}.json`, text }))
    expect(parseProviderExport('openai', files).costs).toHaveLength(2)
    expect(parseProviderExport('openai', files.toReversed()).costs).toHaveLength(2)
    const list = `[${first},${last}]`
    expect(openAi(list).costs).toHaveLength(2)
  })

  test('names that every JavaScript object has are ordinary unknown names', () => {
    const row = 'usage_date_utc,model,token_type,cost_usd,constructor\n2026-11-03,Claude Opus 5.5,constructor,1.00,x\n'
    const { costs, notes } = parseProviderExport('anthropic', [{ name: 'c.csv', text: row }])
    expect(costs).toMatchObject([{ meters: null }])
    expect(notes).toHaveLength(2)
    expect(refusalOf(() => openAi(openAiCosts('{"object":"constructor"}'))).message).toContain('no result of')
  })

  test('an unfinished quote in a CSV is refused', () => {
    expect(refusalOf(() => openAi('start_time,amount_value\n1,"2\n')).message).toContain('quoted cell')
  })
})
