/** An engine with the ledger that is measured, and an empty one of the same schema beside it. */
import { type ClickHouseClient, connect, prepareDatabase } from '@outlay/clickhouse'
import { OutlayError, systemClock } from '@outlay/core'
import { startEmbeddedClickHouse } from '@outlay/embedded-clickhouse'
import { type CompiledBook, loadPackagedBook } from '@outlay/pricing'
import { QUARTER_TO } from './period.ts'

export interface BenchLedger {
  readonly book: CompiledBook
  readonly database: string
  /** Same schema and book, no calls: what a statement costs before the first row. */
  readonly emptyDatabase: string
  /** May write and change the schema. */
  readonly client: ClickHouseClient
  /** May only read, with the limits of a panel. */
  readonly reader: ClickHouseClient
  readonly engineVersion: string
  /** Process of the engine: another one after a restart. */
  enginePid(): number
  close(): Promise<void>
}

/** Views never look beyond now: a quarter that is not over would be measured in part. */
const assertQuarterIsOver = (): void => {
  if (systemClock.now() >= QUARTER_TO * 1_000) return
  throw new OutlayError('E_BENCH_DATA', 'the made-up quarter is not over by the clock of this machine', {
    got: new Date(systemClock.now()).toISOString(),
    want: new Date(QUARTER_TO * 1_000).toISOString(),
    fix: 'set the clock, or move the quarter in test/bench/ledger/period.ts',
  })
}

export const openBenchLedger = async (dataDirectory: string): Promise<BenchLedger> => {
  assertQuarterIsOver()
  let pid = 0
  const engine = await startEmbeddedClickHouse({
    dataDir: dataDirectory,
    port: 0,
    onEvent: (event) => {
      if (event.type === 'ready') pid = event.pid
    },
  })
  const client = connect({ url: engine.url, ...engine.credentials.migrator, database: 'default' })
  const reader = connect({ url: engine.url, ...engine.credentials.reader, database: 'default' })
  const close = async (): Promise<void> => {
    await client.close()
    await reader.close()
    await engine.close()
  }
  try {
    const book = loadPackagedBook()
    const [database, emptyDatabase] = ['outlay', 'outlay_empty']
    for (const name of [database, emptyDatabase]) await prepareLedger({ client, book }, name)
    const [version] = await rowsOf<{ version: string }>(client, 'SELECT version() AS version')
    const engineVersion = version?.version ?? ''
    return { book, database, emptyDatabase, client, reader, engineVersion, enginePid: () => pid, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** A ledger of the product's schema, with its price book. Safe to repeat. */
export const prepareLedger = async (
  { client, book }: Pick<BenchLedger, 'client' | 'book'>,
  database: string,
): Promise<void> => {
  await prepareDatabase({ client, target: { database }, book, clock: systemClock })
}

/** Rows of a statement of our own; 64-bit integers and decimals as text. */
export const rowsOf = async <Row>(
  client: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown> = {},
): Promise<Row[]> => {
  const result = await client.query({ query, query_params, format: 'JSONEachRow' })
  return result.json<Row>()
}
