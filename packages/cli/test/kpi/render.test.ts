import { KPI_VIEWS } from '@outlay/clickhouse'
import { describe, expect, test } from 'vitest'
import { type FigureColumn, formatFigure } from '../../src/kpi/format-figure.ts'
import { renderCsv, renderMarkdown } from '../../src/kpi/render-files.ts'
import { renderView } from '../../src/kpi/render-view.ts'
import { renderTextTable } from '../../src/kpi/text-table.ts'
import { columnsOf, type ViewAnswer } from '../../src/kpi/view-answer.ts'

const unit = (name: FigureColumn['unit']): FigureColumn => ({ unit: name })

describe('a figure', () => {
  test.each<[FigureColumn['unit'], string | number, string]>([
    ['usd', '1234567.891', '$1,234,567.89'],
    ['usd', '0.12345', '$0.1234'],
    ['usd', '-0.5', '-$0.5000'],
    ['money', '1.0834', '1.0834'],
    ['money', '-1234.5', '-1,234.5000'],
    ['money', '0.0067', '0.0067'],
    ['count', '12345678901234567890', '12,345,678,901,234,567,890'],
    ['count', -1_500, '-1,500'],
    ['tokens', 1_234.6, '1,235'],
    ['share', 0.6543, '65.4 %'],
    ['share', 1, '100.0 %'],
    ['share', 0.99999, '> 99.9 %'],
    ['share', 0.00012, '0.012 %'],
    ['share', 0, '0.0 %'],
    ['ratio', 2.5, '250.0 %'],
    ['ratio', -0.25, '-25.0 %'],
    ['ratio', 4e-15, '4.0e-13 %'],
    ['factor', 1_234.567, '1,234.57'],
    ['factor', 0.000123, '0.00012'],
    ['seconds', 1.256, '1.26 s'],
    ['flag', 1, 'yes'],
    ['flag', '0', 'no'],
    ['verdict', 'warn', 'warn'],
    ['date', '2026-11-01', '2026-11-01'],
    ['text', 'a\u001b[31mb\n', 'a\\u001b[31mb\\u000a'],
  ])('in %s: %j reads %j', (name, value, text) => {
    expect(formatFigure(value, unit(name))).toBe(text)
  })

  test('that is not there reads as the registry says', () => {
    expect(formatFigure(null, { unit: 'usd', empty: 'no revenue' })).toBe('no revenue')
    expect(formatFigure(null, unit('usd'))).toBe('–')
  })

  test('of several texts lists them', () => {
    expect(formatFigure(['input', 'output'], unit('text'))).toBe('input, output')
  })
})

describe('a table', () => {
  const columns = [
    { name: 'key', align: 'left', leads: true },
    { name: 'cost', align: 'right' },
    { name: 'what it is', align: 'left' },
  ] as const

  test('puts what does not fit into a block below, under the same keys', () => {
    expect(
      renderTextTable(
        columns,
        [
          ['a', '$1.00', 'one'],
          ['bä', '$10.00', 'two'],
        ],
        14,
      ),
    ).toBe(
      [
        'key    cost',
        '───  ──────',
        'a     $1.00',
        'bä   $10.00',
        '',
        'key  what it is',
        '───  ──────────',
        'a    one',
        'bä   two',
      ].join('\n'),
    )
  })

  test('breaks sentences between words, and never cuts a word', () => {
    const long = `${'word '.repeat(10).trim()} ${'x'.repeat(50)}`
    const text = renderTextTable(columns, [['a', '1', long]], 200)
    expect(text.match(/word/g)).toHaveLength(10)
    expect(text).toContain('x'.repeat(50))
  })
})

const answerOf = (rows: ViewAnswer['rows'], over: Partial<ViewAnswer> = {}): ViewAnswer => ({
  view: 'kpi_cache',
  question: 'Which?',
  database: 'outlay',
  arguments: {
    from_time: '2026-10-01T00:00:00Z',
    to_time: '2026-11-01T08:30:00Z',
    by: 'tenant',
    tenants: ['*'],
    features: ['a', 'b'],
  },
  columns: columnsOf('kpi_cache'),
  rows,
  ...over,
})
const ROW = {
  key: 'a|b, "c"',
  calls: '1200',
  hit_rate: null,
  band: 'act',
  saved_usd: '0.000000000000001',
  wasted_usd: '1.5',
  unpriced_calls: '0',
  priced_share: 1,
}
const WIDE = { color: false, width: 200 }

describe('an answer', () => {
  test('says in a table what was asked, and words where there is no figure', () => {
    const text = renderView(answerOf([ROW, { ...ROW, key: '' }]), WIDE)
    expect(text).toContain('outlay · 2026-10-01 00:00 to 2026-11-01 08:30 UTC · by tenant · features a, b\n')
    expect(text).toMatch(/^a\|b, "c" +1,200 +no data +act +\$0\.000000000000001 +\$1\.50 +0 +100\.0 %$/m)
    expect(text).toMatch(/^\(none\) +1,200/m)
    expect(text).toContain('2 rows.\n')
  })

  test('of one row is a list where it does not fit', () => {
    const text = renderView(answerOf([ROW]), { color: false, width: 40 })
    expect(text).toMatch(/^calls {11}1,200$/m)
    expect(text).toMatch(/^band {12}act$/m)
  })

  test('colours verdicts only where colours are wanted, and keeps the word', () => {
    const escape = '\u001b['
    expect(renderView(answerOf([ROW, ROW]), WIDE)).not.toContain(escape)
    expect(renderView(answerOf([ROW, ROW]), { ...WIDE, color: true })).toContain(`${escape}31mact${escape}39m`)
  })

  test('says where it ends and what may not be there', () => {
    expect(renderView(answerOf([]), WIDE)).toContain('No rows.')
    const first = answerOf([ROW, ROW], { arguments: { top: 2 } })
    expect(renderView(first, WIDE)).toContain('The first 2 rows; more with --top.')
    expect(renderMarkdown(first)).toContain('The first 2 rows; more with --top.')
  })

  test('is exact in CSV, with NULL and empty text apart', () => {
    expect(renderCsv(answerOf([ROW, { ...ROW, key: '' }]))).toBe(
      [
        'key,calls,hit_rate,band,saved_usd,wasted_usd,unpriced_calls,priced_share',
        '"a|b, ""c""",1200,,act,0.000000000000001,1.5,0,1',
        '"",1200,,act,0.000000000000001,1.5,0,1',
        '',
      ].join('\r\n'),
    )
  })

  test('keeps its shape in Markdown whatever a name holds', () => {
    const lines = renderMarkdown(answerOf([{ ...ROW, key: 'a|b\n<i>' }])).split('\n')
    expect(lines).toContain(
      '| key | calls | hit_rate | band | saved_usd | wasted_usd | unpriced_calls | priced_share |',
    )
    expect(lines).toContain('| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: |')
    expect(lines.find((line) => line.startsWith('| a'))).toContain('a\\|b\\\\u000a\\<i\\> | 1,200 | no data | act |')
  })
})

test('every column of the registry has a definition that ends in no full stop, as its neighbours', () => {
  const ended = KPI_VIEWS.flatMap(({ name }) => columnsOf(name).filter(({ comment }) => comment.endsWith('.')))
  expect(ended).toEqual([])
})
