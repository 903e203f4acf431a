import { OPEN_END, type PriceRow, withoutRow } from '@outlay/pricing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inEveryKpi, readKpiMoney, SOFT_CAPPED } from '../harness/kpi-money.ts'
import { type CallSpec, entriesFor } from '../harness/ledger-rows.ts'
import {
  addPrices,
  changeBook,
  listedInput,
  loadPrices,
  postCalls,
  seconds,
  startTestLedger,
  type TestLedger,
} from '../harness/test-ledger.ts'

/**
 * The edges of everything that a price depends on, each side a tenant of its own, read from all eight KPIs. One million
 * input tokens and 100,000 output tokens of gpt-5 cost 1.25 + 1 by the list, and m = 10 ÷ 1.25.
 */
const LISTED = inEveryKpi('2.25', 1_800_000)
/** The same with input at 2.50: m = 4. */
const DEARER = inEveryKpi('3.5', 1_400_000)

let ledger: TestLedger
let database: string
beforeAll(async () => {
  ledger = await startTestLedger()
  database = await ledger.createDatabase(['openai', 'deepseek'])
  await postCalls(ledger, database, entriesFor(ledger.book, CALLS), 'calls')
})
afterAll(() => ledger.close())

interface EdgeCall extends Pick<CallSpec, 'model' | 'provider' | 'meters'> {
  readonly tenant: string
  readonly at: string
}

const gpt5 = (tenant: string, at: string): EdgeCall => ({
  tenant,
  at,
  model: 'gpt-5',
  meters: { input: 1_000_000, output: 100_000 },
})
const long = (tenant: string, input: number): EdgeCall => ({
  tenant,
  at: '2026-10-10T00:00:00Z',
  model: 'gpt-6.1-sol',
  meters: { input },
})
/** Monday 2026-10-12; peak is 01:00 to 04:00 and 06:00 to 10:00 UTC. */
const deepseek = (tenant: string, time: string): EdgeCall => ({
  tenant,
  at: `2026-10-12T${time}Z`,
  provider: 'deepseek',
  model: 'deepseek-flash',
  meters: { input: 1_000_000 },
})

const EDGES: readonly EdgeCall[] = [
  gpt5('change-before', '2026-10-14T23:59:59.999Z'),
  gpt5('change-after', '2026-10-15T00:00:00.000Z'),
  gpt5('half-hour-before', '2026-10-05T04:29:59.999Z'),
  gpt5('half-hour-first', '2026-10-05T04:30:00.000Z'),
  gpt5('half-hour-last', '2026-10-05T04:59:59.999Z'),
  gpt5('half-hour-after', '2026-10-05T05:00:00.000Z'),
  gpt5('scheduled-before', '2026-10-24T23:59:59.999Z'),
  gpt5('scheduled-after', '2026-10-25T00:00:00.000Z'),
  long('band-at-edge', 272_000),
  long('band-over-edge', 272_001),
  deepseek('peak-before', '00:59:59.999'),
  deepseek('peak-first', '01:00:00.000'),
  deepseek('peak-last', '03:59:59.999'),
  deepseek('peak-after', '04:00:00.000'),
]

const CALLS: readonly CallSpec[] = EDGES.map(({ tenant, ...call }, index) => ({
  ...SOFT_CAPPED,
  ...call,
  id: index + 1,
  attribution: { ...SOFT_CAPPED.attribution, tenant, user: `h_${tenant}`, task: tenant },
}))

const money = (tenant: string, book = 'current') =>
  readKpiMoney(ledger, database, { tenant, book, from: seconds('2026-10-01'), to: seconds('2026-11-01') })

const dearerInput = (from: string, to?: string): PriceRow => {
  const listed = listedInput(ledger)
  const window = { validFrom: seconds(from), validTo: to === undefined ? OPEN_END : seconds(to) }
  return { ...listed, ...window, price: '2.5', fusd: 2_500_000_000n }
}

describe('in every KPI', () => {
  test('a price change is told apart to the last millisecond before it and the first instant of it', async () => {
    await addPrices(ledger, database, [dearerInput('2026-10-15', '2026-10-20')])
    await loadPrices(ledger, database)
    expect(await money('change-before')).toEqual(LISTED)
    expect(await money('change-after')).toEqual(DEARER)
  })

  test('a window of half an hour holds for that half hour', async () => {
    await addPrices(ledger, database, [dearerInput('2026-10-05T04:30:00Z', '2026-10-05T05:00:00Z')])
    await loadPrices(ledger, database)
    expect(await money('half-hour-before')).toEqual(LISTED)
    expect(await money('half-hour-first')).toEqual(DEARER)
    expect(await money('half-hour-last')).toEqual(DEARER)
    expect(await money('half-hour-after')).toEqual(LISTED)
  })

  test('a correction recorded later changes what is known now, and not what was known before it', async () => {
    expect(await money('change-after', 'r1')).toEqual(LISTED)
    expect(await money('change-after', 'r2')).toEqual(DEARER)
    expect(await money('half-hour-first', 'r2')).toEqual(LISTED)
    expect(await money('half-hour-first', 'r3')).toEqual(DEARER)
  })

  test('a scheduled price that is cancelled was expected then and is not charged now', async () => {
    const scheduled = await addPrices(ledger, database, [dearerInput('2026-10-25')])
    const cancelled = await changeBook(ledger, database, ({ recorded, latest }) => {
      const row = recorded.rows.find(
        ({ fact, revision, supersededIn }) =>
          revision === scheduled && supersededIn === 0 && fact.validFrom === seconds('2026-10-25'),
      )
      return withoutRow(recorded, latest, { rowId: row?.rowId ?? 0n }).next
    })
    await loadPrices(ledger, database)
    expect(await money('scheduled-before', `r${scheduled}`)).toEqual(LISTED)
    expect(await money('scheduled-after', `r${scheduled}`)).toEqual(DEARER)
    expect(await money('scheduled-after', `r${cancelled}`)).toEqual(LISTED)
    expect(await money('scheduled-after')).toEqual(LISTED)
  })

  test('a prompt at the threshold is short and one token more moves the whole call', async () => {
    // gpt-6.1-sol: 2 per million up to 272,000 tokens, 4 above.
    expect(await money('band-at-edge')).toEqual(inEveryKpi('0.544', 272_000))
    expect(await money('band-over-edge')).toEqual(inEveryKpi('1.088004', 272_001))
  })

  test('peak hours begin and end on their instants', async () => {
    // deepseek-flash: 0.15 off-peak, 0.30 in the peak.
    expect(await money('peak-before')).toEqual(inEveryKpi('0.15', 1_000_000))
    expect(await money('peak-first')).toEqual(inEveryKpi('0.3', 1_000_000))
    expect(await money('peak-last')).toEqual(inEveryKpi('0.3', 1_000_000))
    expect(await money('peak-after')).toEqual(inEveryKpi('0.15', 1_000_000))
  })
})
