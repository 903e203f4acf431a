/** One embedded engine for all that write into a database, and what it has cost so far. */
import { type ClickHouseClient, connect } from '@outlay/clickhouse'
import { startEmbeddedClickHouse } from '@outlay/embedded-clickhouse'
import { readCpuMs } from '../ledger/engine-cpu.ts'

export interface BenchEngine {
  readonly url: string
  readonly migrator: { readonly username: string; readonly password: string }
  readonly client: ClickHouseClient
  cpuMs(): number
  /** The first row, as numbers. */
  numbers(query: string): Promise<readonly number[]>
  close(): Promise<void>
}

export const startBenchEngine = async (directory: string): Promise<BenchEngine> => {
  let pid = 0
  const engine = await startEmbeddedClickHouse({
    dataDir: `${directory}/engine`,
    port: 0,
    onEvent: (event) => {
      if (event.type === 'ready') pid = event.pid
    },
  })
  const { migrator } = engine.credentials
  const client = connect({ url: engine.url, ...migrator, database: 'default' })
  return {
    url: engine.url,
    migrator,
    client,
    cpuMs: () => readCpuMs(pid) ?? Number.NaN,
    numbers: async (query) => {
      const [row = []] = await (await client.query({ query, format: 'JSONCompactEachRow' })).json<string[]>()
      return row.map(Number)
    },
    close: async () => {
      await client.close()
      await engine.close()
    },
  }
}
