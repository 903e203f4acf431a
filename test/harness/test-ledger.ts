/** A real engine with a prepared ledger, for one test file. */
import { randomBytes } from 'node:crypto'
import {
  type CallRow,
  type ClickHouseClient,
  callsTable,
  changePriceBook,
  connect,
  createWindowLoader,
  type BookHistory,
  type KpiArguments,
  type KpiViewName,
  prepareDatabase,
  queryKpi,
  type WindowLoad,
  type WindowLoader,
  writeRows,
} from '@outlay/clickhouse'
import { systemClock } from '@outlay/core'
import { type EmbeddedClickHouse, startEmbeddedClickHouse } from '@outlay/embedded-clickhouse'
import {
  addToList,
  cellsOnSheets,
  type CompiledBook,
  loadPackagedBook,
  type NextBook,
  type PriceRow,
} from '@outlay/pricing'
import { tempDir } from '@outlay/testkit'
import { fillFromTemplate } from './ledger-templates.ts'

export interface TestLedger {
  readonly engine: EmbeddedClickHouse
  readonly dataDirectory: string
  readonly book: CompiledBook
  /** May write and change the schema. */
  readonly client: ClickHouseClient
  /** May only read. */
  readonly reader: ClickHouseClient
  /** A prepared database of its own; with the prices of some providers only, where a test changes the book often. */
  createDatabase(providers?: readonly string[]): Promise<string>
  close(): Promise<void>
}

const NAME_BYTES = 4

const bookOf = (book: CompiledBook, providers: readonly string[] | undefined): CompiledBook => {
  if (providers === undefined) return book
  const isWanted = ({ provider }: { readonly provider: string }): boolean => providers.includes(provider)
  return {
    ...book,
    rows: book.rows.filter(isWanted),
    names: book.names.filter(isWanted),
    bands: book.bands.filter(isWanted),
  }
}

/** `databases`: how many it will be asked for, so that their schema need not be made one by one. */
export const startTestLedger = async ({ databases = 1 } = {}): Promise<TestLedger> => {
  const directory = tempDir()
  const migrated = [...(await fillFromTemplate(directory.path, databases))]
  const engine = await startEmbeddedClickHouse({ dataDir: directory.path, port: 0 })
  const book = loadPackagedBook()
  const client = connect({ url: engine.url, ...engine.credentials.migrator, database: 'default' })
  // Tests ask several views at once; on a busy machine they must not time out waiting for a slot of the engine.
  const reader = connect({ url: engine.url, ...engine.credentials.reader, database: 'default', connectionsMax: 2 })
  return {
    engine,
    dataDirectory: directory.path,
    book,
    client,
    reader,
    createDatabase: async (providers) => {
      const database = migrated.shift() ?? `outlay_${randomBytes(NAME_BYTES).toString('hex')}`
      await prepareDatabase({ client, target: { database }, book: bookOf(book, providers), clock: systemClock })
      return database
    },
    close: async () => {
      await client.close()
      await reader.close()
      await engine.close()
      directory.remove()
    },
  }
}

/** Posts ledger rows as one unit and compiles prices for the skus they bring. */
export const postCalls = async (
  { client, book }: TestLedger,
  database: string,
  rows: readonly CallRow[],
  token: string,
): Promise<void> => {
  await writeRows(client, database, callsTable, { rows, token })
  await loadPrices({ client, book }, database)
}

/** One loader per database of an engine, as a collector has: it compiles only what changed. */
const loadersByClient = new WeakMap<ClickHouseClient, Map<string, WindowLoader>>()

export const loadPrices = (
  { client, book }: Pick<TestLedger, 'client' | 'book'>,
  database: string,
): Promise<WindowLoad | undefined> => {
  const { foldings, bandEdges } = book
  const loaders = loadersByClient.get(client) ?? new Map<string, WindowLoader>()
  loadersByClient.set(client, loaders)
  const loader =
    loaders.get(database) ?? createWindowLoader({ client, database, foldings, bandEdges, clock: systemClock })
  loaders.set(database, loader)
  return loader.refresh()
}

/** Rows of a view as the reader sees them. */
export const readView = <Row>(
  { reader }: TestLedger,
  database: string,
  name: KpiViewName,
  args: KpiArguments,
): Promise<Row[]> => queryKpi<Row>(reader, database, name, args)

/** Unix seconds of an ISO instant. */
export const seconds = (iso: string): number => Date.parse(iso) / 1_000

/** Records one change of the book as the next revision; answers its number. Prices are compiled by `loadPrices`. */
export const changeBook = async (
  { client, book }: Pick<TestLedger, 'client' | 'book'>,
  database: string,
  change: (history: BookHistory) => NextBook,
): Promise<number> => {
  const note = { author: 'test', reason: 'test', kind: 'add', atMs: Date.now() } as const
  const { revision } = await changePriceBook(client, database, { tables: book, change, note })
  return revision
}

/** Records dated prices over what the list says. */
export const addPrices = (ledger: TestLedger, database: string, rows: readonly PriceRow[]): Promise<number> =>
  changeBook(ledger, database, ({ recorded, latest }) =>
    addToList(recorded, latest, cellsOnSheets(recorded, latest, rows)),
  )

/** What the list says of gpt-5's input at the standard tier: 1.25 per million. */
export const listedInput = ({ book }: Pick<TestLedger, 'book'>): PriceRow =>
  book.rows.find(
    ({ provider, model, region, tier, meter }) =>
      provider === 'openai' && model === 'gpt-5' && region === '' && tier === 'standard' && meter === 'input',
  ) as PriceRow
