import { describe, expect, test } from 'vitest'
import { readSnapshot } from '../schema/schema-snapshot.ts'
import { readText } from './read-yaml.ts'
import { buildTenantReader, GRANTED, isStored, policedTables, WITHHELD, WITHHELD_ENGINES } from './tenant-reader.ts'

const schema = readSnapshot()
const sql = readText('deploy/clickhouse/tenant-reader.sql')
const lists = [...GRANTED, ...Object.keys(WITHHELD)]
const withPolicy = (name: string): readonly string[] =>
  [...sql.matchAll(new RegExp(`^CREATE ROW POLICY OR REPLACE ${name} ON outlay[.](\\w+) `, 'gm'))].map(
    ([, table]) => table ?? '',
  )

describe('deploy/clickhouse/tenant-reader.sql', () => {
  test('is what the schema generates (else: npm run generate)', () => {
    expect(sql).toBe(buildTenantReader(schema))
  })

  test('knows of every table whether it is granted or withheld, of each once', () => {
    expect(lists.toSorted()).toEqual(
      schema.tables
        .filter(isStored)
        .map(({ name }) => name)
        .toSorted(),
    )
  })

  test('polices every table with a tenant, and grants no other', () => {
    const policed = policedTables(schema)
    expect(policed.length).toBeGreaterThan(GRANTED.length)
    expect(withPolicy('outlay_own_rows')).toEqual(policed)
    expect(withPolicy('outlay_all_rows')).toEqual(policed)
    for (const table of GRANTED) expect(policed).toContain(table)
  })

  test('would police a table that is new, and its lists would miss it', () => {
    const calls = schema.tables.find(({ name }) => name === 'calls')
    const grown = { ...schema, tables: calls === undefined ? [] : [...schema.tables, { ...calls, name: 'new_calls' }] }
    expect(policedTables(grown)).toContain('new_calls')
    expect(lists).not.toContain('new_calls')
  })

  test('grants tables one by one, and no view, no dictionary and no lookup', () => {
    const grants = [...sql.matchAll(/^GRANT (.*);$/gm)].map(([, grant]) => grant)
    expect(grants).toEqual(GRANTED.map((table) => `SELECT ON outlay.${table} TO outlay_tenant`))
    const others = [
      ...schema.views.map(({ name }) => name),
      ...schema.tables.filter((table) => !isStored(table)).map(({ name }) => name),
    ]
    for (const name of others) expect(GRANTED).not.toContain(name)
    expect(new Set(schema.tables.map(({ engine }) => engine).filter((engine) => !/MergeTree/.test(engine)))).toEqual(
      new Set(Object.keys(WITHHELD_ENGINES)),
    )
  })

  test('shows rows of no tenant to nobody, and lets no other policy add to them', () => {
    const own = sql.split('\n').filter((line) => line.includes('outlay_own_rows'))
    for (const line of own) {
      expect(line).toContain(
        "USING tenant = getSetting('SQL_outlay_tenant') AND tenant != '' AS RESTRICTIVE TO outlay_tenant;",
      )
    }
  })

  test('grants last, when both policies of every table are there', () => {
    const at = (text: string): number => sql.indexOf(text)
    expect(at('REVOKE ALL ON *.*')).toBeLessThan(at('outlay_all_rows'))
    expect(sql.lastIndexOf('outlay_all_rows')).toBeLessThan(at('outlay_own_rows'))
    expect(sql.lastIndexOf('outlay_own_rows')).toBeLessThan(at('GRANT SELECT'))
  })
})

describe('deploy/clickhouse/tenant-user.sql', () => {
  test('binds the user to one tenant for good, with a password that nobody has', () => {
    const user = readText('deploy/clickhouse/tenant-user.sql')
    expect(user).toContain("SETTINGS SQL_outlay_tenant = 'acme' CONST;")
    expect(user).toContain(`sha256_hash BY '${'0'.repeat(64)}'`)
    expect([...user.matchAll(/^GRANT .*$/gm)].map(([line]) => line)).toEqual(['GRANT outlay_tenant TO tenant_acme;'])
  })
})
