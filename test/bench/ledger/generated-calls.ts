/** The made-up calls: filled in on the server, so that ten million of them never pass through this process. */
import type { ClickHouseClient } from '@outlay/clickhouse'
import { METERS, type Meter } from '@outlay/core'
import type { CompiledBook } from '@outlay/pricing'
import { readFileSync } from 'node:fs'
import { QUARTER_DAYS, QUARTER_FROM } from './period.ts'
import { budgetSelectors, selectorRowsOf, selectorsFor } from './price-selectors.ts'

export interface CallGenerator {
  /** How many tasks leave about so many entries. */
  tasksFor(rows: number): Promise<number>
  /** Adds the entries of `count` tasks out of `tasks`, in one insert. Repeating it adds nothing. */
  insert(range: { readonly first: number; readonly count: number; readonly tasks: number }): Promise<void>
}

type Settings = NonNullable<Parameters<ClickHouseClient['command']>[0]['clickhouse_settings']>

const SCRATCH = 'outlay_bench'
const SELECTORS = `${SCRATCH}.selectors`
const SAMPLE_TASKS = 100_000

/** The product's own insert settings: one thread, so that a repeated batch is the same blocks under the same token. */
export const INSERT_SETTINGS = {
  async_insert: 0,
  deduplicate_insert: 'enable',
  deduplicate_insert_select: 'force_enable',
  deduplicate_blocks_in_dependent_materialized_views: 1,
  max_threads: 1,
  max_insert_threads: '1',
  max_block_size: '65536',
  max_insert_block_size: '1048449',
  min_insert_block_size_rows: '1048449',
  min_insert_block_size_bytes: '2147483648',
  materialized_views_ignore_errors: 0,
  max_partitions_per_insert_block: '100',
} as Settings

/** Columns of `calls.sql` that hold a meter, with the meter. */
const METER_COLUMNS = {
  input: 'meter_input',
  input_image: 'meter_input_image',
  cache_read: 'meter_cache_read',
  cache_write_5m: 'meter_cache_write_5m',
  cache_write_1h: 'meter_cache_write_1h',
  output: 'meter_output',
  output_reasoning: 'meter_output_reasoning',
  web_search: 'meter_web_search',
} satisfies { readonly [meter in Meter]?: string }

const usageBits = `toUInt32(${Object.entries(METER_COLUMNS)
  .map(([meter, column]) => `if(${column} > 0, ${2 ** METERS.indexOf(meter as Meter)}, 0)`)
  .join(' + ')})`

const select = readFileSync(new URL('calls.sql', import.meta.url), 'utf8')
  .replaceAll('{{selectors}}', SELECTORS)
  .replaceAll('{{usage_bits}}', usageBits)

const loadSelectors = async (client: ClickHouseClient, book: CompiledBook): Promise<void> => {
  const text = [
    'provider',
    'host',
    'model',
    'service_tier',
    'price_provider',
    'price_model',
    'price_region',
    'price_tier',
  ]
  const small = ['batch', 'cache', 'reasoning', 'images', 'searches']
  await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${SCRATCH}` })
  await client.command({
    query: `CREATE OR REPLACE TABLE ${SELECTORS} (selector UInt16, band UInt8, sku UInt64,
      ${text.map((name) => `${name} LowCardinality(String)`).join(', ')}, ${small.map((name) => `${name} UInt8`).join(', ')})
      ENGINE = MergeTree ORDER BY (selector, band)`,
  })
  await client.insert({ table: SELECTORS, values: [...selectorRowsOf(book)], format: 'JSONEachRow' })
}

/** Needs an identity that may create a database. Fails where the packaged book leaves one of the models unpriced. */
export const createCallGenerator = async (
  client: ClickHouseClient,
  database: string,
  book: CompiledBook,
): Promise<CallGenerator> => {
  await loadSelectors(client, book)
  const parameters = {
    days: QUARTER_DAYS,
    from_s: QUARTER_FROM,
    band_edges: book.bandEdges,
    chat: selectorsFor('chat'),
    rag: selectorsFor('rag'),
    agent: selectorsFor('agent'),
    helper: selectorsFor('helper'),
    budget: budgetSelectors(),
  }
  const sample = { ...parameters, first: 0, count: SAMPLE_TASKS, tasks: SAMPLE_TASKS }
  const described = await client.query({ query: `DESCRIBE (${select})`, query_params: sample, format: 'JSONEachRow' })
  const columns = (await described.json<{ name: string }>()).map(({ name }) => name)
  return {
    tasksFor: async (rows) => {
      const query = `SELECT count() AS entries FROM (${select})`
      const counted = await client.query({ query, query_params: sample, format: 'JSONEachRow' })
      const [row] = await counted.json<{ entries: string }>()
      return Math.ceil((rows / Number(row?.entries)) * SAMPLE_TASKS)
    },
    insert: async (range) => {
      await client.command({
        query: `INSERT INTO ${database}.calls (${columns.join(', ')}) ${select}`,
        query_params: { ...parameters, ...range },
        clickhouse_settings: { ...INSERT_SETTINGS, insert_deduplication_token: `bench:${range.tasks}:${range.first}` },
      })
    },
  }
}
