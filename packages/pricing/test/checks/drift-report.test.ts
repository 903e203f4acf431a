import { describe, expect, test } from 'vitest'
import { type BookData, compilePriceBook, driftReport, type DriftWaiver } from '#src/index.ts'
import { at, compile, model, overlaySources, seedBook } from '../books.ts'

const now = at('2026-11-21')

const bookOf = (cells: string): BookData =>
  compile(model({ sheets: [`{tier: standard, src: page, grade: A, cells: ${cells}}`] }))

const ours = bookOf('{input: "1", output: "4", cache_read: "0.1"}')
const theirs = bookOf('{input: "1", output: "8", cache_read: "0.05", input_audio: "3"}')

const lines = (waivers: readonly DriftWaiver[] = []): string[] =>
  driftReport(ours, theirs, { now, waivers }).lines.map(({ meter, ratio: [a, b] }) => `${meter} ${a}/${b}`)

describe('a drift report', () => {
  test('lists what both know and price differently, with both ages', () => {
    const report = driftReport(ours, theirs, { now })
    expect(report.compared).toBe(3)
    expect(report.lines.map(({ meter }) => meter).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'cache_read',
      'output',
    ])
    expect(report.lines.find(({ meter }) => meter === 'output')).toMatchObject({
      ours: '4',
      theirs: '8',
      ratio: [2n, 1n],
      ourAgeDays: 20,
      theirAgeDays: 20,
    })
  })

  test('begins with what touches most money', () => {
    const touched = ({ meter }: { meter: string }): bigint => (meter === 'cache_read' ? 5n : 1n)
    expect(driftReport(ours, theirs, { now, touched }).lines.map(({ meter }) => meter)).toEqual([
      'cache_read',
      'output',
    ])
  })

  test('keeps what was explained apart, until the day and for the figure that was explained', () => {
    const waiver: DriftWaiver = {
      provider: 'acme',
      meter: 'output',
      theirs: '8',
      reason: 'a typo',
      until: '2026-11-21',
    }
    expect(lines([waiver])).toEqual(['cache_read 1/2'])
    expect(lines([{ ...waiver, until: '2026-11-20' }])).toHaveLength(2)
    expect(lines([{ ...waiver, theirs: '9' }])).toHaveLength(2)
    expect(driftReport(ours, theirs, { now, waivers: [waiver] }).waived).toHaveLength(1)
  })

  test('names sheets that only the other one has', () => {
    const other = compile(model({ rest: 'names: {exact: [two]}' }).replace('model: one', 'model: two'))
    expect(driftReport(ours, other, { now }).unknownSheets.map((sheet) => sheet.model)).toEqual(['two'])
  })

  test('finds that the audited prices and the corrected catalogue agree wherever both have one', () => {
    const catalogue = compilePriceBook([
      ...overlaySources().filter(({ file }) => !file.endsWith('seed.yaml')),
      tables(),
    ])
    const report = driftReport(seedBook(), catalogue, { now })
    expect(report.lines).toEqual([])
    expect(report.compared).toBeGreaterThan(100)
    const wrong = catalogue.rows.map((row) => (row.model === 'gpt-5.4' ? { ...row, fusd: row.fusd + 1n } : row))
    expect(driftReport(seedBook(), { ...catalogue, rows: wrong }, { now }).lines).not.toEqual([])
  })
})

/** The tables of the seed without its models. */
const tables = () => {
  const seed = overlaySources().find(({ file }) => file.endsWith('seed.yaml'))?.text ?? ''
  return { file: 'tables.yaml', text: seed.slice(0, seed.indexOf('\nmodels:')) }
}
