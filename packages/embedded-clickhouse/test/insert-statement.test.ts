import { describe, expect, test } from 'vitest'
import { parseInsertStatement, renderInsert } from '#src/child/insert-statement.ts'

describe('an INSERT whose rows come in the body', () => {
  test.each([
    ['INSERT INTO t FORMAT Native', { database: undefined, table: 't', columns: undefined, format: 'Native' }],
    [
      'insert into table outlay.t (a, b)\nformat JSONEachRow;',
      { database: 'outlay', table: 't', columns: ['a', 'b'], format: 'JSONEachRow' },
    ],
    [
      'INSERT INTO `outlay`."t" (`a b`,"c") FORMAT CSV\n',
      { database: 'outlay', table: 't', columns: ['a b', 'c'], format: 'CSV' },
    ],
    [
      'INSERT INTO "o"."t" (a, Events.Name, `Events`."Time" , `b.c`) FORMAT Native',
      { database: 'o', table: 't', columns: ['a', 'Events.Name', 'Events.Time', 'b.c'], format: 'Native' },
    ],
    ['/* x */ INSERT -- y\n INTO t(a)FORMAT TSV', { database: undefined, table: 't', columns: ['a'], format: 'TSV' }],
  ])('%s', (sql, expected) => {
    expect(parseInsertStatement(sql)).toEqual(expected)
  })

  test.each([
    'SELECT 1',
    'INSERT INTO t VALUES (1)',
    'INSERT INTO t SELECT 1 FORMAT Native',
    'INSERT INTO FUNCTION file(1) FORMAT Native',
    'INSERT INTO t FORMAT JSONEachRow {"a":1}',
    'INSERT INTO a.b.c FORMAT Native',
    '',
  ])('is something else: %s', (sql) => {
    expect(parseInsertStatement(sql)).toBeUndefined()
  })

  test.each([
    ['INSERT INTO t (a) FORMAT Parquet', 73],
    ['INSERT INTO t (a) SETTINGS async_insert = 1 FORMAT Native', 62],
    ['INSERT INTO t (* EXCEPT (a)) FORMAT Native', 62],
    ['INSERT INTO t (a, f(b)) FORMAT Native', 62],
    ['INSERT INTO t (a FORMAT Native', 62],
    ['INSERT INTO t (a., b) FORMAT Native', 62],
  ])('is refused: %s', (sql, code) => {
    expect(() => parseInsertStatement(sql)).toThrow(expect.objectContaining({ code }) as Error)
  })

  test('is rendered with every name quoted', () => {
    const statement = parseInsertStatement('INSERT INTO outlay.t (`a b`, c) FORMAT Native')
    expect(statement === undefined ? '' : renderInsert(statement)).toBe('INSERT INTO `outlay`.`t` (`a b`, `c`)')
  })
})
