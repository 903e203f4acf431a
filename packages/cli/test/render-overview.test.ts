import { describe, expect, test } from 'vitest'
import type { KpiOverview, KpiRow } from '../src/screen/kpi-overview.ts'
import { totalsByCurrency } from '../src/screen/spend-by-currency.ts'
import { renderOverview } from '../src/screen/render-overview.ts'

const row = (over: Partial<KpiRow>): KpiRow => ({
  kpi: 1,
  name: 'task_cost',
  title: 'Per-task cost',
  headline: 0.5,
  headline_usd: '0.5',
  unit: 'usd',
  meaning: 'cost per task, median',
  band: 'ok',
  band_of: 'effective tokens',
  lever: 'routing',
  unpriced_calls: '0',
  priced_share: 1,
  ...over,
})

const overview = (over: Partial<KpiOverview>): KpiOverview => ({
  database: 'outlay',
  from: '2026-10-01T00:00:00.000Z',
  to: '2026-11-01T00:00:00.000Z',
  book: 'current',
  kpis: [row({})],
  headline: {
    spend_usd: '12.4',
    month_usd: '12.4',
    calls: '40',
    unpriced_calls: '37',
    priced_share: 0.075,
    priced_share_band: 'act',
    unattributed_calls: '2',
    unattributed_share: 0.047,
    unattributed_share_band: 'act',
    ingest_lag_p99_s: 1.25,
    ingest_lag_p99_s_band: 'ok',
    budget_actions_today: '3',
  },
  unpriced: [],
  currency: 'USD',
  currencies: [],
  ...over,
})

const plain = (over: Partial<KpiOverview>): string => renderOverview(overview(over), { color: false })

describe('the KPI screen', () => {
  test('says what a total does not contain, beside the total', () => {
    expect(plain({})).toContain('Spend $12.40 + 37 charges not priced over 40 calls')
  })

  test('shows no price where there is none, never zero dollars', () => {
    const text = plain({ kpis: [row({ headline: null, headline_usd: null, priced_share: 0, unpriced_calls: '37' })] })
    expect(text).toContain('no price')
    expect(text).not.toContain('$0.00')
  })

  test.each([
    ['ok', '● ok'],
    ['watch', '◐ watch'],
    ['warn', '▲ warn'],
    ['act', '■ act'],
    ['low', '▽ low'],
    ['none', 'no band'],
  ])('a verdict of %s reads %s without any colour', (band, text) => {
    expect(plain({ kpis: [row({ band })] })).toContain(text)
  })

  test('lists what has no price, and how many more there are', () => {
    const unpriced = Array.from({ length: 7 }, (_, index) => ({
      provider: 'openai',
      model: `made-up-${index}`,
      tier: 'standard',
      meter: 'input',
      tokens: '5000',
      unpriced_calls: '1',
      first_seen: '2026-10-05 10:00:00',
      last_seen: '2026-10-05 10:00:00',
    }))
    const text = plain({ unpriced })
    expect(text).toContain('openai / made-up-0 · input: 5000 units in 1 charges')
    expect(text).toContain('… and 2 more')
  })

  test('shows spend on sheets in another currency on a line of its own, with the rates that were used', () => {
    const line = { rate: null, rate_pair: '', rate_day: '', rate_source: '', calls: '1', unpriced_calls: '0' }
    const bank = { rate: '0.14', rate_pair: 'CNYUSD', rate_day: '2026-10-03', rate_source: 'bank' }
    const yuan = totalsByCurrency(
      [
        { ...line, day: '2026-10-05', currency: 'USD', amount: '1.25' },
        { ...line, ...bank, day: '2026-10-05', currency: 'CNY', amount: '9' },
        { ...line, ...bank, day: '2026-10-06', currency: 'CNY', amount: '0.000000000000001', unpriced_calls: '2' },
      ],
      'USD',
    )
    const text = plain({ currencies: yuan })
    expect(text).toContain('Spend on USD sheets: USD 1.25\n')
    expect(text).toContain(
      'Spend on CNY sheets: CNY 9.00 + 2 charges not priced = USD 1.26 at CNYUSD 0.14 of 2026-10-03 (bank)',
    )
    expect(yuan[1]?.converted).toBe('1.26')
    const euro = totalsByCurrency([{ ...line, day: '2026-10-05', currency: 'USD', amount: '1.25' }], 'EUR')
    expect(plain({ currency: 'EUR', currencies: euro })).toContain('Spend on USD sheets: USD 1.25 · no rate to EUR')
    expect(plain({})).not.toContain('sheets')
  })
})
