import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { rowsOf, startTestEngine, type TestEngine } from './engine.ts'

let own: TestEngine
let suffix = 0

beforeAll(async () => {
  own = await startTestEngine()
  await own.migrator.command({ query: 'CREATE DATABASE outlay' })
})

interface Pair {
  readonly raw: string
  readonly target: string
  counts(): Promise<unknown>
}

/** A raw table with a view into a summing target, both with the deduplication window asked for. */
const createPair = async (windows: { raw: number; target: number }): Promise<Pair> => {
  const [raw, target, view] = ['raw', 'target', 'view'].map((name) => `outlay.${name}_${suffix}`)
  suffix++
  const create = (query: string): Promise<unknown> => own.migrator.command({ query })
  const windowOf = (inserts: number): string => `non_replicated_deduplication_window = ${inserts}`
  await create(
    `CREATE TABLE ${raw} (k String, n UInt64, lsn UInt64) ENGINE = MergeTree ORDER BY n SETTINGS ${windowOf(windows.raw)}`,
  )
  await create(
    `CREATE TABLE ${target} (k String, c UInt64) ENGINE = SummingMergeTree ORDER BY k SETTINGS ${windowOf(windows.target)}`,
  )
  await create(`CREATE MATERIALIZED VIEW ${view} TO ${target} AS SELECT k, count() AS c FROM ${raw} GROUP BY k`)
  return {
    raw: raw ?? '',
    target: target ?? '',
    counts: async () =>
      (await rowsOf(own.reader, `SELECT (SELECT count() FROM ${raw}), (SELECT sum(c) FROM ${target})`))[0],
  }
}

/** Ten rows in Native, written by the engine itself. Columns in another order than the table's. */
const nativeBlock = async (
  select = "toUInt64(number + 100) AS lsn, concat('k', toString(number % 3)) AS k, number AS n",
): Promise<Buffer> => {
  const { stream } = await own.collector.exec({ query: `SELECT ${select} FROM numbers(10) FORMAT Native` })
  return Buffer.concat(await Readable.from(stream).toArray())
}

const insertNative = async (
  client: ClickHouseClient,
  insert: { table: string; body: Buffer; token?: string; columns?: string },
): Promise<void> => {
  const { stream } = await client.exec({
    query: `INSERT INTO ${insert.table} ${insert.columns ?? '(k, n, lsn)'} FORMAT Native`,
    values: Readable.from([insert.body], { objectMode: false }),
    ...(insert.token === undefined ? {} : { clickhouse_settings: { insert_deduplication_token: insert.token } }),
  })
  for await (const _ of stream) {
    // Nothing comes; reading to the end frees the connection.
  }
}

describe('exactly once', () => {
  test('the same token twice counts once in the raw table and in the target of its view', async () => {
    const pair = await createPair({ raw: 1000, target: 1000 })
    const body = await nativeBlock()
    await insertNative(own.collector, { table: pair.raw, body, token: 'a' })
    await insertNative(own.collector, { table: pair.raw, body, token: 'a' })
    expect(await pair.counts()).toEqual([10, 10])
  })

  test('another token with the same rows counts again', async () => {
    const pair = await createPair({ raw: 1000, target: 1000 })
    const body = await nativeBlock()
    await insertNative(own.collector, { table: pair.raw, body, token: 'a' })
    await insertNative(own.collector, { table: pair.raw, body, token: 'b' })
    expect(await pair.counts()).toEqual([20, 20])
  })

  test('a target without a window of its own counts twice: the windows are what protects it', async () => {
    const pair = await createPair({ raw: 1000, target: 0 })
    const body = await nativeBlock()
    await insertNative(own.collector, { table: pair.raw, body, token: 'a' })
    await insertNative(own.collector, { table: pair.raw, body, token: 'a' })
    expect(await pair.counts()).toEqual([10, 20])
  })

  test('a client cannot switch the protection off by settings of its own', async () => {
    const pair = await createPair({ raw: 1000, target: 1000 })
    const body = await nativeBlock()
    const careless = createClient({
      url: own.engine.url,
      ...own.engine.credentials.collector,
      clickhouse_settings: {
        deduplicate_blocks_in_dependent_materialized_views: 0,
        insert_deduplicate: 0,
        min_insert_block_size_rows: '3',
        max_insert_block_size: '3',
      },
    })
    await insertNative(careless, { table: pair.raw, body, token: 'a' })
    await insertNative(careless, { table: pair.raw, body, token: 'a' })
    await careless.close()
    expect(await pair.counts()).toEqual([10, 10])
  })

  test('text rows with the same token twice count once', async () => {
    const pair = await createPair({ raw: 1000, target: 1000 })
    for (const _ of [1, 2]) {
      await own.collector.insert({
        table: pair.raw,
        columns: ['k', 'n'],
        values: [
          { k: 'x', n: 1 },
          { k: 'y', n: 2 },
        ],
        format: 'JSONEachRow',
        clickhouse_settings: { insert_deduplication_token: 'same' },
      })
    }
    expect(await pair.counts()).toEqual([2, 2])
  })

  test('without a token the same bytes are the same insert, as on a server', async () => {
    const pair = await createPair({ raw: 1000, target: 1000 })
    const body = await nativeBlock()
    await insertNative(own.collector, { table: pair.raw, body })
    await insertNative(own.collector, { table: pair.raw, body })
    await insertNative(own.collector, {
      table: pair.raw,
      body: await nativeBlock("'z' AS k, number AS n, number AS lsn"),
    })
    expect(await pair.counts()).toEqual([20, 20])
  })

  test('a table without a window takes the same rows twice', async () => {
    const pair = await createPair({ raw: 0, target: 0 })
    const body = await nativeBlock()
    await insertNative(own.collector, { table: pair.raw, body })
    await insertNative(own.collector, { table: pair.raw, body })
    expect(await pair.counts()).toEqual([20, 20])
  })
})

describe('the body', () => {
  test('columns go by name, whatever their order in the block', async () => {
    const pair = await createPair({ raw: 1000, target: 1000 })
    await insertNative(own.collector, { table: pair.raw, body: await nativeBlock(), token: 'a' })
    expect(await rowsOf(own.reader, `SELECT k, n, lsn FROM ${pair.raw} ORDER BY n LIMIT 2`)).toEqual([
      ['k0', 0, 100],
      ['k1', 1, 101],
    ])
  })

  test('a list of columns that differs from the block is refused', async () => {
    const pair = await createPair({ raw: 1000, target: 1000 })
    const body = await nativeBlock()
    for (const columns of ['(k, n)', '(k, n, lsn, more)']) {
      await expect(insertNative(own.collector, { table: pair.raw, body, columns, token: 'a' })).rejects.toMatchObject({
        code: '16',
      })
    }
    expect(await pair.counts()).toEqual([0, 0])
  })

  test('a Native body cut at any byte writes nothing', async () => {
    const pair = await createPair({ raw: 1000, target: 1000 })
    const body = await nativeBlock()
    for (let length = 1; length < body.length; length += 7) {
      await expect(
        insertNative(own.collector, { table: pair.raw, body: body.subarray(0, length), token: `cut ${length}` }),
      ).rejects.toMatchObject({ code: expect.stringMatching(/^\d+$/) as string })
    }
    expect(await pair.counts()).toEqual([0, 0])
  })

  test('bytes after the block are refused', async () => {
    const pair = await createPair({ raw: 1000, target: 1000 })
    const padded = Buffer.concat([await nativeBlock(), Buffer.from([1, 2])])
    await expect(insertNative(own.collector, { table: pair.raw, body: padded, token: 'a' })).rejects.toMatchObject({
      code: '32',
    })
    expect(await pair.counts()).toEqual([0, 0])
  })

  test('an empty body is refused and its token stays free', async () => {
    const pair = await createPair({ raw: 1000, target: 1000 })
    await expect(
      insertNative(own.collector, { table: pair.raw, body: Buffer.alloc(0), token: 'a' }),
    ).rejects.toMatchObject({
      code: '108',
    })
    await insertNative(own.collector, { table: pair.raw, body: await nativeBlock(), token: 'a' })
    expect(await pair.counts()).toEqual([10, 10])
  })

  test('a gzip body is inflated; one that is cut or no gzip is refused', async () => {
    const pair = await createPair({ raw: 1000, target: 1000 })
    const zipped = gzipSync(await nativeBlock())
    const send = (body: Buffer): Promise<Response> =>
      fetch(`${own.engine.url}/?query=${encodeURIComponent(`INSERT INTO ${pair.raw} (k, n, lsn) FORMAT Native`)}`, {
        method: 'POST',
        headers: { ...authorization('collector'), 'Content-Encoding': 'gzip' },
        body: new Uint8Array(body),
      })
    for (const bad of [zipped.subarray(0, -5), Buffer.from('not gzip')]) {
      const response = await send(bad)
      expect([response.status, response.headers.get('x-clickhouse-exception-code')]).toEqual([400, '271'])
    }
    expect((await send(zipped)).status).toBe(200)
    expect(await pair.counts()).toEqual([10, 10])
  })

  test('a connection that breaks before the last chunk writes nothing and leaves no file', async () => {
    const pair = await createPair({ raw: 0, target: 0 })
    const { hostname, port } = new URL(own.engine.url)
    const query = encodeURIComponent(`INSERT INTO ${pair.raw} (k, n) FORMAT JSONEachRow`)
    // A whole row, cut at its line end: only the missing last chunk tells that more was to come.
    const row = '{"k":"x","n":1}\n'
    const socket = connect(Number(port), hostname)
    await new Promise<void>((resolve) => {
      socket.once('connect', resolve)
    })
    const { Authorization } = authorization('collector')
    socket.write(
      `POST /?query=${query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${Authorization}\r\nTransfer-Encoding: chunked\r\n\r\n` +
        `${row.length.toString(16)}\r\n${row}\r\n`,
    )
    const spool = join(own.dataDir, 'spool')
    await expect.poll(() => readdir(spool)).toHaveLength(1)
    socket.destroy()
    await expect.poll(() => readdir(spool)).toHaveLength(0)
    expect(await pair.counts()).toEqual([0, 0])
  })

  test('numbers and times keep every digit', async () => {
    await own.migrator.command({
      query: 'CREATE TABLE outlay.exact (i Int128, u UInt64, t DateTime64(9)) ENGINE = MergeTree ORDER BY u',
    })
    const select =
      "toInt128('-170141183460469231731687303715884105728') AS i, toUInt64(18446744073709551615) AS u, toDateTime64('2026-01-02 03:04:05.123456789', 9) AS t"
    const { stream } = await own.collector.exec({ query: `SELECT ${select} FORMAT Native` })
    const body = Buffer.concat(await Readable.from(stream).toArray())
    await insertNative(own.collector, { table: 'outlay.exact', columns: '(i, u, t)', body })
    expect(await rowsOf(own.reader, 'SELECT toString(i), toString(u), toString(t) FROM outlay.exact')).toEqual([
      ['-170141183460469231731687303715884105728', '18446744073709551615', '2026-01-02 03:04:05.123456789'],
    ])
  })
})

const authorization = (role: 'collector' | 'migrator'): { Authorization: string } => {
  const { username, password } = own.engine.credentials[role]
  return { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}
