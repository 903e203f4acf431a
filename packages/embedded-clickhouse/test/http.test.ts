import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { Readable } from 'node:stream'
import { beforeAll, describe, expect, test } from 'vitest'
import { engineLimits } from '#src/limits.ts'
import { rowsOf, startTestEngine, type TestEngine } from './engine.ts'

const QUIET = { level: ClickHouseLogLevel.OFF }

let own: TestEngine
beforeAll(async () => {
  own = await startTestEngine()
  await own.migrator.command({ query: 'CREATE DATABASE outlay' })
  await own.migrator.command({
    query: "CREATE TABLE outlay.t (a UInt64, s String DEFAULT 'none') ENGINE = MergeTree ORDER BY a",
  })
})

const ask = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${own.engine.url}${path}`, init)

describe('what @clickhouse/client does', () => {
  test('both forms of ping succeed', async () => {
    expect(await own.reader.ping()).toEqual({ success: true })
    expect(await own.reader.ping({ select: true })).toEqual({ success: true })
  })

  test('a failed ping names wrong credentials', async () => {
    const stranger = createClient({ url: own.engine.url, username: 'migrator', password: 'wrong', log: QUIET })
    const answer = await stranger.ping({ select: true })
    expect(answer).toMatchObject({ success: false, error: { code: '516', type: 'AUTHENTICATION_FAILED' } })
    await stranger.close()
  })

  test.each(['JSON', 'JSONCompact', 'JSONStrings', 'JSONEachRow', 'JSONCompactEachRowWithNamesAndTypes'] as const)(
    'a query in %s gives parsed rows',
    async (format) => {
      const result = await own.reader.query({ query: "SELECT 1 AS one, 'x' AS text", format })
      const parsed = await result.json()
      expect(JSON.stringify(parsed)).toContain('x')
    },
  )

  test('a query in TabSeparated and CSV gives text', async () => {
    expect(await (await own.reader.query({ query: 'SELECT 1, 2', format: 'TabSeparated' })).text()).toBe('1\t2\n')
    expect(await (await own.reader.query({ query: 'SELECT 1, 2', format: 'CSV' })).text()).toBe('1,2\n')
  })

  test('a query in Native gives the block', async () => {
    const { stream } = await own.reader.exec({ query: 'SELECT toUInt8(7) AS seven FORMAT Native' })
    const block = Buffer.concat(await Readable.from(stream).toArray())
    expect(block.toString('latin1')).toBe('\x01\x01\x05seven\x05UInt8\x07')
  })

  test('a stream of rows arrives whole', async () => {
    const result = await own.reader.query({ query: 'SELECT number FROM numbers(50000)', format: 'JSONEachRow' })
    let count = 0
    for await (const rows of result.stream()) count += rows.length
    expect(count).toBe(50_000)
  })

  test('parameters are bound by the engine, whatever they contain', async () => {
    const hard = "it's \\ a\ttab\nand `tick` {x:String} '; DROP TABLE t"
    const result = await own.reader.query({
      query:
        'SELECT {text:String} AS text, {list:Array(String)} AS list, {n:UInt64} AS n, {none:Nullable(String)} AS none, {at:DateTime} AS at',
      query_params: { text: hard, list: [hard, 'b'], n: '18446744073709551615', none: null, at: '2026-01-01 00:00:00' },
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
    })
    expect(await result.json()).toEqual([
      { text: hard, list: [hard, 'b'], n: '18446744073709551615', none: null, at: '2026-01-01 00:00:00' },
    ])
  })

  test('parameters of one query are unknown to the next', async () => {
    await own.reader.query({ query: 'SELECT {p:UInt8}', query_params: { p: 1 } })
    await expect(own.reader.query({ query: 'SELECT {p:UInt8}' })).rejects.toMatchObject({ code: '456' })
  })

  test('concurrent parameterised queries do not see each other', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const result = await own.reader.query({
          query: 'SELECT {n:UInt32} AS n FROM numbers(1)',
          query_params: { n: index },
          format: 'JSONEachRow',
        })
        return result.json<{ n: number }>()
      }),
    )
    expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 40 }, (_, index) => index))
  })

  test('quoting of big numbers takes effect for a reader', async () => {
    const result = await own.reader.query({
      query: "SELECT toInt64(9007199254740993) AS big, toDecimal64('1.10', 2) AS money",
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1, output_format_json_quote_decimals: 1 },
    })
    expect(await result.text()).toBe('{"big":"9007199254740993","money":"1.1"}\n')
  })

  test('insert writes rows and reports how many', async () => {
    const { summary } = await own.collector.insert({
      table: 'outlay.t',
      values: [{ a: 1, s: 'x' }, { a: 2 }],
      format: 'JSONEachRow',
    })
    expect(summary?.written_rows).toBe('2')
    expect(await rowsOf(own.reader, 'SELECT a, s FROM outlay.t ORDER BY a')).toEqual([
      [1, 'x'],
      [2, 'none'],
    ])
    await own.migrator.command({ query: 'TRUNCATE TABLE outlay.t' })
  })

  test.each([
    ['TabSeparated', '5\tb\n6\tc\n'],
    ['CSV', '5,"b"\n6,"c"\n'],
    ['CSVWithNames', '"a","s"\n5,"b"\n6,"c"\n'],
  ] as const)('insert takes %s', async (format, text) => {
    await own.collector.insert({
      table: 'outlay.t',
      columns: ['a', 's'],
      values: Readable.from(text, { objectMode: false }),
      format,
    })
    expect(await rowsOf(own.reader, 'SELECT a, s FROM outlay.t ORDER BY a')).toEqual([
      [5, 'b'],
      [6, 'c'],
    ])
    await own.migrator.command({ query: 'TRUNCATE TABLE outlay.t' })
  })

  test('insert takes rows as arrays, from a stream of objects', async () => {
    const rows: [number, string][] = [
      [5, 'b'],
      [6, 'c'],
    ]
    await own.collector.insert({ table: 'outlay.t', columns: ['a', 's'], values: Readable.from(rows) })
    expect(await rowsOf(own.reader, 'SELECT a, s FROM outlay.t ORDER BY a')).toEqual(rows)
    await own.migrator.command({ query: 'TRUNCATE TABLE outlay.t' })
  })

  test('gzip works in both directions', async () => {
    const zipped = createClient({
      url: own.engine.url,
      ...own.engine.credentials.collector,
      compression: { request: true, response: true },
    })
    await zipped.insert({ table: 'outlay.t', values: [{ a: 1, s: 'z'.repeat(5000) }], format: 'JSONEachRow' })
    expect(await rowsOf(zipped, "SELECT length(s), s = repeat('z', 5000) FROM outlay.t")).toEqual([[5000, 1]])
    const result = await zipped.query({ query: 'SELECT s FROM outlay.t', format: 'JSONEachRow' })
    expect(result.response_headers['content-encoding']).toBe('gzip')
    await zipped.close()
    await own.migrator.command({ query: 'TRUNCATE TABLE outlay.t' })
  })

  test('errors arrive as ClickHouseError with code and type', async () => {
    const failure = await own.reader.query({ query: 'SELECT * FROM outlay.nope' }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ClickHouseError)
    expect(failure).toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' })
    await expect(own.reader.query({ query: 'SELECT (1' })).rejects.toMatchObject({ code: '62', type: 'SYNTAX_ERROR' })
    await expect(own.reader.query({ query: 'SELECT nope' })).rejects.toMatchObject({ code: '47' })
  })

  test('session ids and roles are accepted and keep no state', async () => {
    const result = await own.reader.query({
      query: 'SELECT 1',
      session_id: 'abc',
      role: ['x', 'y'],
      format: 'TabSeparated',
    })
    expect(await result.text()).toBe('1\n')
  })

  test('a database of the client is the current one, and an unknown one is error 81', async () => {
    const inside = createClient({ url: own.engine.url, database: 'outlay' })
    expect(await rowsOf(inside, 'SELECT count() FROM t')).toEqual([[0]])
    await inside.close()
    const lost = createClient({ url: own.engine.url, database: 'outlay_nowhere', log: QUIET })
    await expect(lost.query({ query: 'SELECT 1' })).rejects.toMatchObject({ code: '81' })
    await lost.close()
  })
})

describe('the HTTP interface itself', () => {
  test('a query in the URL and the default format of a bare GET', async () => {
    const response = await ask('/?query=SELECT%201,2&query_id=my-id')
    expect(await response.text()).toBe('1\t2\n')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-clickhouse-query-id': 'my-id',
      'x-clickhouse-format': 'TabSeparated',
      'x-clickhouse-timezone': 'UTC',
      'keep-alive': 'timeout=10',
    })
    expect(JSON.parse(response.headers.get('x-clickhouse-summary') ?? '')).toMatchObject({ result_rows: '1' })
  })

  test('the format comes from the statement, else the header, else default_format', async () => {
    const inStatement = await ask('/?query=SELECT%201%20FORMAT%20CSV&default_format=JSON')
    expect([inStatement.headers.get('x-clickhouse-format'), await inStatement.text()]).toEqual(['CSV', '1\n'])
    const inHeader = await ask('/?query=SELECT%201&default_format=JSON', {
      headers: { 'x-clickhouse-format': 'Values' },
    })
    expect(await inHeader.text()).toBe('(1)')
    const inUrl = await ask('/?query=SELECT%201%20AS%20x&default_format=JSONEachRow')
    expect(await inUrl.text()).toBe('{"x":1}\n')
  })

  test('errors carry status, code header and the text a client parses', async () => {
    const response = await ask('/', { method: 'POST', body: 'SELECT * FROM outlay.nope' })
    expect(response.status).toBe(404)
    expect(response.headers.get('x-clickhouse-exception-code')).toBe('60')
    expect(await response.text()).toMatch(/^Code: 60\. DB::Exception: .* \(UNKNOWN_TABLE\) \(version 26\.7\.2\.1\)\n$/)
  })

  test.each([
    ['SELECT 1 +', 400, 62],
    ['SELECT noSuchFunction(1) FROM numbers(1)', 404, 46],
    ["SELECT toDate('x')", 400, 38],
    ['SELECT number FROM numbers(2000000)', 500, 396],
  ])('%s answers %i with code %i', async (sql, status, code) => {
    const response = await ask('/', { method: 'POST', body: sql })
    expect([response.status, response.headers.get('x-clickhouse-exception-code')]).toEqual([status, String(code)])
  })

  test('no credentials, default and reader are the reader; wrong ones are 403 with code 516', async () => {
    const as = (name: string, word: string): Promise<Response> =>
      ask('/?query=SELECT%201', { headers: { 'X-ClickHouse-User': name, 'X-ClickHouse-Key': word } })
    expect((await ask('/?query=SELECT%201')).status).toBe(200)
    expect((await as('default', '')).status).toBe(200)
    expect((await as('reader', '')).status).toBe(200)
    for (const [name, word] of [
      ['migrator', ''],
      ['collector', 'x'],
      ['reader', 'x'],
      ['root', ''],
    ] as const) {
      const response = await as(name, word)
      expect([response.status, response.headers.get('x-clickhouse-exception-code')]).toEqual([403, '516'])
    }
  })

  test('credentials in the URL are refused without repeating them', async () => {
    const response = await ask('/?query=SELECT%201&user=migrator&password=secret-word')
    expect(response.status).toBe(403)
    expect(await response.text()).not.toContain('secret-word')
  })

  test('unknown settings of a reader are error 115, transport settings are ignored', async () => {
    const unknown = await ask('/?query=SELECT%201&max_threads=8')
    expect([unknown.status, unknown.headers.get('x-clickhouse-exception-code')]).toEqual([404, '115'])
    expect(await unknown.text()).toContain('max_threads')
    const ignored =
      '&wait_end_of_query=1&enable_http_compression=1&async_insert=1&limit=5&log_queries=1&max_execution_time=9999'
    expect((await ask(`/?query=SELECT%201${ignored}`)).status).toBe(200)
    // It would write a file.
    expect((await ask('/?query=SELECT%201&output_format_schema=x')).status).toBe(404)
  })

  test('a request for another host name is refused', async () => {
    const { request } = await import('node:http')
    const status = await new Promise((resolve, reject) => {
      const { hostname, port } = new URL(own.engine.url)
      request({ hostname, port, path: '/?query=SELECT%201', headers: { host: 'evil.example' } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(403)
  })

  test('other paths and methods are refused', async () => {
    expect((await ask('/play')).status).toBe(404)
    expect((await ask('/', { method: 'PUT', body: 'x' })).status).toBe(405)
    expect(await (await ask('/ping')).text()).toBe('Ok.\n')
  })

  test('a statement that is not UTF-8 is refused, not repaired', async () => {
    const response = await ask('/', { method: 'POST', body: new Uint8Array([0x53, 0xff, 0xfe]) })
    expect(response.status).toBe(400)
  })

  test('a statement of exactly the limit runs, one byte more is 413', async () => {
    const statementOf = (bytes: number): string => `SELECT length('${'x'.repeat(bytes - "SELECT length('')".length)}')`
    const send = (bytes: number): Promise<Response> => ask('/', { method: 'POST', body: statementOf(bytes) })
    expect((await send(engineLimits.readerQueryBytesMax)).status).toBe(200)
    expect((await send(engineLimits.readerQueryBytesMax + 1)).status).toBe(413)
    // The connection that carried too much is not left in doubt: the next request is served.
    expect((await send(100)).status).toBe(200)
  })

  test.each([
    ['parentheses', `SELECT ${'('.repeat(60_000)}1${')'.repeat(60_000)}`],
    ['calls', `SELECT ${'abs('.repeat(30_000)}1${')'.repeat(30_000)}`],
    ['signs', `SELECT ${'- '.repeat(60_000)}1`],
    ['casts', `SELECT 1${'::Int8'.repeat(40_000)}`],
    ['subqueries', `SELECT * FROM ${'(SELECT * FROM '.repeat(10_000)}t${')'.repeat(10_000)}`],
  ])('deep nesting of %s is an error, not a crash', async (_, sql) => {
    expect((await ask('/', { method: 'POST', body: sql })).status).toBe(400)
    expect(own.engine.restarts).toBe(0)
  })
})

describe("Grafana's Go client", () => {
  test('the handshake is answered in the 54460 framing with revision 0', async () => {
    const question = 'SELECT displayName(), version(), revision(), timezone()'
    const response = await ask('/?client_protocol_version=54460&database=default&default_format=Native', {
      method: 'POST',
      body: question,
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    const text = (value: string): string =>
      Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]).toString('hex')
    expect(bytes.toString('hex')).toBe(
      [
        '010002ffffffff00',
        '0401',
        `${text('displayName()')}${text('String')}00${text('outlay-embedded')}`,
        `${text('version()')}${text('String')}00${text('26.7.2.1')}`,
        `${text('revision()')}${text('UInt32')}0000000000`,
        `${text('timezone()')}${text('String')}00${text('UTC')}`,
      ].join(''),
    )
  })

  test('its ping and its blocks are plain revision 0', async () => {
    const response = await ask('/?client_protocol_version=54460&default_format=Native&max_execution_time=60', {
      method: 'POST',
      body: 'SELECT 1',
    })
    expect(Buffer.from(await response.arrayBuffer()).toString('hex')).toBe('010101310555496e743801')
  })
})
