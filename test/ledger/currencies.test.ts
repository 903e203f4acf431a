import { fxRatesTable, writeRows } from '@outlay/clickhouse'
import { formatUsd, parseDecimal, parseUsd } from '@outlay/core'
import { convertFemto, type FxRate, withContract } from '@outlay/pricing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { entriesFor } from '../harness/ledger-rows.ts'
import {
  changeBook,
  loadPrices,
  postCalls,
  readView,
  seconds,
  startTestLedger,
  type TestLedger,
} from '../harness/test-ledger.ts'

let ledger: TestLedger
beforeAll(async () => {
  ledger = await startTestLedger()
})
afterAll(() => ledger.close())

const OCTOBER = { from_time: seconds('2026-10-01'), to_time: seconds('2026-11-01') }
const DAY_MS = 86_400_000

interface CurrencyRow {
  readonly day: string
  readonly currency: string
  readonly amount: string
  readonly rate: string | null
  readonly rate_pair: string
  readonly rate_day: string
  readonly rate_source: string
  readonly converted: string | null
  readonly calls: string
  readonly unpriced_calls: string
}

/** acme has agreed on yuan for gpt-5: 9 per million input tokens. */
const YUAN = {
  card: 'tenant:acme',
  file: 'acme.yaml',
  text: `format: outlay-prices/1
edition: "2026-11-21"
currency: CNY
card: "tenant:acme"
sources: {signed: {url: "https://example.test/contract", checked_at: "2026-10-01"}}
models:
- provider: openai
  model: gpt-5
  sheets:
  - {tier: standard, src: signed, grade: A, cells: {input: "9"}}
`,
}

const loadRates = (database: string, rates: readonly FxRate[]): Promise<void> =>
  writeRows(ledger.client, database, fxRatesTable, {
    rows: rates.map((rate) => ({
      base: rate.base,
      quote: rate.quote,
      day: Date.parse(rate.day) / DAY_MS,
      rate: parseDecimal(rate.rate, 9),
      source: rate.source,
    })),
    token: JSON.stringify(rates),
  })

const databaseWith = async (calls: readonly { tenant: string; at: string; input: number }[]): Promise<string> => {
  const database = await ledger.createDatabase(['openai'])
  await changeBook(ledger, database, ({ recorded, latest }) => withContract(recorded, latest, YUAN))
  const specs = calls.map(({ tenant, at, input }, index) => ({
    id: index + 1,
    at,
    model: 'gpt-5',
    meters: { input },
    attribution: { tenant, task: `t${index}` },
  }))
  await postCalls(ledger, database, entriesFor(ledger.book, specs), 'calls')
  await loadPrices(ledger, database)
  return database
}

const spendIn = (database: string, currency: string): Promise<CurrencyRow[]> =>
  readView<CurrencyRow>(ledger, database, 'kpi_spend_by_currency', { ...OCTOBER, currency })

const MILLION = 1_000_000

describe('a sheet in another currency', () => {
  test('is never added to dollars: views show it as not priced, and its amount stands beside, at the rate of its day', async () => {
    const database = await databaseWith([
      { tenant: 'acme', at: '2026-10-05T10:00:00Z', input: MILLION },
      { tenant: 'globex', at: '2026-10-05T10:00:00Z', input: MILLION },
    ])
    await loadRates(database, [
      { base: 'CNY', quote: 'USD', day: '2026-10-03', rate: '0.14', source: 'bank' },
      { base: 'CNY', quote: 'USD', day: '2026-10-06', rate: '0.15', source: 'bank' },
      { base: 'EUR', quote: 'USD', day: '2026-10-01', rate: '1.08', source: 'ECB' },
    ])
    const [headline] = await readView(ledger, database, 'kpi_headline', OCTOBER)
    expect(headline).toMatchObject({ spend_usd: '1.25', calls: '2', unpriced_calls: '1' })

    const yuan = { day: '2026-10-05', currency: 'CNY', amount: '9', calls: '1', unpriced_calls: '0' }
    const dollars = { day: '2026-10-05', currency: 'USD', amount: '1.25', calls: '1', unpriced_calls: '0' }
    const ownRate = { rate: null, rate_pair: '', rate_day: '', rate_source: '' }
    expect(await spendIn(database, 'USD')).toEqual([
      { ...yuan, rate: '0.14', rate_pair: 'CNYUSD', rate_day: '2026-10-03', rate_source: 'bank', converted: '1.26' },
      { ...dollars, ...ownRate, converted: '1.25' },
    ])
    // 1.25 ÷ 1.08, and no rate leads from yuan to euro.
    expect(await spendIn(database, 'EUR')).toEqual([
      { ...yuan, ...ownRate, converted: null },
      {
        ...dollars,
        rate: '1.08',
        rate_pair: 'EURUSD',
        rate_day: '2026-10-01',
        rate_source: 'ECB',
        converted: '1.157407407407407',
      },
    ])
  })

  test('is converted by SQL as by the resolver, to the last digit', async () => {
    const calls = fc.sample(
      fc.record({
        tenant: fc.constantFrom('acme', 'globex'),
        at: fc.integer({ min: 1, max: 28 }).map((day) => `2026-10-${String(day).padStart(2, '0')}T10:00:00Z`),
        input: fc.integer({ min: 1, max: 10_000_000 }),
      }),
      60,
    )
    const rates = fc.sample(
      fc.record({
        base: fc.constantFrom('CNY', 'USD', 'EUR'),
        quote: fc.constantFrom('CNY', 'USD', 'EUR'),
        day: fc.integer({ min: 1, max: 28 }).map((day) => `2026-10-${String(day).padStart(2, '0')}`),
        rate: fc.integer({ min: 1, max: 9_999_999_999 }).map((nanos) => (nanos / 1e9).toFixed(9)),
        source: fc.constant('random'),
      }),
      40,
    )
    // One rate per pair and day: which of two holds is decided by load time, which is not what is tested here.
    const known = [
      ...new Map(rates.map((rate) => [[rate.base, rate.quote].toSorted().join() + rate.day, rate])).values(),
    ]
    const usable = known.filter(({ base, quote }) => base !== quote)
    const database = await databaseWith(calls)
    await loadRates(database, usable)
    for (const currency of ['USD', 'EUR', 'CNY']) {
      for (const row of await spendIn(database, currency)) {
        const amount = { femto: parseUsd(row.amount), currency: row.currency, day: row.day }
        const expected = convertFemto(amount, currency, usable)
        expect([row, row.converted]).toEqual([row, expected === undefined ? null : formatUsd(expected.femto)])
        expect(row.rate_day).toBe(expected?.rate?.day ?? '')
      }
    }
  })
})
