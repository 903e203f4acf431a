import { gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, test } from 'vitest'
import { parquetFile, type ParquetColumn, problemsOf, rowsOf } from './fact-files.ts'

const HEADER = 'month,scope_kind,scope,amount,currency\n'
const AMOUNTS = ['12345678901234567890123.123456789012345', '-0.000000000000001', '0.1', '9007199254740993']
const UNITS = [12345678901234567890123123456789012345n, -1n, 100_000_000_000_000n, 9007199254740993n * 10n ** 15n]

const constant = (name: string, value: string): ParquetColumn => ({
  name,
  type: 'STRING',
  values: AMOUNTS.map(() => value),
})
const revenueParquet = (amounts: ParquetColumn, scopes = AMOUNTS.map((_, index) => `t${index}`)): Uint8Array =>
  parquetFile([
    constant('month', '2026-11'),
    constant('scope_kind', 'tenant'),
    { name: 'scope', type: 'STRING', values: scopes },
    amounts,
    constant('currency', 'USD'),
  ])

describe('money keeps every digit', () => {
  test('of CSV text, JSON text and JSON numbers', async () => {
    const csv = HEADER + AMOUNTS.map((amount, index) => `2026-11,tenant,t${index},${amount},USD\n`).join('')
    const json = (quote: string): string =>
      AMOUNTS.map(
        (amount, index) =>
          `{"month":"2026-11","scope_kind":"tenant","scope":"t${index}","amount":${quote}${amount}${quote},"currency":"USD"}`,
      ).join('\n')
    const rows = await rowsOf('revenue', 'csv', csv)
    expect(rows.map(({ amount }) => amount)).toEqual(UNITS)
    expect(await rowsOf('revenue', 'json', json('"'))).toEqual(rows)
    expect(await rowsOf('revenue', 'json', json(''))).toEqual(rows)
    expect(await rowsOf('revenue', 'json', `[${json('').replaceAll('\n', ',')}]`)).toEqual(rows)
  })

  test('of Parquet decimals, whole numbers and text', async () => {
    const fixed = { precision: 38, scale: 15, storedAs: 'FIXED' } as const
    const decimals = await rowsOf(
      'revenue',
      'parquet',
      revenueParquet({ name: 'amount', decimal: fixed, values: UNITS }),
    )
    expect(decimals.map(({ amount }) => amount)).toEqual(UNITS)
    const cents = { precision: 18, scale: 2, storedAs: 'INT64' } as const
    const small = await rowsOf(
      'revenue',
      'parquet',
      revenueParquet({ name: 'amount', decimal: cents, values: [1n, -1n, 0n, 900719925474099312n] }),
    )
    expect(small.map(({ amount }) => amount)).toEqual([10n ** 13n, -(10n ** 13n), 0n, 900719925474099312n * 10n ** 13n])
    const whole = await rowsOf(
      'revenue',
      'parquet',
      revenueParquet({ name: 'amount', type: 'INT64', values: [1n, 2n, 3n, 9007199254740993n] }),
    )
    expect(whole.at(-1)?.['amount']).toBe(9007199254740993n * 10n ** 15n)
    const text = await rowsOf('revenue', 'parquet', revenueParquet({ name: 'amount', type: 'STRING', values: AMOUNTS }))
    expect(text).toEqual(decimals)
  })

  test('and a binary float, an exponent or one place too many is refused', async () => {
    const floats = revenueParquet({ name: 'amount', type: 'DOUBLE', values: [0.1, 1, 2, 3] })
    expect(await problemsOf('revenue', 'parquet', floats)).toMatchObject([
      { row: 1, column: 'amount', what: 'a binary float is not exact', fix: expect.stringContaining('DECIMAL') },
      { row: 2 },
      { row: 3 },
      { row: 4 },
    ])
    const bad = ['1e3', '0.0000000000000001', '123456789012345678901234', '1,5', 'NaN', '+1', '$1'].map(
      (amount, index) => `2026-11,tenant,t${index},"${amount}",USD\n`,
    )
    const problems = await problemsOf('revenue', 'csv', HEADER + bad.join(''))
    expect(problems.map(({ row, column }) => [row, column])).toEqual(bad.map((_, index) => [index + 2, 'amount']))
  })
})

describe('a Parquet file', () => {
  test('gives dates, times and gaps as the other formats do', async () => {
    const at = Date.UTC(2026, 10, 3, 14, 20)
    const file = parquetFile([
      { name: 'tenant', type: 'STRING', values: ['acme', 'bolt'] },
      { name: 'tier', type: 'STRING', values: ['pro', 'free'] },
      // Tools write whole numbers with a gap as floats.
      { name: 'seats', type: 'DOUBLE', values: [12, null] },
      { name: 'renewal_date', convertedType: 'DATE', values: [new Date(Date.UTC(2027, 2, 31)), null] },
      { name: 'valid_from', convertedType: 'TIMESTAMP_MILLIS', values: [new Date(at), new Date(at)] },
    ])
    const csv =
      'tenant,tier,seats,renewal_date,valid_from\nacme,pro,12,2027-03-31,2026-11-03T14:20:00Z\nbolt,free,,,2026-11-03T14:20Z\n'
    expect(await rowsOf('tenants', 'parquet', file)).toEqual(await rowsOf('tenants', 'csv', csv))
  })

  test('is read in the compressions that this runtime has; another one is named', async () => {
    const columnData = [
      { name: 'base', data: ['EUR'] },
      { name: 'quote', data: ['USD'] },
      { name: 'day', data: ['2026-11-21'] },
      { name: 'rate', data: ['1.0842'] },
      { name: 'source', data: ['ECB'] },
    ]
    const gzip = parquetWriteBuffer({ columnData, codec: 'GZIP', compressors: { GZIP: (input) => gzipSync(input) } })
    expect(await rowsOf('fx_rates', 'parquet', new Uint8Array(gzip))).toMatchObject([{ rate: 1_084_200_000n }])
    const lz4 = parquetWriteBuffer({ columnData, codec: 'LZ4_RAW', compressors: { LZ4_RAW: (input) => input } })
    expect(await problemsOf('fx_rates', 'parquet', new Uint8Array(lz4))).toMatchObject([{ got: 'LZ4_RAW' }])
  })

  test('that is none is refused', async () => {
    expect(await problemsOf('users', 'parquet', HEADER)).toMatchObject([
      { what: 'not a Parquet file that can be read' },
    ])
  })

  test('with booleans, fractions and bytes where they do not belong is refused cell by cell', async () => {
    const file = parquetFile([
      { name: 'tenant', type: 'BOOLEAN', values: [true] },
      { name: 'tier', type: 'STRING', values: ['pro'] },
      { name: 'seats', type: 'DOUBLE', values: [1.5] },
      { name: 'valid_from', type: 'INT64', values: [1n] },
    ])
    expect((await problemsOf('tenants', 'parquet', file)).map(({ column }) => column)).toEqual([
      'tenant',
      'seats',
      'valid_from',
    ])
  })
})

describe('a JSON file', () => {
  test('may leave out what a row does not have, and tells of every row that lacks what it needs', async () => {
    const rows = '[{"tenant":"a","tier":"pro","valid_from":"2026-01-01"},{"tenant":"b","seats":3,"valid_from":null}]'
    expect(await problemsOf('tenants', 'json', rows)).toMatchObject([
      { row: 2, column: 'tier', what: 'the value is missing' },
      { row: 2, column: 'valid_from' },
    ])
  })

  test('of broken lines names each of them, and what is wrong in the others', async () => {
    const lines = '{"base":"EUR","quote":"EUR","day":"2026-01-01","rate":1,"source":"x"}\n{"base"\n\n[1]\n7\n'
    expect(await problemsOf('fx_rates', 'json', lines)).toMatchObject([
      { row: 2, what: 'not JSON' },
      { row: 4, what: 'not an object' },
      { row: 5, what: 'not an object' },
      { row: 1, column: 'quote' },
    ])
    expect(await problemsOf('fx_rates', 'json', `[${'['.repeat(200_000)}`)).toMatchObject([{ what: 'not JSON' }])
  })

  test('with numbers, lists or booleans where text belongs is refused', async () => {
    const row = '[{"tenant":7,"name":["x"],"tier":true,"valid_from":2026}]'
    expect((await problemsOf('tenants', 'json', row)).map(({ column }) => column)).toEqual([
      'tenant',
      'name',
      'tier',
      'valid_from',
    ])
  })
})

describe('a CSV file', () => {
  test('without a header is refused, and its cells are not repeated', async () => {
    const problems = await problemsOf('users', 'csv', 'ann@corp.example,acme,pro\n')
    expect(problems).toMatchObject([{ row: null, fix: expect.stringContaining('header row') }])
    expect(JSON.stringify(problems)).not.toContain('ann')
  })

  test('with rows of another width, or in another encoding, is refused', async () => {
    expect(await problemsOf('revenue', 'csv', `${HEADER}2026-11,tenant,a,1\n2026-11,tenant,b,1,USX\n`)).toMatchObject([
      { row: 2, what: '4 cells under 5 columns' },
      { row: 3, column: 'currency' },
    ])
    expect(
      await problemsOf('revenue', 'csv', Buffer.from(`${HEADER}2026-11,tenant,caf\xe9,1,EUR\n`, 'latin1')),
    ).toMatchObject([{ what: 'the file is no UTF-8 text' }])
  })
})

test('the bounds of a file hold at their edges, in every format', async () => {
  const scopes = ['a', 'b', 'c', 'd']
  const csv = HEADER + scopes.map((scope) => `2026-11,tenant,${scope},1,USD\n`).join('')
  const json = scopes
    .map((scope) => `{"month":"2026-11","scope_kind":"tenant","scope":"${scope}","amount":1,"currency":"USD"}\n`)
    .join('')
  const parquet = revenueParquet({ name: 'amount', type: 'INT64', values: [1n, 1n, 1n, 1n] }, scopes)
  for (const [format, content] of [
    ['csv', csv],
    ['json', json],
    ['parquet', parquet],
  ] as const) {
    const fileBytesMax = content.length
    expect(await rowsOf('revenue', format, content, { fileBytesMax, rowsMax: 4 })).toHaveLength(4)
    expect(await problemsOf('revenue', format, content, { fileBytesMax, rowsMax: 3 })).toMatchObject([
      { what: 'too many rows for one load', got: '4' },
    ])
    expect(await problemsOf('revenue', format, content, { fileBytesMax: fileBytesMax - 1, rowsMax: 4 })).toMatchObject([
      { what: 'the file is too large' },
    ])
  }
})
