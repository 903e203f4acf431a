import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatUsd } from '@outlay/core'
import { parquetFile, rowsOf } from './fact-files.ts'

const DAY_MS = 86_400_000

/** Texts that CSV has to quote among them; none with blanks around it, which is refused. */
const text = fc
  .string({
    unit: fc.constantFrom('a', 'B', 'é', '"', ',', ';', "'", ' ', '7', '日', '\\'),
    minLength: 1,
    maxLength: 12,
  })
  .map((drawn) => `t${drawn}t`)
const seconds = fc.integer({ min: 0, max: 2 ** 32 - 1 })

const tenant = fc.record({
  tenant: text,
  name: fc.option(text),
  tier: text,
  seats: fc.option(fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  pool_tokens: fc.option(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n })),
  arr_usd: fc.option(fc.bigInt({ min: 0n, max: 10n ** 38n - 1n })),
  renewal_date: fc.option(fc.integer({ min: 0, max: 2 ** 16 - 1 })),
  valid_from: seconds,
})
type Drawn = typeof tenant extends fc.Arbitrary<infer Row> ? Row : never

const isoOf = (time: number): string => new Date(time * 1_000).toISOString().replace('.000Z', 'Z')
const dayOf = (days: number | null): string => (days === null ? '' : new Date(days * DAY_MS).toISOString().slice(0, 10))
const usdOf = (units: bigint | null): string => (units === null ? '' : formatUsd(units))

const COLUMNS = ['tenant', 'name', 'tier', 'seats', 'pool_tokens', 'arr_usd', 'renewal_date', 'valid_from'] as const

const cellsOf = (row: Drawn): readonly string[] => [
  row.tenant,
  row.name ?? '',
  row.tier,
  String(row.seats ?? ''),
  String(row.pool_tokens ?? ''),
  usdOf(row.arr_usd),
  dayOf(row.renewal_date),
  isoOf(row.valid_from),
]

const csvOf = (rows: readonly Drawn[]): string =>
  [COLUMNS, ...rows.map(cellsOf)]
    .map(
      (cells) => `${cells.map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`,
    )
    .join('')

/** Numbers as JSON numbers, with all their digits. */
const jsonOf = (rows: readonly Drawn[]): string =>
  rows
    .map((row) => {
      const cells = cellsOf(row).map((cell, index) => {
        if (cell === '') return 'null'
        return index >= 3 && index <= 5 ? cell : JSON.stringify(cell)
      })
      return `{${COLUMNS.map((name, index) => `"${name}":${cells[index] ?? ''}`).join(',')}}`
    })
    .join('\n')

const parquetOf = (rows: readonly Drawn[]): Uint8Array => {
  const values = <Name extends keyof Drawn>(name: Name): readonly Drawn[Name][] => rows.map((row) => row[name])
  return parquetFile([
    { name: 'tenant', type: 'STRING', values: values('tenant') },
    { name: 'name', type: 'STRING', values: values('name') },
    { name: 'tier', type: 'STRING', values: values('tier') },
    { name: 'seats', type: 'DOUBLE', values: values('seats') },
    { name: 'pool_tokens', type: 'INT64', values: values('pool_tokens') },
    { name: 'arr_usd', decimal: { precision: 38, scale: 15, storedAs: 'FIXED' }, values: values('arr_usd') },
    {
      name: 'renewal_date',
      convertedType: 'DATE',
      values: values('renewal_date').map((days) => (days === null ? null : new Date(days * DAY_MS))),
    },
    {
      name: 'valid_from',
      convertedType: 'TIMESTAMP_MILLIS',
      values: values('valid_from').map((time) => new Date(time * 1_000)),
    },
  ])
}

test('whatever the table, CSV, JSON and Parquet of it load equal rows', async () => {
  const table = fc.uniqueArray(tenant, {
    minLength: 1,
    maxLength: 20,
    selector: (row) => `${row.tenant}\n${row.valid_from}`,
  })
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const fromCsv = await rowsOf('tenants', 'csv', csvOf(rows))
      expect(fromCsv).toMatchObject(
        rows.map((row) => ({ ...row, name: row.name ?? '', seats: row.seats ?? 0, shared_cost_policy: 'account' })),
      )
      expect(await rowsOf('tenants', 'json', jsonOf(rows))).toEqual(fromCsv)
      expect(await rowsOf('tenants', 'parquet', parquetOf(rows))).toEqual(fromCsv)
    }),
    { numRuns: 60 },
  )
})
