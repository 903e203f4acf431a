/** What is said to which servers of a cluster, in which order: recorded, since no cluster can be had here. */
import { ClickHouseError } from '@clickhouse/client'
import {
  type ClickHouseClient,
  createWindowLoader,
  type MigrationResult,
  migrate,
  readMigrations,
  readViews,
  shardNote,
  shardTables,
} from '@outlay/clickhouse'
import { systemClock } from '@outlay/core'
import { loadPackagedBook, tablesOf } from '@outlay/pricing'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { CounterFeed } from '../src/schema/counter-feeds.ts'
import { whileBookIsLocked } from '../src/prices/book-lock.ts'
import { swapWindows } from '../src/prices/swap-windows.ts'
import { createVectorStore } from '../src/prices/vector-store.ts'
import { windowRowsOf } from '../src/prices/window-rows.ts'
import { rebuildMonth } from '../src/rebuild/rebuild-counters.ts'

type Row = Readonly<Record<string, unknown>>
/** Rows of the first question that a text is part of; none for all others. */
type Answers = readonly (readonly [part: string, rows: readonly Row[]])[]

interface Recorder {
  readonly client: ClickHouseClient
  /** What changes something, in order, with white space made one. */
  readonly said: string[]
  /** Questions. */
  readonly asked: string[]
  readonly settings: (Row | undefined)[]
}

const record = (answers: Answers, refuse: (statement: string) => Error | undefined = () => undefined): Recorder => {
  const said: string[] = []
  const asked: string[] = []
  const settings: (Row | undefined)[] = []
  const take = (query: string, of?: Row): void => {
    const statement = query.replaceAll(/\s+/g, ' ').trim()
    said.push(statement)
    settings.push(of)
    const error = refuse(statement)
    if (error) throw error
  }
  const client = {
    command: async ({ query, clickhouse_settings }: { query: string; clickhouse_settings?: Row }) =>
      take(query, clickhouse_settings),
    exec: async ({ query }: { query: string }) => {
      take(query)
      return { stream: Readable.from([]), response_headers: {}, http_status_code: 200 }
    },
    insert: async ({ table, values }: { table: string; values: readonly Row[] }) =>
      take(`INSERT INTO ${table}: ${values.map(({ name }) => String(name)).join(', ')}`),
    query: async ({ query, query_params }: { query: string; query_params?: Row }) => {
      const question = `${query} ${JSON.stringify(query_params ?? {})}`
      asked.push(question)
      const rows = answers.find(([part]) => question.includes(part))?.[1] ?? []
      return { json: async () => rows, stream: () => Readable.from([rows.map((row) => ({ json: () => row }))]) }
    },
  }
  return { client: client as unknown as ClickHouseClient, said, asked, settings }
}

const FORM = "name IN ('schema_migrations', 'calls'"
const ON_CLUSTER: Answers[number] = [
  FORM,
  [
    { name: 'calls', engine: 'ReplicatedMergeTree', cluster: '' },
    { name: 'calls_all', engine: 'Distributed', cluster: 'main' },
  ],
]
const ON_SERVER: Answers[number] = [FORM, [{ name: 'calls', engine: 'MergeTree', cluster: '' }]]
const WINDOWS: Answers[number] = [
  '"table":"price_window_rows"',
  [{ engine: 'ReplicatedMergeTree', partition_key: '', sorting_key: 'key, window_from' }],
]

const window = windowRowsOf({
  book: 'current',
  sku: 7n,
  from: 0,
  to: 100,
  state: 'ok',
  currency: 'USD',
  provider: 'p',
  model: 'm',
  region: '',
  tier: '',
  band: 0,
  fusd: { input: 5n },
  ninthsAudioSecond: 0,
  ninthsContainerSecond: 0,
})

/** The random name of the table beside. */
const plainly = (said: readonly string[]): readonly string[] =>
  said.map((statement) => statement.replaceAll(/(price_window_rows_next)_[0-9a-f]+/g, '$1').replace(/ SETTINGS .*/, ''))

describe('compiled windows', () => {
  test('go into a table of this server, into the replicated one as a whole, and every server reloads after it has them', async () => {
    const { client, said, settings } = record([ON_CLUSTER, WINDOWS])
    await swapWindows(client, 'outlay', window)
    expect(plainly(said)).toEqual([
      'CREATE TABLE outlay.price_window_rows_next AS outlay.price_window_rows ENGINE = MergeTree ORDER BY (key, window_from)',
      expect.stringMatching(/^INSERT INTO outlay.price_window_rows_next \(book, .* FORMAT Native$/),
      'ALTER TABLE outlay.price_window_rows REPLACE PARTITION tuple() FROM outlay.price_window_rows_next',
      "SYSTEM SYNC REPLICA ON CLUSTER 'main' outlay.price_window_rows",
      "SYSTEM RELOAD DICTIONARY ON CLUSTER 'main' outlay.price_windows",
      'DROP TABLE IF EXISTS outlay.price_window_rows_next',
    ])
    // A server that is away is not waited for at each of them, and one that fails is an error at the last.
    expect(settings.slice(3, 5)).toEqual([
      { distributed_ddl_task_timeout: '0' },
      { distributed_ddl_task_timeout: '10', distributed_ddl_output_mode: 'null_status_on_timeout' },
    ])
  })

  test('find their prices on every server before they come', async () => {
    const { client, said } = record([ON_CLUSTER])
    await createVectorStore(client, 'outlay').add(window)
    expect(said.slice(1)).toEqual([
      "SYSTEM SYNC REPLICA ON CLUSTER 'main' outlay.price_vector_rows",
      "SYSTEM RELOAD DICTIONARY ON CLUSTER 'main' outlay.price_vectors",
      "SYSTEM RELOAD DICTIONARY ON CLUSTER 'main' outlay.meter_prices",
    ])
  })

  test('are put in place on one server without a word to others', async () => {
    const { client, said } = record([ON_SERVER, WINDOWS])
    await swapWindows(client, 'outlay', [])
    expect(plainly(said).slice(1)).toEqual([
      'ALTER TABLE outlay.price_window_rows DROP PARTITION tuple()',
      'SYSTEM RELOAD DICTIONARY outlay.price_windows',
      'DROP TABLE IF EXISTS outlay.price_window_rows_next',
    ])
  })

  test('are compiled for the skus of all shards', async () => {
    const { client, asked } = record([ON_CLUSTER])
    const loader = createWindowLoader({
      client,
      database: 'outlay',
      clock: systemClock,
      ...tablesOf(loadPackagedBook()),
    })
    await expect(loader.refresh()).rejects.toThrow('fingerprint')
    expect(asked.filter((question) => question.includes('skus_all'))).toHaveLength(1)
  })
})

describe('a change of the book', () => {
  test('claims one replica in Keeper, and is told when another server has it', async () => {
    const { client, said } = record([ON_CLUSTER], (statement) =>
      statement.startsWith('CREATE TABLE')
        ? new ClickHouseError({ message: 'taken', code: '253', type: 'REPLICA_ALREADY_EXISTS' })
        : undefined,
    )
    await expect(whileBookIsLocked(client, 'outlay', () => Promise.resolve())).rejects.toThrow(
      'changed by somebody else',
    )
    expect(said[0]).toContain("ReplicatedMergeTree('/clickhouse/tables/everywhere/{database}/{table}', 'holder')")
  })
})

describe('a month of counters', () => {
  test('is summed after our replica has everything, beside, and replaced as a whole', async () => {
    const feed: CounterFeed = {
      target: 'tenant_counters',
      statements: ['SELECT tenant, sum(sign) AS calls FROM outlay.calls GROUP BY tenant'],
      keys: ['tenant'],
      measures: [{ name: 'calls', combined: 'sum' }],
      cutBy: 'price_slot',
      sources: [{ table: 'calls', time: 'price_slot' }],
    }
    const { client, said } = record([
      ['"tables":["calls","quarantine","tenant_counters"]', [{ name: 'calls' }, { name: 'tenant_counters' }]],
      [
        '"table":"tenant_counters"',
        [
          {
            engine: 'ReplicatedAggregatingMergeTree',
            partition_key: 'toYYYYMM(price_slot)',
            sorting_key: 'tenant, sku',
          },
        ],
      ],
      ['count() AS found', [{ found: '1' }]],
      ['count() AS rows', [{ rows: '5' }]],
    ])
    await rebuildMonth({ client, database: 'outlay' }, { feed, month: '202611', range: { from: 0, to: 1 } })
    const first = said.slice(0, said.indexOf('DROP TABLE outlay.tenant_counters_shadow SYNC') + 1)
    expect(first.map((statement) => statement.replace(/ SETTINGS .*/, '').replace(/ SELECT .*/, ''))).toEqual([
      'SYSTEM SYNC REPLICA outlay.calls',
      'SYSTEM SYNC REPLICA outlay.tenant_counters',
      'DROP TABLE IF EXISTS outlay.tenant_counters_shadow SYNC',
      'CREATE TABLE outlay.tenant_counters_shadow AS outlay.tenant_counters ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(price_slot) ORDER BY (tenant, sku)',
      'INSERT INTO outlay.tenant_counters_shadow (tenant, calls)',
      'ALTER TABLE outlay.tenant_counters REPLACE PARTITION 202611 FROM outlay.tenant_counters_shadow',
      'DROP TABLE outlay.tenant_counters_shadow SYNC',
    ])
  })
})

describe('migrating', () => {
  const recordsOf = (files: readonly { name: string; checksum: string }[]): readonly Row[] =>
    files.map(({ name, checksum }) => ({ name, checksum }))
  const withoutCounters = recordsOf(
    [...readMigrations(), ...readViews()].filter(({ name }) => !/-counters(-mv)?$/.test(name)),
  )
  const SHARDS: Answers = [
    ["FROM clusterAllReplicas('main', system.macros)", [{ shard: '01' }, { shard: '02' }]],
    ['FROM system.macros', [{ shard: '01' }]],
  ]
  test('is told for every other shard by commands that see one', async () => {
    expect(await shardNote(record([ON_CLUSTER, ...SHARDS]).client, 'outlay')).toContain(
      'shard 01 of the cluster main alone',
    )
    expect(await shardNote(record([ON_SERVER, ...SHARDS]).client, 'outlay')).toBeUndefined()
  })

  const run = async (answers: Answers): Promise<MigrationResult & { readonly said: readonly string[] }> => {
    const { client, said } = record(answers)
    return { ...(await migrate(client, { database: 'outlay' })), said }
  }

  test('without a name finds the cluster, makes counters anew on it and sums the shard that it is on', async () => {
    const { said, applied, unsummedShards } = await run([
      ON_CLUSTER,
      ['FROM outlay.schema_migrations', withoutCounters],
      ...SHARDS,
      ['SELECT 1 FROM outlay.calls', [{ 1: 1 }]],
      ["match(name, '_(counters|index)(_mv)?$')", [{ name: 'tenant_counters' }]],
      [
        'as_select AS statement',
        [
          {
            name: 'tenant_counters_mv',
            statement: 'SELECT tenant, sum(sign) AS calls FROM outlay.calls GROUP BY tenant',
          },
        ],
      ],
      [
        'SELECT table, name, type FROM system.columns',
        [
          { table: 'tenant_counters', name: 'tenant', type: 'String' },
          { table: 'tenant_counters', name: 'calls', type: 'SimpleAggregateFunction(sum, Int64)' },
        ],
      ],
    ])
    expect(said).toContain("DROP TABLE IF EXISTS outlay.tenant_counters ON CLUSTER 'main' SYNC")
    const made = said.filter((statement) => statement.includes('CREATE TABLE IF NOT EXISTS outlay.tenant_counters'))
    expect(made).toEqual([expect.stringContaining("ON CLUSTER 'main'")])
    expect(made[0]).toContain(
      "ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')",
    )
    expect(said.filter((statement) => statement.includes('ENGINE = Distributed'))).toHaveLength(shardTables().length)
    const local = said.filter((statement) => /^(TRUNCATE|INSERT INTO outlay.tenant_counters)/.test(statement))
    expect(local.map((statement) => statement.replace(/ SELECT .*/, ''))).toEqual([
      'TRUNCATE TABLE outlay.tenant_counters',
      'INSERT INTO outlay.tenant_counters (tenant, calls)',
    ])
    expect(applied.at(-1)).toBe('@summed 01')
    expect(unsummedShards).toEqual(['02'])
  })

  test('on a cluster without a call has nothing to sum on any shard', async () => {
    const { applied, unsummedShards } = await run([
      ON_CLUSTER,
      ['FROM outlay.schema_migrations', withoutCounters],
      ...SHARDS,
    ])
    expect(applied).toEqual(expect.arrayContaining(['@summed 01', '@summed 02']))
    expect(unsummedShards).toEqual([])
  })

  test('refuses another form than the database has', async () => {
    const { client, said } = record([ON_SERVER])
    await expect(migrate(client, { database: 'outlay', cluster: 'main' })).rejects.toThrow(
      'not made for the cluster main',
    )
    const replicated = record([[FORM, [{ name: 'schema_migrations', engine: 'ReplicatedMergeTree', cluster: '' }]]])
    await expect(migrate(replicated.client, { database: 'outlay' })).rejects.toThrow('nothing says over which cluster')
    const other = record([ON_CLUSTER])
    await expect(migrate(other.client, { database: 'outlay', cluster: 'second' })).rejects.toThrow(
      'not made for the cluster second',
    )
    expect([...said, ...replicated.said, ...other.said]).toEqual([])
  })
})
