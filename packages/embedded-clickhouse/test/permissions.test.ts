import { beforeAll, describe, expect, test } from 'vitest'
import { rowsOf, startTestEngine, type TestEngine } from './engine.ts'

let own: TestEngine
beforeAll(async () => {
  own = await startTestEngine()
  for (const query of [
    'CREATE DATABASE outlay',
    'CREATE TABLE outlay.t (a UInt64) ENGINE = MergeTree ORDER BY a',
    'CREATE TABLE outlay.t_next AS outlay.t',
    "CREATE DICTIONARY outlay.d (a UInt64, b UInt64) PRIMARY KEY a SOURCE(CLICKHOUSE(QUERY 'SELECT a, a AS b FROM outlay.t')) LAYOUT(FLAT()) LIFETIME(0)",
  ]) {
    await own.migrator.command({ query })
  }
})

const INSIDE = [
  'INSERT INTO outlay.t SELECT 1',
  'INSERT INTO outlay.t VALUES (2), (3)',
  'EXCHANGE TABLES outlay.t AND outlay.t_next',
  'TRUNCATE TABLE outlay.t_next',
  'SYSTEM RELOAD DICTIONARY outlay.d',
  'CREATE TABLE IF NOT EXISTS outlay.t AS outlay.t_next',
]
const MIGRATIONS = [
  'CREATE DATABASE outlay_demo',
  'DROP DATABASE outlay_demo',
  "ALTER TABLE outlay.t MODIFY COMMENT 'x'",
  'CREATE VIEW outlay.v AS SELECT count() FROM outlay.t',
  'DROP TABLE outlay.v',
  'OPTIMIZE TABLE outlay.t FINAL',
  'ALTER TABLE outlay.t DELETE WHERE a = 99',
]
const OUTSIDE = [
  'CREATE DATABASE other',
  'DROP DATABASE default',
  'CREATE TABLE default.x (a UInt8) ENGINE = MergeTree ORDER BY a',
  'RENAME TABLE outlay.t TO default.t',
  "INSERT INTO FUNCTION file('/tmp/outlay-must-not-exist') SELECT 1",
  "SELECT 1 INTO OUTFILE '/tmp/outlay-must-not-exist'",
  'CREATE USER x',
  'CREATE FUNCTION f AS (x) -> x',
  'GRANT ALL ON *.* TO x',
  'SET max_threads = 1',
  'USE outlay',
  'KILL QUERY WHERE 1',
  'SYSTEM SHUTDOWN',
  'SYSTEM DROP DNS CACHE',
  "BACKUP DATABASE outlay TO File('/tmp/outlay-must-not-exist')",
  'CREATE TEMPORARY TABLE x (a UInt8)',
  'INSERT INTO outlay.t SELECT 1; DROP TABLE outlay.t',
  "ATTACH TABLE outlay.x FROM '/tmp' (a UInt8) ENGINE = MergeTree ORDER BY a",
]

const refusal = { code: expect.stringMatching(/^(497|62|164)$/) as string }

describe('migrator', () => {
  test.each([...INSIDE, ...MIGRATIONS])('may %s', async (query) => {
    await expect(own.migrator.command({ query })).resolves.toHaveProperty('query_id')
  })

  test.each(OUTSIDE)('may not %s', async (query) => {
    await expect(own.migrator.command({ query })).rejects.toMatchObject(refusal)
  })
})

describe('collector', () => {
  test.each(INSIDE)('may %s', async (query) => {
    await expect(own.collector.command({ query })).resolves.toHaveProperty('query_id')
  })

  test.each([
    ...OUTSIDE,
    'ALTER TABLE outlay.t ADD COLUMN b UInt8',
    'DROP TABLE outlay.t',
    'DROP DATABASE outlay',
    'CREATE DATABASE outlay_x',
  ])('may not %s', async (query) => {
    await expect(own.collector.command({ query })).rejects.toMatchObject(refusal)
  })

  test('reads anything, with settings', async () => {
    const rows = await rowsOf(own.collector, 'SELECT count() > 0 FROM system.processes SETTINGS max_threads = 1')
    expect(rows).toEqual([[1]])
  })

  test('inserts into other databases are refused before the body is read', async () => {
    await expect(
      own.collector.insert({ table: 'default.t', values: [{ a: 1 }], format: 'JSONEachRow' }),
    ).rejects.toMatchObject({
      code: '497',
    })
  })
})

describe('reader', () => {
  test.each([...INSIDE, ...MIGRATIONS, ...OUTSIDE])('may not %s', async (query) => {
    await expect(own.reader.command({ query })).rejects.toMatchObject(refusal)
  })

  test('inserts are error 164', async () => {
    await expect(
      own.reader.insert({ table: 'outlay.t', values: [{ a: 1 }], format: 'JSONEachRow' }),
    ).rejects.toMatchObject({
      code: '164',
      type: 'READONLY',
    })
  })
})

test('names without a database are judged in the current one', async () => {
  const { createClient } = await import('@clickhouse/client')
  const inside = createClient({ url: own.engine.url, ...own.engine.credentials.migrator, database: 'outlay' })
  await inside.command({ query: 'CREATE TABLE here (a UInt8) ENGINE = MergeTree ORDER BY a' })
  await inside.insert({ table: 'here', values: [{ a: 1 }], format: 'JSONEachRow' })
  await inside.command({ query: 'INSERT INTO here SELECT 2' })
  expect(await rowsOf(own.reader, 'SELECT sum(a) FROM outlay.here')).toEqual([[3]])
  await inside.command({ query: 'DROP TABLE here' })
  await inside.close()
})

test('a write over GET is refused', async () => {
  const { username, password } = own.engine.credentials.migrator
  const response = await fetch(`${own.engine.url}/?query=DROP%20TABLE%20outlay.t`, {
    headers: { 'X-ClickHouse-User': username, 'X-ClickHouse-Key': password },
  })
  expect([response.status, response.headers.get('x-clickhouse-exception-code')]).toEqual([403, '164'])
})
