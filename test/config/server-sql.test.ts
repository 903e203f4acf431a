/**
 * What no server here can run is at least parsed by the engine's own parser: the DDL of a cluster and the SQL of the deploy
 * examples. One engine, no migration.
 */
import { type ClickHouseClient, connect, schemaStatements } from '@outlay/clickhouse'
import { type EmbeddedClickHouse, startEmbeddedClickHouse } from '@outlay/embedded-clickhouse'
import { tempDir, type TempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readText } from './read-yaml.ts'

/** Other suites run beside. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let directory: TempDir
let engine: EmbeddedClickHouse
let client: ClickHouseClient

beforeAll(async () => {
  directory = tempDir()
  engine = await startEmbeddedClickHouse({ dataDir: directory.path, port: 0 })
  client = connect({ url: engine.url, ...engine.credentials.migrator, database: 'default' })
})
afterAll(async () => {
  await client.close()
  await engine.close()
  directory.remove()
})

/** None of ours has a semicolon at the end of a line inside. */
const split = (sql: string): readonly string[] => sql.split(/;\n/).filter((text) => text.trim() !== '')

/** Those that the engine does not parse, with what it says. */
const unparsed = async (statements: readonly string[]): Promise<readonly string[]> => {
  const problems: string[] = []
  for (const statement of statements) {
    await client.command({ query: `EXPLAIN AST ${statement}` }).catch((error: unknown) => {
      problems.push(`${statement.trim().slice(0, 200)}: ${String(error)}`)
    })
  }
  return problems
}

describe('the schema of a cluster', () => {
  const statements = schemaStatements({ database: 'outlay', cluster: 'main' })

  test('is parsed by the engine, statement by statement', async () => {
    expect(statements.length).toBeGreaterThan(100)
    expect(await unparsed(statements)).toEqual([])
  })

  test('reaches every replica with every statement, from the database on', () => {
    expect(statements.filter((statement) => !statement.includes("ON CLUSTER 'main'"))).toEqual([])
    expect(statements[0]).toContain('CREATE DATABASE IF NOT EXISTS outlay')
  })
})

describe('the access of tenants', () => {
  test.each(['deploy/clickhouse/tenant-reader.sql', 'deploy/clickhouse/tenant-user.sql'])(
    '%s is parsed',
    async (path) => {
      expect(await unparsed(split(readText(path)))).toEqual([])
    },
  )

  test('would not be parsed with a slip', async () => {
    const slips = [
      'CREATE ROW POLICY p ON outlay.calls USING tenant = TO outlay_tenant',
      'GRANT SELEC ON outlay.calls TO outlay_tenant',
    ]
    expect(await unparsed(slips)).toHaveLength(slips.length)
  })

  test('is refused on a server that shows keys of hidden rows, as the embedded engine would', async () => {
    const [gate = ''] = split(readText('deploy/clickhouse/tenant-reader.sql'))
    expect(gate).toContain("splitByChar('.', version())")
    const on = (version: string): Promise<unknown> =>
      client.command({ query: gate.replace('version()', `materialize('${version}')`) })
    for (const version of ['26.7.6.5', '26.7.10.1', '26.10.1.1', '27.1.1.1']) await on(version)
    for (const version of ['26.7.6.4', '26.7.2.1', '26.3.99.1', '9.9.9.9']) {
      await expect(on(version)).rejects.toThrow('want a server of 26.7.6.5 or later')
    }
  })

  test('its condition holds for the own tenant only', async () => {
    const condition =
      /USING (.+) AS RESTRICTIVE/.exec(readText('deploy/clickhouse/tenant-reader.sql'))?.[1] ?? 'no condition'
    const visible = async (setting: string): Promise<readonly string[]> => {
      const result = await client.query({
        query: `SELECT tenant FROM values('tenant LowCardinality(String)', 'acme', 'globex', '') WHERE ${condition.replace("getSetting('SQL_outlay_tenant')", `'${setting}'`)}`,
        format: 'JSONEachRow',
      })
      return (await result.json<{ tenant: string }>()).map(({ tenant }) => tenant)
    }
    expect(await visible('acme')).toEqual(['acme'])
    expect(await visible('')).toEqual([])
  })
})

describe('deploy/README.md', () => {
  test('shows SQL that is parsed', async () => {
    const blocks = [...readText('deploy/README.md').matchAll(/```sql\n(.*?)```/gs)].map(([, text = '']) => text)
    const statements = blocks.flatMap(split)
    expect(statements).not.toEqual([])
    expect(await unparsed(statements)).toEqual([])
  })
})

describe('the profiles of deploy/clickhouse/users.d/outlay.xml', () => {
  test('name settings that the engine has, each with a value of its type', async () => {
    const profiles = /<profiles>(.*)<[/]profiles>/s.exec(readText('deploy/clickhouse/users.d/outlay.xml'))?.[1] ?? ''
    const plain = profiles.replaceAll(/<constraints>.*?<[/]constraints>/gs, '')
    const named = [...plain.matchAll(/<(\w+)>([^<\s]+)<[/]\1>/g)].map(([, name = '', value = '']) => ({ name, value }))
    expect(named.length).toBeGreaterThan(10)
    const result = await client.query({ query: 'SELECT name, type FROM system.settings', format: 'JSONEachRow' })
    const types = new Map((await result.json<{ name: string; type: string }>()).map(({ name, type }) => [name, type]))
    const wrong = named.filter(({ name, value }) => {
      const type = types.get(name)
      return type === undefined || (name === 'result_overflow_mode' ? value !== 'throw' : !/^\d+$/.test(value))
    })
    expect(wrong).toEqual([])
  })
})
