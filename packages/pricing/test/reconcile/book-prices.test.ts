import { describe, expect, test } from 'vitest'
import {
  canonicalModelsOf,
  canonicalTierIn,
  knownPricesOf,
  type LedgerUsage,
  loadPackagedBook,
  OPEN_END,
  type PriceRow,
  withPriceRows,
} from '#src/index.ts'
import { ledgerRow } from './samples.ts'

const packaged = loadPackagedBook()
const at = (iso: string): number => Date.parse(iso) / 1000

const base: PriceRow = {
  rowId: 1n,
  card: 'list',
  provider: 'openai',
  model: 'gpt-x',
  region: '',
  tier: 'standard',
  band: 0,
  meter: 'input',
  currency: 'USD',
  price: '2',
  per: 1_000_000,
  fusd: 2_000_000_000n,
  ninths: 0,
  validFrom: at('2026-10-01'),
  validTo: at('2026-11-01'),
  source: 'test',
  sourceUrl: '',
  checkedAt: '2026-10-01',
  grade: 'A',
  derivedFrom: 'published',
  note: '',
}
const priced = (rowId: bigint, usd: number, change: Partial<PriceRow> = {}): PriceRow => ({
  ...base,
  rowId,
  price: String(usd),
  fusd: BigInt(usd * 1000) * 1_000_000n,
  ...change,
})
const used = (change: Partial<LedgerUsage> = {}): LedgerUsage =>
  ledgerRow({ day: '2026-10-10', model: 'gpt-x', fusd: 2_000_000_000n, row: '', ...change })

const known = (rows: readonly PriceRow[], others: readonly { name: string; rows: readonly PriceRow[] }[] = []) =>
  knownPricesOf(
    [used()],
    { name: 'current', book: { rows: [base, ...rows] } },
    { provider: 'openai', others: others.map(({ name, rows: those }) => ({ name, book: { rows: those } })) },
  )

describe('the row behind a price', () => {
  const rowOf = (usage: LedgerUsage, rows: readonly PriceRow[]): string | undefined =>
    withPriceRows([usage], { name: 'current', book: { rows } }, 'openai')[0]?.row

  test('is found by sheet, meter, price and day', () => {
    expect(rowOf(used(), [base])).toBe(
      'list · openai · gpt-x · standard · input: 2 USD per 1000000 from 2026-10-01 to 2026-11-01',
    )
    expect(rowOf(used({ day: '2026-11-01' }), [base])).toBe('')
    expect(rowOf(used({ fusd: 3n }), [base])).toBe('')
    expect(rowOf(used({ fusd: null }), [base])).toBe('')
  })

  test('says band and card where they are not the usual ones', () => {
    expect(rowOf(used(), [{ ...base, band: 1, card: 'org:acme', validTo: OPEN_END }])).toBe(
      'org:acme · openai · gpt-x · standard · band 1 · input: 2 USD per 1000000 from 2026-10-01',
    )
  })
})

describe('prices that may stand behind an invoice', () => {
  test('the windows right before and right after, for the time of the used one, and no further', () => {
    const rows = [
      priced(2n, 5, { validFrom: at('2026-08-01'), validTo: at('2026-09-01') }),
      priced(3n, 4, { validFrom: at('2026-09-01'), validTo: at('2026-10-01') }),
      priced(4n, 3, { validFrom: at('2026-11-01'), validTo: at('2026-12-01') }),
      priced(5n, 1, { validFrom: at('2026-12-01'), validTo: OPEN_END }),
    ]
    expect(known(rows).map(({ cause, fusd, from, to, set }) => ({ cause, fusd, from, to, set }))).toEqual([
      {
        cause: 'stale_price',
        fusd: 4_000_000_000n,
        from: '2026-10-01',
        to: '2026-11-01',
        set: 'the price before',
      },
      { cause: 'stale_price', fusd: 3_000_000_000n, from: '2026-10-01', to: '2026-11-01', set: 'the price after' },
    ])
  })

  test('other cards are contracts, in the time that both hold', () => {
    const contract = priced(6n, 1.8, { card: 'org:acme', validFrom: at('2026-10-15'), validTo: OPEN_END })
    expect(known([contract])).toMatchObject([
      {
        cause: 'contract',
        fusd: 1_800_000_000n,
        from: '2026-10-15',
        to: '2026-11-01',
        row: 'org:acme · openai · gpt-x · standard · input: 1.8 USD per 1000000 from 2026-10-15',
      },
    ])
  })

  test('other bands, meters, tiers, regions, models and currencies are no candidates', () => {
    const others = [
      { band: 1 },
      { meter: 'output' },
      { tier: 'batch' },
      { region: 'us' },
      { model: 'gpt-y' },
      { currency: 'EUR' },
      { provider: 'azure' },
    ] as const
    const rows = others.map((change, index) => priced(BigInt(10 + index), 9, { ...change, card: 'org:acme' }))
    expect(known(rows)).toEqual([])
  })

  test('what other revisions said of the same time, once per set that says something else', () => {
    const r1 = [priced(7n, 2.5)]
    expect(
      known(
        [],
        [
          { name: 'r1', rows: r1 },
          { name: 'r2', rows: r1 },
          { name: 'r3', rows: [base] },
          { name: 'r4', rows: [priced(8n, 2.2, { validFrom: at('2026-12-01'), validTo: OPEN_END })] },
        ],
      ),
    ).toMatchObject([
      { cause: 'stale_price', fusd: 2_500_000_000n, set: 'r1', row: expect.stringMatching(/book r1\)$/) },
    ])
  })
})

describe('names of the book', () => {
  const modelOf = canonicalModelsOf(packaged, 'openai')

  test('a snapshot means its model, an unknown name itself', () => {
    expect(modelOf('gpt-6.1-sol-2026-09-29', '2026-11-03')).toBe('gpt-6.1-sol')
    expect(modelOf('lab-preview-7', '2026-11-03')).toBe('lab-preview-7')
    expect(canonicalModelsOf(packaged, 'anthropic')('claude-opus-5-5-20260922', '2026-11-03')).toBe('claude-opus-5-5')
  })

  test('a name means what it meant on that day', () => {
    expect(modelOf('gpt-4o', '2024-09-01')).not.toBe(modelOf('gpt-4o', '2026-09-01'))
  })

  test('tiers fold as those of calls do', () => {
    expect(['default', '', 'Fast', 'made-up'].map((tier) => canonicalTierIn(packaged, 'openai', tier))).toEqual([
      'standard',
      'standard',
      'priority',
      'made-up',
    ])
  })
})
