import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type BookData,
  buildPriceWindows,
  compileContracts,
  contractCardsOf,
  flattenBook,
  loadPackagedBook,
  PriceBookError,
  type PriceBookProblem,
  type PriceScope,
  priceUsage,
  skuIdOf,
  type SkuParts,
} from '#src/index.ts'
import { at, compile, model } from '../books.ts'

const list = compile(
  model({
    sheets: [
      '{tier: standard, src: page, grade: A, gt: [32000], cells: {input: ["1", "2"], output: "4", web_search: "10"}}',
    ],
    derive: [
      '{tier: batch, of: standard, times: "0.5", src: page, grade: A}',
      '{regions: [us], times: "1.1", src: page, grade: A}',
    ],
  }),
)

const contract = (body: string, card = 'tenant:acme') => ({
  file: 'contract.yaml',
  text: `format: outlay-prices/1
edition: "2026-11-21"
currency: USD
card: "${card}"
sources: {signed: {url: "https://example.test/contract", checked_at: "2026-10-01"}}
${body}
`,
})

const RULE = 'rules: [{discount: "0.12", src: signed, grade: A}]'

const sku = (change: Partial<SkuParts> = {}): SkuParts => ({
  provider: 'acme',
  model: 'one',
  region: '',
  tier: 'standard',
  promptBand: 0,
  ...change,
})

const DOLLAR = 10n ** 15n
const usage = { input: 1_000_000, output: 1_000_000, web_search: 1000 }

/** Cents of one million input and output tokens and a thousand searches; null without a price. */
const centsOf = (
  book: BookData,
  change: Partial<SkuParts> = {},
  slot = '2026-11-01',
  used: object = usage,
): number | null => {
  const { costFemto } = priceUsage(book, { parts: sku(change), slot: at(slot), usage: used })
  return costFemto === undefined ? null : Number((costFemto * 100n) / DOLLAR)
}

const bookOf = (body: string, scope: PriceScope = { tenant: 'acme' }): BookData =>
  flattenBook(compileContracts([contract(body)], list), scope)

const problemsOf = (body: string, card?: string): readonly PriceBookProblem[] => {
  try {
    compileContracts([contract(body, card)], list)
  } catch (error) {
    if (error instanceof PriceBookError) return error.problems
    throw error
  }
  return []
}

describe('a discount', () => {
  test('is taken from token meters after tier and region, and never from call meters', () => {
    const book = bookOf(RULE)
    expect(centsOf(book)).toBe(88 + 352 + 1000)
    expect(centsOf(book, { tier: 'batch' })).toBe(44 + 176 + 1000)
    expect(centsOf(book, { region: 'us' }, '2026-11-01', { input: 10_000_000 })).toBe(968)
  })

  test('touches a call meter if it says so', () => {
    const book = bookOf('rules: [{discount: "0.5", meters: [web_search], src: signed, grade: A}]')
    expect(centsOf(book)).toBe(100 + 400 + 500)
  })

  test('reaches every band', () => {
    expect(centsOf(bookOf(RULE), { promptBand: 1 })).toBe(176 + 352 + 1000)
  })

  test('holds in its time, and for those tiers, regions and models that it names', () => {
    const filters = 'tiers: [batch], regions: [""], models: [acme/one]'
    const book = bookOf(
      `rules: [{multiplier: "0.5", ${filters}, from: "2026-10-01", to: "2026-11-01", src: signed, grade: A}]`,
    )
    expect(centsOf(book, { tier: 'batch' }, '2026-10-31T23:30:00Z')).toBe(25 + 100 + 1000)
    expect(centsOf(book, { tier: 'batch' }, '2026-11-01')).toBe(50 + 200 + 1000)
    expect(centsOf(book, { tier: 'standard' }, '2026-10-15')).toBe(1500)
    expect(centsOf(book, { tier: 'batch', region: 'us' }, '2026-10-15')).toBe(55 + 220 + 1000)
  })

  test('says in every row what it is', () => {
    const rows = bookOf(RULE).rows.filter(
      ({ tier, region, meter }) => tier === 'batch' && region === '' && meter === 'output',
    )
    expect(rows.map((row) => [row.card, row.price, row.derivedFrom, row.source])).toEqual([
      ['tenant:acme', '1.76', '× 0.5 of standard, − 0.12 of list', 'signed'],
      ['tenant:acme', '1.76', '× 0.5 of standard, − 0.12 of list', 'signed'],
    ])
  })
})

describe('cells of a contract', () => {
  const models = (cells: string, more = '') => `${more}
models:
- {provider: acme, model: one, from: "2026-10-01", sheets: [{tier: standard, src: signed, grade: A, ${cells}}]}`

  test('replace the whole sheet in their time: what they leave out has no price', () => {
    const book = bookOf(models('cells: {input: "0.5"}'))
    expect(centsOf(book, {}, '2026-11-01', { input: 1_000_000 })).toBe(50)
    expect(centsOf(book)).toBeNull()
    expect(centsOf(book, {}, '2026-09-30T23:30:00Z')).toBe(1500)
    expect(centsOf(book, { tier: 'batch' })).toBe(50 + 200 + 1000)
  })

  test('replace cell by cell with merge', () => {
    const book = bookOf(models('gt: [32000], cells: {input: "0.5"}', 'merge: true'))
    expect(centsOf(book)).toBe(50 + 400 + 1000)
    expect(centsOf(book, { promptBand: 1 })).toBe(50 + 400 + 1000)
  })

  test('win over a discount of the same card', () => {
    const book = bookOf(models('gt: [32000], cells: {input: "0.5"}', `merge: true\n${RULE}`))
    expect(centsOf(book)).toBe(50 + 352 + 1000)
    expect(centsOf(book, { tier: 'batch' })).toBe(44 + 176 + 1000)
  })
})

describe('whose price', () => {
  const both = compileContracts(
    [
      contract('rules: [{multiplier: "0.8", src: signed, grade: A}]', 'org:acme'),
      contract('base: org:acme\nrules: [{multiplier: "0.5", tiers: [batch], src: signed, grade: A}]', 'tenant:east'),
    ],
    list,
  )

  test('tenant before organisation before list, sheet by sheet', () => {
    const east = flattenBook(both, { organisation: 'acme', tenant: 'east' })
    expect(centsOf(east)).toBe(80 + 320 + 1000)
    expect(centsOf(east, { tier: 'batch' })).toBe(20 + 80 + 1000)
    expect(centsOf(flattenBook(both, { organisation: 'acme' }), { tier: 'batch' })).toBe(40 + 160 + 1000)
  })

  test('without a contract it is the list, also when the book holds those of others', () => {
    expect(centsOf(flattenBook(both, { tenant: 'nobody' }))).toBe(1500)
    expect(centsOf(both)).toBe(1500)
    expect(contractCardsOf(both)).toEqual(['org:acme', 'tenant:east'])
  })

  test('windows of a flattened book equal the resolver', () => {
    const east = flattenBook(both, { organisation: 'acme', tenant: 'east' })
    const tiers = ['standard', 'batch', 'flex']
    fc.assert(
      fc.property(
        fc.constantFrom(...tiers),
        fc.nat(3),
        fc.integer({ min: 0, max: 2_000_000_000 }),
        (tier, promptBand, seconds) => {
          const parts = sku({ tier, promptBand })
          const slot = seconds - (seconds % 1800)
          const windows = buildPriceWindows(east, [{ sku: skuIdOf(parts), ...parts }], { book: 'tenant:east' })
          const window = windows.find(({ from, to }) => from <= slot && slot < to)
          const { costFemto } = priceUsage(east, { parts, slot, usage: { input: 7 } })
          expect(window?.fusd.input === undefined ? undefined : window.fusd.input * 7n).toBe(costFemto)
        },
      ),
    )
  })

  test('the operator’s names win over ours, for every scope', () => {
    const names = contract('models: [{provider: acme, model: one, names: {exact: [prod-chat]}}]', 'operator')
    const book = compileContracts([names], list)
    expect(centsOf(book, { model: 'prod-chat' })).toBeNull()
    expect(centsOf(flattenBook(book, {}), { model: 'prod-chat' })).toBe(1500)
    expect(centsOf(flattenBook(book, { tenant: 'x' }), { model: 'prod-chat' })).toBe(1500)
  })

  test('a tenant’s own name is nobody else’s', () => {
    const names = contract('models: [{provider: acme, model: one, names: {exact: [prod-chat]}}]')
    const book = compileContracts([names], list)
    expect(centsOf(flattenBook(book, { tenant: 'acme' }), { model: 'prod-chat' })).toBe(1500)
    expect(centsOf(flattenBook(book, { tenant: 'other' }), { model: 'prod-chat' })).toBeNull()
  })
})

test('a discount on the whole packaged list leaves nothing unpriced that the list prices', () => {
  const packaged = loadPackagedBook()
  const rule =
    'rules: [{multiplier: "0.5", models: [anthropic/claude-opus-5, deepseek/deepseek-v4-pro, openai/gpt-5.4], src: signed, grade: A}]'
  const book = flattenBook(compileContracts([contract(rule)], packaged), { tenant: 'acme' })
  const places = (data: BookData): Set<string> =>
    new Set(data.rows.map((row) => [row.provider, row.model, row.region, row.tier, row.band, row.meter].join()))
  expect(places(book)).toEqual(places(packaged))
})

describe('an assumption of a card', () => {
  const packaged = loadPackagedBook()
  const parts = { provider: 'anthropic', model: 'claude-opus-5', region: '', tier: 'standard', promptBand: 0 }
  const asked = { parts, slot: at('2026-11-01'), usage: { input: 1_000_000, cache_write_unknown: 1_000_000 } }
  const assumed = compileContracts([contract('assume: {cache_write_unknown: cache_write_5m}')], packaged)

  test('prices what would stay unpriced, for those who made it, and says so', () => {
    expect(priceUsage(flattenBook(assumed, {}), asked).missing).toEqual(['cache_write_unknown'])
    const priced = priceUsage(flattenBook(assumed, { tenant: 'acme' }), asked)
    expect(priced.costFemto).toBe((5n * DOLLAR * 225n) / 100n)
    expect(priced.lines.map(({ meter, derivedFrom }) => [meter, derivedFrom])).toEqual([
      ['input', 'as list'],
      ['cache_write_unknown', 'assumption'],
    ])
  })

  test('leaves alone what has a price', () => {
    const own = assumed.rows.filter(({ card }) => card === 'tenant:acme')
    const listed = packaged.rows.filter(({ meter }) => meter === 'cache_write_unknown')
    const rewritten = own.filter(
      ({ meter, derivedFrom }) => meter === 'cache_write_unknown' && derivedFrom === 'assumption',
    )
    const placeOf = ({ provider, model: id, region, tier, band }: BookData['rows'][number]): string =>
      [provider, id, region, tier, band].join()
    const alwaysListed = new Set(
      listed.filter(({ validFrom, validTo }) => validFrom === 0 && validTo > at('2100-01-01')).map(placeOf),
    )
    expect(rewritten.length).toBeGreaterThan(10)
    expect(rewritten.filter((row) => alwaysListed.has(placeOf(row)))).toEqual([])
  })
})

describe('a contract is refused for', () => {
  test.each([
    [
      'a product that is not exact',
      'rules: [{multiplier: "0.333333333", regions: [us], src: signed, grade: A}]',
      'E_DECIMALS',
    ],
    ['a rule that says nothing', 'rules: [{src: signed, grade: A}]', 'E_RULE'],
    ['a discount and a multiplier', 'rules: [{discount: "0.1", multiplier: "0.9", src: signed, grade: A}]', 'E_RULE'],
    ['a discount above 1', 'rules: [{discount: "1.1", src: signed, grade: A}]', 'E_RULE'],
    [
      'a rule that concerns no price',
      'rules: [{discount: "0.1", models: [acme/two], src: signed, grade: A}]',
      'E_RULE',
    ],
    [
      'two rules for one price',
      `rules: [{discount: "0.1", src: signed, grade: A}, {discount: "0.2", src: signed, grade: A}]`,
      'E_OVERLAP',
    ],
    ['a source that is not listed', 'rules: [{discount: "0.1", src: talk, grade: A}]', 'E_UNKNOWN_SOURCE'],
    ['a rule without a grade', 'rules: [{discount: "0.1", src: signed}]', 'E_NO_PROVENANCE'],
    ['a base that does not exist', `base: org:nobody\n${RULE}`, 'E_CARD'],
    [
      'a model that nobody lists',
      'models: [{provider: acme, model: two, sheets: [{tier: standard, src: signed, grade: A, cells: {input: "1"}}]}]',
      'E_UNKNOWN_MODEL',
    ],
  ])('%s', (_, body, code) => {
    expect(problemsOf(body).map((problem) => problem.code)).toContain(code)
    expect(problemsOf(body)[0]?.where).toMatch(/^contract\.yaml:\d+$|·/)
  })

  test('a card of no kind, and prices of the operator', () => {
    expect(problemsOf(RULE, 'friends')[0]?.code).toBe('E_FORMAT')
    const cells =
      'models: [{provider: acme, model: one, sheets: [{tier: standard, src: signed, grade: A, cells: {input: "1"}}]}]'
    expect(problemsOf(cells, 'operator').map(({ code }) => code)).toContain('E_CARD')
  })

  test('being compiled as part of the list', () => {
    expect(() => compile(model(), contract('').text)).toThrow(PriceBookError)
  })
})
