/** A charge and its reversal are nothing together, wherever they are counted and however far the engine has merged them. */
import { callsTable, writeRows } from '@outlay/clickhouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planEntries } from '../../packages/collector/src/ledger/plan-entries.ts'
import { readLedgerSums } from '../harness/ledger-sums.ts'
import { startTestLedger, type TestLedger } from '../harness/test-ledger.ts'
import { generateEntries } from '../oracle/generate/entries.ts'
import { createWorld } from '../oracle/generate/world.ts'

const TASKS = 120
const WITHDRAWN = { postedAtMs: Date.UTC(2026, 9, 20), walId: 'oracle', unit: 3n }

let ledger: TestLedger
beforeAll(async () => {
  ledger = await startTestLedger()
})
afterAll(() => ledger.close())

const rowsOf = async <Row>(query: string, query_params: Record<string, unknown>): Promise<Row[]> =>
  (await ledger.client.query({ query, query_params, format: 'JSONEachRow' })).json<Row>()

describe('D10: reversal pairs', () => {
  test('sum to zero in every target under every key, while each lies in a part of its own and when all are merged', async () => {
    const database = await ledger.createDatabase()
    const { calls } = generateEntries(createWorld('pairs'), TASKS, ledger.book)
    // Nothing is wanted any more: whatever still stands is taken back.
    const reversals = planEntries([], { calls, quarantine: [] }, WITHDRAWN)
    expect(reversals.calls.length).toBeGreaterThan(TASKS)
    const targets = await rowsOf<{ name: string; key: string }>(
      `SELECT name, sorting_key AS key FROM system.tables WHERE database = {database:String} AND match(name, '^[a-z]+_counters$')`,
      { database },
    )
    expect(targets).toHaveLength(8)
    const alter = async (change: string): Promise<void> => {
      for (const { name } of targets)
        await ledger.client.command({ query: `ALTER TABLE ${database}.${name} ${change}` })
    }
    // Nothing is small enough to be merged.
    await alter('MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1')
    await writeRows(ledger.client, database, callsTable, { rows: calls, token: 'charges' })
    const charged = await readLedgerSums(ledger.client, database)
    await writeRows(ledger.client, database, callsTable, { rows: reversals.calls, token: 'reversals' })

    const notZero = async (): Promise<readonly string[]> => {
      const found: string[] = []
      for (const { name, key } of targets) {
        const [row] = await rowsOf<{ keys: string }>(
          `SELECT count() AS keys FROM (SELECT sum(charges) AS net, sum(input) AS input, sum(output) AS output
            FROM ${database}.${name} GROUP BY ${key} HAVING net != 0 OR input != 0 OR output != 0)`,
          {},
        )
        if (row?.keys !== '0') found.push(`${name}: ${row?.keys}`)
      }
      return found
    }
    const nothing = new Map([...charged.keys()].map((name) => [name, { charges: 0, meters: {} }]))

    expect([...charged.values()].every(({ charges }) => charges > TASKS)).toBe(true)
    expect(await notZero()).toEqual([])
    expect(await readLedgerSums(ledger.client, database)).toEqual(nothing)

    const parts = (): Promise<{ table: string; active: string }[]> =>
      rowsOf(
        `SELECT table, max(parts) AS active FROM (SELECT table, partition_id, count() AS parts FROM system.parts
          WHERE active AND database = {database:String} AND endsWith(table, '_counters') GROUP BY ALL) GROUP BY table`,
        { database },
      )
    expect(await parts()).toEqual(targets.map(() => expect.objectContaining({ active: '2' })))

    await alter('RESET SETTING max_bytes_to_merge_at_max_space_in_pool')
    for (const { name } of targets) await ledger.client.command({ query: `OPTIMIZE TABLE ${database}.${name} FINAL` })
    expect((await parts()).filter(({ active }) => active !== '1')).toEqual([])
    expect(await notZero()).toEqual([])
    expect(await readLedgerSums(ledger.client, database)).toEqual(nothing)
  })
})
