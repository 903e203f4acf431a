/** One database for many generated ledgers: its books stay, its calls and facts are replaced. */
import {
  callsTable,
  defineWhatIfBook,
  engagementTable,
  planEventsTable,
  quarantineTable,
  revenueTable,
  tenantsTable,
  tiersTable,
  usersTable,
  writeRows,
} from '@outlay/clickhouse'
import { OPEN_END, parseWhatIf, type PriceRow, withContract } from '@outlay/pricing'
import { defineTable, type TableColumns } from '../../packages/clickhouse/src/tables/table-shape.ts'
import { addPrices, changeBook, listedInput, loadPrices, seconds, type TestLedger } from '../harness/test-ledger.ts'
import { buildOracle } from './build-oracle.ts'
import type { Entries } from './generate/entries.ts'
import type { Facts, OracleLedger } from './model/oracle-ledger.ts'
import { type PriceBooks, readPriceBooks } from './model/price-books.ts'

/** Books that questions name; the last one does not exist. */
export const BOOKS = ['current', 'r1', 'half-output', 'all-mini', 'r99'] as const

const CONTRACT = {
  card: 'tenant:acme',
  file: 'tenant-acme.yaml',
  text: `format: outlay-prices/1
edition: "2026-11-21"
currency: USD
card: "tenant:acme"
sources: {signed: {url: "https://example.test/contract", checked_at: "2026-10-01"}}
rules: [{discount: "0.12", src: signed, grade: A, from: "2026-09-05"}]
`,
}

/** The tables that a ledger fills, all empty but for the packaged tiers. */
const FILLED = ['calls', 'quarantine', 'tenants', 'users', 'tiers', 'revenue', 'plan_events', 'engagement'] as const

export interface OracleDatabase {
  readonly ledger: TestLedger
  readonly database: string
  /** Replaces what is stored, and answers what the oracle knows of it. */
  fill(name: string, entries: Entries, facts: Facts): Promise<OracleLedger>
}

/** Prices that change inside the window, at slot edges; a contract; two what-if books. */
const recordBooks = async (ledger: TestLedger, database: string): Promise<void> => {
  const input = listedInput(ledger)
  const change = (price: string, fusd: bigint, from: string, to = OPEN_END): PriceRow => ({
    ...input,
    price,
    fusd,
    validFrom: seconds(from),
    validTo: to,
  })
  await addPrices(ledger, database, [
    change('2.5', 2_500_000_000n, '2026-08-15T00:30:00Z', seconds('2026-10-03T12:00:00Z')),
    change('1.3333333', 1_333_333_300n, '2026-10-03T12:00:00Z'),
  ])
  await changeBook(ledger, database, ({ recorded, latest }) => withContract(recorded, latest, CONTRACT))
  const note = { author: 'test', reason: 'test', atMs: Date.now() }
  const half = parseWhatIf({ cells: [{ where: { model: 'gpt-5', meter: 'output' }, to: { times: '0.5' } }] })
  await defineWhatIfBook(ledger.client, database, { name: 'half-output', base: 'current', definition: half }, note)
  const mini = parseWhatIf({ as: { model: 'gpt-5-mini' } })
  await defineWhatIfBook(ledger.client, database, { name: 'all-mini', base: 'r1', definition: mini }, note)
}

const counterTables = async ({ client }: TestLedger, database: string): Promise<readonly string[]> => {
  const result = await client.query({
    query: "SELECT name FROM system.tables WHERE database = {database:String} AND name LIKE '%\\_counters'",
    query_params: { database },
    format: 'JSONEachRow',
  })
  return (await result.json<{ name: string }>()).map(({ name }) => name)
}

const writeFacts = async ({ client }: TestLedger, database: string, name: string, facts: Facts): Promise<void> => {
  // The product stamps when a fact was loaded; here the oracle has to know it.
  const loads = <Columns extends TableColumns>(shape: { readonly table: string; readonly columns: Columns }) =>
    defineTable(shape.table, { ...shape.columns, loaded_at: 'millis' as const })
  const token = (table: string): string => `${name}:${table}`
  await Promise.all([
    writeRows(client, database, loads(tenantsTable), { rows: facts.tenants, token: token('tenants') }),
    writeRows(client, database, loads(usersTable), { rows: facts.users, token: token('users') }),
    writeRows(client, database, loads(tiersTable), { rows: facts.tiers, token: token('tiers') }),
    writeRows(client, database, loads(revenueTable), { rows: facts.revenue, token: token('revenue') }),
    writeRows(client, database, loads(planEventsTable), { rows: facts.planEvents, token: token('plan_events') }),
    writeRows(client, database, loads(engagementTable), { rows: facts.engagement, token: token('engagement') }),
  ])
}

export const createOracleDatabase = async (
  ledger: TestLedger,
  providers: readonly string[] = ['openai', 'anthropic', 'groq', 'perplexity', 'deepseek'],
): Promise<OracleDatabase> => {
  const database = await ledger.createDatabase(providers)
  await recordBooks(ledger, database)
  const counters = await counterTables(ledger, database)
  // Nothing is small enough to be merged: a reversal stays beside its charge, as it does for a while in every ledger.
  for (const table of counters) {
    await ledger.client.command({
      query: `ALTER TABLE ${database}.${table} MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1`,
    })
  }
  let books: PriceBooks | undefined
  return {
    ledger,
    database,
    fill: async (name, entries, facts) => {
      const { client } = ledger
      await Promise.all(
        [...FILLED, ...counters].map((table) => client.command({ query: `TRUNCATE TABLE ${database}.${table}` })),
      )
      const [charges, reversals] = [1, -1].map((sign) => entries.calls.filter((call) => call.sign === sign))
      await writeRows(client, database, callsTable, { rows: charges ?? [], token: `${name}:charges` })
      await writeRows(client, database, callsTable, { rows: reversals ?? [], token: `${name}:reversals` })
      await writeRows(client, database, quarantineTable, { rows: entries.quarantine, token: `${name}:quarantine` })
      await writeFacts(ledger, database, name, facts)
      await loadPrices(ledger, database)
      books ??= await readPriceBooks(client, database, ledger.book)
      return buildOracle(entries, facts, books)
    },
  }
}
