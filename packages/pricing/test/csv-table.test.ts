import { describe, expect, test } from 'vitest'
import { parseCsvTable } from '../src/reconcile/csv-table.ts'

const linesOf = (text: string): readonly (readonly [number, readonly string[]])[] =>
  parseCsvTable(text).rows.map(({ line, cells }) => [line, cells])

describe('a CSV table', () => {
  test('counts lines of the file across blank lines, quoted line breaks and every kind of line end', () => {
    expect(linesOf('a,b\n\n1,"x\ny"\r\n2,3\n\r\n"5",6\n7,"8"')).toEqual([
      [3, ['1', 'x\ny']],
      [5, ['2', '3']],
      [7, ['5', '6']],
      [8, ['7', '8']],
    ])
    expect(linesOf('a,b\r1,2\r3,"4""5"')).toEqual([
      [2, ['1', '2']],
      [3, ['3', '4"5']],
    ])
  })

  test('reads tabs where the header has them, and no byte order mark', () => {
    const table = parseCsvTable('\uFEFFa\t b \n1,5\t2\n')
    expect(table).toMatchObject({ header: ['a', 'b'], rows: [{ line: 2, cells: ['1,5', '2'] }], faults: [] })
  })

  test.each([
    ['a,b\n1\n1,2,3\n', [2, '1 cells under 2 columns'], [3, '3 cells under 2 columns']],
    ['a,a\n', [1, 'column "a" is there twice']],
    ['a,b\n1,2\n3,"4\n', [3, 'a quoted cell that does not end properly']],
    ['a,b\n1,x"y"\n', [2, 'a quoted cell that does not end properly']],
    ['a,b\n1,"x"y\n', [2, 'a quoted cell that does not end properly']],
  ])('says where %j is wrong', (text, ...faults) => {
    expect(parseCsvTable(text).faults.map(({ line, what }) => [line, what])).toEqual(faults)
  })
})
