/** Σ single entries = the total of every view that splits the spend, to the femto-dollar, in every book. */
import { formatUsd, parseUsd } from '@outlay/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KpiArguments, KpiViewName } from '@outlay/clickhouse'
import { readView, startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { generateEntries } from './generate/entries.ts'
import { generateFacts } from './generate/facts.ts'
import { createWorld } from './generate/world.ts'
import type { PricedCall } from './model/oracle-ledger.ts'
import { createOracleDatabase, type OracleDatabase } from './oracle-database.ts'

const SEED = 'sums'
const TASKS = 300
const BOOKS = ['current', 'r1', 'half-output', 'all-mini'] as const

/** A closed month: ranges and months mean the same calls. */
const MONTH_START = Date.UTC(2026, 8, 1) / 1_000
const MONTH_END = Date.UTC(2026, 9, 1) / 1_000
const RANGE = { from_time: MONTH_START, to_time: MONTH_END }
const AS_OF = { as_of: MONTH_END }

/** Where the money of a view stands; several columns of a row add up. */
interface Split {
  readonly view: KpiViewName
  readonly args: KpiArguments
  readonly columns: readonly string[]
}

const split = (view: KpiViewName, args: KpiArguments, ...columns: readonly string[]): Split => ({ view, args, columns })
const by = (view: KpiViewName, args: KpiArguments, kinds: readonly string[], column: string): readonly Split[] =>
  kinds.map((kind) => split(view, { ...args, by: kind }, column))

const SPLITS: readonly Split[] = [
  ...by('kpi_task_cost', RANGE, ['all', 'workload', 'feature', 'task_type', 'tenant', 'model', 'task'], 'cost_usd'),
  ...by('kpi_feature_concentration', RANGE, ['feature', 'route', 'prompt_version', 'tenant', 'model'], 'cost_usd'),
  split('kpi_feature_totals', RANGE, 'cost_usd'),
  split('kpi_feature_series', { ...RANGE, step: 86_400 }, 'cost_usd'),
  split('kpi_tenant_series', { ...RANGE, step: 86_400 }, 'cost_usd'),
  split('kpi_model_mix', { ...RANGE, step: 86_400 }, 'cost_usd'),
  split('kpi_tool_share', RANGE, 'cost_usd'),
  split('kpi_headline', RANGE, 'spend_usd'),
  split('kpi_headline', RANGE, 'month_usd'),
  ...by('kpi_tenant_cost', AS_OF, ['all', 'tenant', 'segment'], 'month_usd'),
  ...['all', 'tenant', 'segment'].map((kind) =>
    split('kpi_tenant_cost', { ...AS_OF, by: kind }, 'direct_usd', 'shared_usd'),
  ),
  ...by('kpi_cost_to_revenue', AS_OF, ['all', 'tenant', 'tier', 'feature', 'product', 'cohort', 'segment'], 'cost_usd'),
  split('kpi_cost_to_revenue_series', { ...RANGE, by: 'product' }, 'cost_usd'),
]

let ledger: TestLedger
let database: OracleDatabase
let hasPartAlone: boolean
let hasReversal: boolean
beforeAll(async () => {
  ledger = await startTestLedger()
  database = await createOracleDatabase(ledger)
  const world = { ...createWorld(SEED), asOf: MONTH_END, unpriced: 0 }
  const entries = generateEntries(world, TASKS, ledger.book)
  const facts = generateFacts(world)
  const everything = await database.fill(`${SEED}: all`, entries, facts)
  // A row where nothing is priced says NULL, and a row that holds ninths is rounded: calls of neither kind add up.
  const isExact = ({ unpriced, quantities }: PricedCall): boolean => !unpriced && !quantities.has('audio_second')
  const inexact = new Set(
    BOOKS.flatMap((book) => everything.calls(book)).flatMap((call) => (isExact(call) ? [] : [call.row.span_id])),
  )
  const standing = new Set(everything.calls('current').map(({ row }) => row.span_id))
  const calls = entries.calls.filter(({ span_id }) => standing.has(span_id) && !inexact.has(span_id))
  // A model that serves only a part of a task: its money is in the task, and no call of it is.
  const served = new Set(calls.flatMap(({ part, task, price_model }) => (part === 'main' ? [task + price_model] : [])))
  hasPartAlone = calls.some(({ task, price_model }) => !served.has(task + price_model))
  hasReversal = calls.some(({ sign }) => sign < 0)
  await database.fill(SEED, { ...entries, calls }, facts)
})
afterAll(() => ledger.close())

const totalOf = async ({ view, args, columns }: Split, book: string): Promise<bigint> => {
  const rows = await readView<Record<string, string | null>>(ledger, database.database, view, { ...args, book })
  return rows
    .flatMap((row) => columns.map((column) => row[column]))
    .reduce((sum, usd) => sum + parseUsd(usd ?? '0'), 0n)
}

/** Books other than the current one differ in prices alone: one split of each view, the one into models or tenants. */
const isOfEveryBook = ({ args }: Split): boolean => ['model', 'tenant', undefined].includes(args['by']?.toString())

const nameOf = ({ view, args, columns }: Split): string =>
  `${view} by ${String(args['by'] ?? '-')}: ${columns.join(' + ')}`

test('the ledger holds what may get lost: reversals, and parts of another model than their call', () => {
  expect({ hasPartAlone, hasReversal }).toEqual({ hasPartAlone: true, hasReversal: true })
})

describe.each(BOOKS)('under the book %s', (book) => {
  test('every view that splits the spend adds up to the single entries', async () => {
    const entries = await readView<{ subtotal_femto9: string }>(ledger, database.database, 'call_cost', {
      ...RANGE,
      book,
    })
    const ninths = entries.reduce((sum, { subtotal_femto9 }) => sum + BigInt(subtotal_femto9), 0n)
    expect(ninths).toBeGreaterThan(0n)
    const asked = book === 'current' ? SPLITS : SPLITS.filter(isOfEveryBook)
    const totals = await Promise.all(asked.map(async (one) => [nameOf(one), formatUsd(await totalOf(one, book))]))
    expect(totals).toEqual(asked.map((one) => [nameOf(one), formatUsd(ninths / 9n)]))
  })
})
