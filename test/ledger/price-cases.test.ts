import { readFileSync } from 'node:fs'
import { METERS, type Meter, type MeterQuantities, parseUsd } from '@outlay/core'
import { askPrice, priceUsage } from '@outlay/pricing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CallSpec, entriesFor } from '../harness/ledger-rows.ts'
import { postCalls, readView, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'

/** The two paths of a price: the resolver in TypeScript, and SQL on the engine after aggregation by (sku, slot). */
interface PriceCase {
  readonly id: string
  readonly title: string
  readonly provider: string
  readonly model: string
  readonly region: string
  readonly tier: string
  readonly at: string
  readonly usage: MeterQuantities
  readonly expected_usd?: string
  readonly expected_status?: string
  readonly missing?: readonly Meter[]
  readonly priced_subtotal_usd?: string
}

const cases = JSON.parse(
  readFileSync(`${import.meta.dirname}/../../packages/pricing/test/fixtures/price-cases.json`, 'utf8'),
) as readonly PriceCase[]

const EVER = { from_time: Date.UTC(2020, 0, 1) / 1_000, to_time: Date.UTC(2100, 0, 1) / 1_000 }
const NINTHS = 9n

const specOf = (
  id: number,
  { provider, model, region, tier, at, usage }: Omit<PriceCase, 'id' | 'title'>,
): CallSpec => {
  // A negative remainder is never stored: the ledger keeps the call as a conflict without meters.
  const invalid = Object.values(usage).some((quantity) => quantity < 0)
  return {
    id,
    at,
    provider,
    model,
    meters: invalid ? {} : usage,
    usageStatus: invalid ? 'conflict' : 'reported',
    selectors: { serviceTier: tier, region },
    attribution: { task: `case-${id}`, feature: `feature-${id}` },
  }
}

let ledger: TestLedger
beforeAll(async () => {
  ledger = await startTestLedger({ databases: 2 })
})
afterAll(() => ledger.close())

interface CostRow {
  readonly task: string
  readonly cost_status: string
  readonly cost_femto9: string | null
  readonly priced_subtotal_usd: string
  readonly missing: readonly string[]
}

const costsInSql = async (database: string): Promise<ReadonlyMap<string, CostRow>> =>
  new Map((await readView<CostRow>(ledger, database, 'call_cost', EVER)).map((row) => [row.task, row]))

describe('every published price case', () => {
  test('costs the same in SQL as on paper, to the femto-dollar', async () => {
    const database = await ledger.createDatabase()
    await postCalls(
      ledger,
      database,
      entriesFor(
        ledger.book,
        cases.map((one, index) => specOf(index + 1, one)),
      ),
      'cases',
    )
    const rows = await costsInSql(database)
    const found = cases.map((one, index) => {
      const row = rows.get(`case-${index + 1}`)
      return {
        id: one.id,
        status: row?.cost_status,
        femto9: row?.cost_femto9 ?? null,
        ...(one.missing === undefined ? {} : { missing: row?.missing }),
        ...(one.priced_subtotal_usd === undefined ? {} : { subtotal: row?.priced_subtotal_usd }),
      }
    })
    const wanted = cases.map((one) => ({
      id: one.id,
      status: one.expected_status ?? 'priced',
      femto9: one.expected_usd === undefined ? null : String(parseUsd(one.expected_usd) * NINTHS),
      ...(one.missing === undefined ? {} : { missing: one.missing }),
      ...(one.priced_subtotal_usd === undefined ? {} : { subtotal: one.priced_subtotal_usd }),
    }))
    expect(found).toEqual(wanted)
    // And aggregated: each case is a feature of its own, all in one KPI view.
    const features = await readView<{ key: string; cost_usd: string | null }>(
      ledger,
      database,
      'kpi_feature_concentration',
      { ...EVER, by: 'feature' },
    )
    const byFeature = new Map(features.map(({ key, cost_usd }) => [key, cost_usd]))
    const priced = cases.flatMap(({ expected_usd }, index) =>
      expected_usd === undefined ? [] : [[index + 1, expected_usd]],
    )
    expect(priced.map(([index]) => [index, byFeature.get(`feature-${index}`)])).toEqual(priced)
  })
})

describe('random usage at random times', () => {
  test('costs the same through the resolver and through SQL', async () => {
    const sheets = [
      ...new Set(
        ledger.book.rows.map(({ provider, model, region, tier }) => JSON.stringify([provider, model, region, tier])),
      ),
    ]
    const call = fc.record({
      sheet: fc.constantFrom(...sheets),
      atSeconds: fc.integer({ min: Date.UTC(2024, 0, 1) / 1_000, max: Date.UTC(2027, 0, 1) / 1_000 }),
      usage: fc.dictionary(fc.constantFrom(...METERS), fc.integer({ min: 1, max: 400_000 }), {
        minKeys: 1,
        maxKeys: 6,
      }),
    })
    // One batch for the engine: a round trip per usage would measure the round trip.
    const calls = fc.sample(call, { numRuns: 600, seed: 20_261_122 })
    const specs = calls.map(({ sheet, atSeconds, usage }, index) => {
      const [provider, model, region, tier] = JSON.parse(sheet) as [string, string, string, string]
      return {
        index: index + 1,
        question: { provider, model, region, tier, atMs: atSeconds * 1_000, usage },
      }
    })
    const database = await ledger.createDatabase()
    const rows = entriesFor(
      ledger.book,
      specs.map(({ index, question }) => specOf(index, { ...question, at: new Date(question.atMs).toISOString() })),
    )
    await postCalls(ledger, database, rows, 'random')
    const inSql = await costsInSql(database)
    const statuses = new Set<string>()
    for (const { index, question } of specs) {
      const resolved = priceUsage(ledger.book, askPrice(question, ledger.book))
      const row = inSql.get(`case-${index}`)
      statuses.add(resolved.status)
      expect({
        index,
        status: row?.cost_status,
        femto: row?.cost_femto9 === null ? null : roundNinths(row?.cost_femto9),
      }).toEqual({
        index,
        status: resolved.status,
        femto: resolved.costFemto ?? null,
      })
      expect(row?.missing.toSorted()).toEqual(resolved.missing.toSorted())
    }
    // The sample must have met prices and their absence, or it proved little.
    expect([...statuses]).toEqual(expect.arrayContaining(['priced', 'partial', 'unpriced_time']))
  })
})

const roundNinths = (text: string | undefined): bigint => {
  const value = BigInt(text ?? '0')
  return (value * 2n + NINTHS) / (2n * NINTHS)
}
