import { beforeAll, expect, test } from 'vitest'
import { rowsOf, startTestEngine, type TestEngine } from './engine.ts'

/** What the ledger's tables and views rely on, each tried through the endpoint as the role that will do it. */
let own: TestEngine
const migrate = (query: string): Promise<unknown> => own.migrator.command({ query })

beforeAll(async () => {
  own = await startTestEngine()
  await migrate('CREATE DATABASE outlay')
})

test('a price table is swapped and its dictionary reloaded by the collector, and every view sees the new price', async () => {
  const columns =
    'key UInt64, slot_from DateTime, slot_to DateTime, currency String, f_input Nullable(Int64), f_output Nullable(Int64)'
  await migrate(`CREATE TABLE outlay.price_rows (${columns}) ENGINE = MergeTree ORDER BY key`)
  await migrate('CREATE TABLE outlay.price_rows_next AS outlay.price_rows')
  await migrate(
    `CREATE DICTIONARY outlay.price_windows (${columns}) PRIMARY KEY key
     SOURCE(CLICKHOUSE(DB 'outlay' TABLE 'price_rows')) LIFETIME(0)
     LAYOUT(RANGE_HASHED(range_lookup_strategy 'max')) RANGE(MIN slot_from MAX slot_to)`,
  )
  await migrate(
    `CREATE DICTIONARY outlay.price_by_query (${columns}) PRIMARY KEY key
     SOURCE(CLICKHOUSE(QUERY 'SELECT * FROM outlay.price_rows WHERE f_input > 0')) LIFETIME(0)
     LAYOUT(RANGE_HASHED()) RANGE(MIN slot_from MAX slot_to)`,
  )
  await migrate(
    `CREATE VIEW outlay.priced AS
     SELECT dictGet('outlay.price_windows', ('currency', 'f_input', 'f_output'), toUInt64({key:UInt64}), toDateTime('2026-01-05 00:00:00')) AS w`,
  )
  const load = async (table: string, price: number): Promise<void> => {
    await own.collector.command({ query: `TRUNCATE TABLE ${table}` })
    await own.collector.insert({
      table,
      values: [
        {
          key: '1',
          slot_from: '2026-01-01 00:00:00',
          slot_to: '2026-02-01 00:00:00',
          currency: 'USD',
          f_input: price,
          f_output: null,
        },
      ],
      format: 'JSONEachRow',
    })
  }
  const priceOf = async (key: number): Promise<unknown> =>
    (await rowsOf(own.reader, `SELECT w.1, toString(w.2), w.3 FROM outlay.priced(key = ${key})`))[0]

  await load('outlay.price_rows', 10)
  await own.collector.command({ query: 'SYSTEM RELOAD DICTIONARY outlay.price_windows' })
  expect(await priceOf(1)).toEqual(['USD', '10', null])
  expect(await priceOf(2)).toEqual(['', null, null])

  await load('outlay.price_rows_next', 20)
  await own.collector.command({ query: 'EXCHANGE TABLES outlay.price_rows AND outlay.price_rows_next' })
  await own.collector.command({ query: 'SYSTEM RELOAD DICTIONARY outlay.price_windows' })
  expect(await priceOf(1)).toEqual(['USD', '20', null])
  expect(
    await rowsOf(
      own.reader,
      "SELECT toString(dictGet('outlay.price_by_query', 'f_input', toUInt64(1), toDateTime('2026-01-05 00:00:00')))",
    ),
  ).toEqual([['20']])
})

test('parameterised views nest, and take literals or expressions', async () => {
  await migrate(
    'CREATE VIEW outlay.span AS SELECT toDateTime(number) AS at FROM numbers(100) WHERE at >= {from:DateTime} AND at < {to:DateTime}',
  )
  await migrate(
    'CREATE VIEW outlay.spans AS SELECT count() AS n FROM outlay.span(from = {from:DateTime}, to = {to:DateTime})',
  )
  expect(
    await rowsOf(own.reader, "SELECT n FROM outlay.spans(from = '1970-01-01 00:00:10', to = '1970-01-01 00:00:30')"),
  ).toEqual([[20]])
  expect(await rowsOf(own.reader, 'SELECT n FROM outlay.spans(from = toDateTime(10), to = toDateTime(30))')).toEqual([
    [20],
  ])
  const bound = await own.reader.query({
    query: 'SELECT n FROM outlay.spans(from = {a:DateTime}, to = {b:DateTime})',
    query_params: { a: new Date(10_000), b: new Date(30_000) },
    format: 'JSONCompactEachRow',
  })
  expect(await bound.json()).toEqual([[20]])
})

test('quantiles, sums and reversals of Int128 stay exact', async () => {
  await migrate('CREATE TABLE outlay.money (v Int128, sign Int8, meter UInt64) ENGINE = MergeTree ORDER BY tuple()')
  await own.collector.command({
    query:
      "INSERT INTO outlay.money SELECT toInt128('123456789012345678901234567890') + number, if(number % 2 = 0, 1, -1), number FROM numbers(101)",
  })
  expect(
    await rowsOf(
      own.reader,
      'SELECT toString(quantileExact(0.5)(v)), toTypeName(quantileExact(0.5)(v)), toTypeName(sum(sign * meter)), toString(sum(sign * meter)) FROM outlay.money',
    ),
  ).toEqual([['123456789012345678901234567940', 'Int128', 'Int64', '50']])
})

test('comments on tables, views and columns are kept and can be changed', async () => {
  await migrate("CREATE TABLE outlay.noted (a UInt8 COMMENT 'the a') ENGINE = MergeTree ORDER BY a COMMENT 'the table'")
  await migrate(
    "CREATE VIEW outlay.noted_view (a UInt8 COMMENT 'the view a') AS SELECT a FROM outlay.noted COMMENT 'the view'",
  )
  await migrate("ALTER TABLE outlay.noted COMMENT COLUMN a 'the new a'")
  expect(
    await rowsOf(
      own.reader,
      "SELECT name, comment FROM system.tables WHERE database = 'outlay' AND name LIKE 'noted%' ORDER BY name",
    ),
  ).toEqual([
    ['noted', 'the table'],
    ['noted_view', 'the view'],
  ])
  expect(
    await rowsOf(
      own.reader,
      "SELECT table, comment FROM system.columns WHERE database = 'outlay' AND table LIKE 'noted%' ORDER BY table",
    ),
  ).toEqual([
    ['noted', 'the new a'],
    ['noted_view', 'the view a'],
  ])
})

test('a materialized view changes its query in place, and partitions move between tables', async () => {
  await migrate('CREATE TABLE outlay.source (a UInt64) ENGINE = MergeTree PARTITION BY a % 2 ORDER BY a')
  await migrate('CREATE TABLE outlay.copy AS outlay.source')
  await migrate('CREATE TABLE outlay.sums (a UInt64) ENGINE = SummingMergeTree ORDER BY tuple()')
  await migrate('CREATE MATERIALIZED VIEW outlay.summing TO outlay.sums AS SELECT a FROM outlay.source')
  await migrate('ALTER TABLE outlay.summing MODIFY QUERY SELECT a * 10 AS a FROM outlay.source')
  await own.collector.command({ query: 'INSERT INTO outlay.source SELECT number FROM numbers(5)' })
  await migrate('ALTER TABLE outlay.copy ATTACH PARTITION 1 FROM outlay.source')
  expect(await rowsOf(own.reader, 'SELECT (SELECT sum(a) FROM outlay.sums), (SELECT sum(a) FROM outlay.copy)')).toEqual(
    [[100, 4]],
  )
})
