/**
 * The form of a cluster, as far as one process can run it. Its tables are made, on a Keeper in memory; but no replica of them
 * is ever active there, so rows are in plain ones. What reads all shards is run: on two shards that are this engine twice,
 * every view has to say what it says on one server that has every row twice.
 */
import {
  KPI_VIEWS,
  type KpiArguments,
  kpiStatement,
  readMigrations,
  readViews,
  renderSql,
  schemaStatements,
  shardTables,
} from '@outlay/clickhouse'
import { tempDir, type TempDir } from '@outlay/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { allShardsTemplates } from '../../packages/clickhouse/src/schema/all-shards.ts'
import { type ClusterEngine, openClusterEngine } from './cluster-engine.ts'
import { callRows, ENDED_AT, factRows, refusedRows } from './cluster-rows.ts'

vi.setConfig({ testTimeout: 400_000, hookTimeout: 120_000 })

let directory: TempDir
let engine: ClusterEngine
beforeAll(() => {
  directory = tempDir()
  engine = openClusterEngine(directory.path)
})
afterAll(async () => {
  await engine.close()
  directory.remove()
})

/** The engine has no queue of statements for other servers. */
const here = (statement: string): string => statement.replaceAll(/ON CLUSTER '\w+'/g, '').trim()
const SHARDS = { database: 'outlay_shards', cluster: 'main' }
const TWICE = { database: 'outlay_twice' }

describe('the tables of a cluster', () => {
  test('are all made, with their paths in Keeper; only what alters one needs a replica that is active', async () => {
    const refused: string[] = []
    for (const statement of schemaStatements({ database: 'outlay', cluster: 'main' })) {
      await engine.query(here(statement)).catch((error: unknown) => {
        // A materialized view over a column that such an alteration adds.
        refused.push(/TABLE_IS_READ_ONLY/.test(String(error)) || /refused_skus_mv/.test(statement) ? '' : String(error))
      })
    }
    expect(refused.filter((problem) => problem !== '')).toEqual([])
    const alterations = readMigrations().filter(({ template }) =>
      /ALTER TABLE .*\n\s+(ADD|MODIFY) COLUMN/.test(template),
    )
    expect(refused).toHaveLength(alterations.length + 1)
    const paths = await engine.query(
      `SELECT extract(engine_full, 'tables/([^/]+)/') AS holder, groupArray(name) FROM (SELECT * FROM system.tables
        WHERE database = 'outlay' AND startsWith(engine, 'Replicated') ORDER BY name) GROUP BY holder ORDER BY holder`,
    )
    const [everywhere, shard] = paths.map((line) => JSON.parse(line) as [string, string[]])
    expect(shard).toEqual(['{shard}', shardTables().toSorted()])
    expect(everywhere?.[0]).toBe('everywhere')
    expect(everywhere?.[1]).toEqual(expect.arrayContaining(['price_window_rows', 'schema_migrations', 'tenants']))
  })

  test('cannot be copied with their engine: the replica is taken', async () => {
    await expect(engine.query('CREATE TABLE outlay.copy AS outlay.price_window_rows')).rejects.toThrow(
      'REPLICA_ALREADY_EXISTS',
    )
  })
})

describe('what is told to every server', () => {
  test('is parsed, and would be passed on if the engine had a queue', async () => {
    for (const statement of ['SYNC REPLICA', 'RELOAD DICTIONARY']) {
      await expect(engine.query(`SYSTEM ${statement} ON CLUSTER 'main' outlay.price_window_rows`)).rejects.toThrow(
        'DistributedDDL',
      )
    }
  })
})

test('the lock of the book can be held once in Keeper, whatever server asks, and again once it is dropped', async () => {
  const lock = (database: string): Promise<unknown> =>
    engine.query(
      `CREATE TABLE ${database}.price_book_change (held UInt8) ENGINE = ReplicatedMergeTree('/clickhouse/tables/everywhere/outlay/price_book_change', 'holder') ORDER BY held`,
    )
  await engine.query('CREATE DATABASE outlay_other')
  await lock('outlay')
  await expect(lock('outlay_other')).rejects.toThrow('REPLICA_ALREADY_EXISTS')
  await engine.query('DROP TABLE outlay.price_book_change SYNC')
  await lock('outlay_other')
})

/** Eight digits of numbers with a fraction: floating point depends on the order of adding up. */
const comparable = (lines: readonly string[]): readonly string[] =>
  lines
    .map((line) =>
      JSON.stringify(JSON.parse(line), (_, value: unknown) =>
        typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(8)) : value,
      ),
    )
    .toSorted()

const textOf = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map((each) => `'${String(each)}'`).join(',')}]` : String(value)

const argumentsOf = (parameters: readonly string[]): KpiArguments => {
  const SECONDS = 10 * 86_400
  const all = {
    from_time: ENDED_AT - SECONDS,
    to_time: ENDED_AT,
    as_of: ENDED_AT,
    feature: 'f1',
    dimension: 'tenant',
    provider: 'p',
    other_book: 'r1',
    min_ratio: 1,
  }
  return Object.fromEntries(Object.entries(all).filter(([name]) => parameters.includes(name)))
}

describe('views of a cluster', () => {
  beforeAll(async () => {
    for (const { database } of [SHARDS, TWICE]) {
      await engine.query(`CREATE DATABASE ${database}`)
      for (const { template } of readMigrations()) await engine.query(renderSql(template, { database }).trim())
    }
    const ofAllShards = [...allShardsTemplates(SHARDS), ...readViews().map(({ template }) => template)]
    for (const template of ofAllShards) await engine.query(here(renderSql(template, SHARDS)))
    for (const { template } of readViews()) await engine.query(renderSql(template, TWICE).trim())
    for (const { database } of [SHARDS, TWICE, TWICE]) {
      for (const rows of [callRows(database), refusedRows(database)]) await engine.query(rows)
    }
    for (const { database } of [SHARDS, TWICE]) for (const rows of factRows(database)) await engine.query(rows)
  })

  test('say of two shards what they say of one server with the rows of both', async () => {
    const silent: string[] = []
    for (const { name, parameters } of KPI_VIEWS) {
      const ask = async (database: string): Promise<readonly string[]> => {
        const { query, query_params } = kpiStatement(database, name, argumentsOf(parameters))
        const bound = Object.entries(query_params).map(([key, value]) => [key, textOf(value)])
        return engine.query(query, Object.fromEntries(bound) as Record<string, string>)
      }
      const ofShards = await ask(SHARDS.database)
      if (ofShards.length === 0) silent.push(name)
      expect({ name, rows: comparable(ofShards) }).toEqual({ name, rows: comparable(await ask(TWICE.database)) })
    }
    // No trace is open, and no task costs a multiple of the others.
    expect(silent).toEqual(expect.arrayContaining(['kpi_open_spend']))
    expect(silent.length).toBeLessThan(4)
  })

  test('read no table of one shard alone', () => {
    const local = new RegExp(`\\{\\{db\\}\\}\\.(${shardTables().join('|')})\\b`)
    expect(readViews().filter(({ template }) => local.test(template))).toEqual([])
    const rendered = readViews().map(({ template }) => renderSql(template, SHARDS))
    const ofShard = new RegExp(`(FROM|JOIN) outlay_shards\\.(${shardTables().join('|')})\\b`)
    expect(rendered.filter((statement) => ofShard.test(statement))).toEqual([])
    expect(rendered.filter((statement) => statement.includes('_all'))).not.toEqual([])
  })
})

test('nothing can be inserted through the tables of all shards', async () => {
  await expect(engine.query(`INSERT INTO ${SHARDS.database}.calls_all (tenant) SELECT 'acme'`)).rejects.toThrow(
    'STORAGE_REQUIRES_PARAMETER',
  )
})
