import { describe, expect, test } from 'vitest'
import {
  compilePriceBook,
  type CompiledBook,
  driftReport,
  type DriftOptions,
  type DriftReport,
  type DriftWaiver,
  pricedSheetsAt,
} from '#src/index.ts'
import { at, compile, model, overlaySources, seedBook } from '../books.ts'

const now = at('2026-11-21')

const bookOf = (...sheets: string[]): CompiledBook => compile(model({ sheets }))
const flat = (cells: string): CompiledBook => bookOf(`{tier: standard, src: page, grade: A, cells: ${cells}}`)

const ours = flat('{input: "1", output: "4", cache_read: "0.1"}')
const theirs = flat('{input: "1", output: "8", cache_read: "0.05", input_audio: "3"}')

const compare = (a: CompiledBook, b: CompiledBook, options: Partial<DriftOptions> = {}): DriftReport =>
  driftReport(a, pricedSheetsAt(b, now), { now, ...options })

const lines = (waivers: readonly DriftWaiver[] = []): string[] =>
  compare(ours, theirs, { waivers }).lines.map(({ meter, ratio: [a, b] }) => `${meter} ${a}/${b}`)

describe('a drift report', () => {
  test('lists what both know and price differently, with both ages', () => {
    const report = compare(ours, theirs)
    expect(report.compared).toBe(3)
    expect(report.lines.map(({ meter }) => meter).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'cache_read',
      'output',
    ])
    const line = report.lines.find(({ meter }) => meter === 'output')
    expect(line).toMatchObject({ ours: '4', theirs: '8', ratio: [2n, 1n], ourAgeDays: 20, theirAgeDays: 20 })
    expect(line?.touchedFemto).toBeUndefined()
  })

  test('begins with what touches most money', () => {
    const touched = ({ meter }: { meter: string }): bigint => (meter === 'cache_read' ? 5n : 1n)
    const report = compare(ours, theirs, { touched })
    expect(report.lines.map(({ meter, touchedFemto }) => [meter, touchedFemto])).toEqual([
      ['cache_read', 5n],
      ['output', 1n],
    ])
  })

  test('keeps what was explained apart, until the day and for the figures that were explained', () => {
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
    expect(lines([{ ...waiver, ours: '5' }])).toHaveLength(2)
    const { waived, expired } = compare(ours, theirs, { waivers: [waiver] })
    expect(waived.map((line) => line.waiver)).toEqual([waiver])
    expect(expired).toEqual([])
  })

  test('names waivers that have expired', () => {
    const waiver: DriftWaiver = { provider: 'nobody', reason: 'long ago', until: '2026-11-20' }
    expect(compare(ours, ours, { waivers: [waiver] })).toMatchObject({ lines: [], expired: [waiver] })
  })

  test('names prices that only the other one has, on a sheet of ours and on others', () => {
    expect(compare(ours, theirs).unlisted).toMatchObject([{ meter: 'input_audio', theirs: '3', above: 0 }])
    const other = compile(model({ rest: 'names: {exact: [two]}' }).replace('model: one', 'model: two'))
    expect(compare(ours, other).unknownSheets.map((sheet) => sheet.model)).toEqual(['two'])
  })

  test('holds prices together over the ranges of tokens that the thresholds of both cut', () => {
    const banded = (gt: string, prices: string): CompiledBook =>
      bookOf(`{tier: standard, gt: [${gt}], src: page, grade: A, cells: {input: [${prices}]}}`)
    const report = compare(banded('100000', '"1", "2"'), banded('200000', '"1", "2"'))
    expect(report.compared).toBe(3)
    expect(report.lines).toMatchObject([{ above: 100_000, ours: '2', theirs: '1' }])
    expect(compare(flat('{input: "1"}'), banded('200000', '"1", "2"')).lines).toMatchObject([
      { above: 200_000, ours: '1', theirs: '2' },
    ])
  })

  test('says a difference once that several entries of the catalogue state', () => {
    const twice = [...pricedSheetsAt(theirs, now), ...pricedSheetsAt(theirs, now)]
    expect(driftReport(ours, twice, { now }).lines).toHaveLength(2)
  })

  test('compares nothing across currencies', () => {
    const cny = compile(model(), undefined)
    const sheets = pricedSheetsAt(cny, now).map((sheet) => ({
      ...sheet,
      rows: sheet.rows.map((row) => ({ ...row, currency: 'CNY', fusd: 1n })),
    }))
    expect(driftReport(cny, sheets, { now })).toMatchObject({ compared: 0, lines: [] })
  })

  test('finds that the audited prices and the corrected catalogue agree wherever both have one', () => {
    const catalogue = compilePriceBook([
      ...overlaySources().filter(({ file }) => !file.endsWith('seed.yaml')),
      tables(),
    ])
    const report = compare(seedBook(), catalogue)
    expect(report.lines).toEqual([])
    expect(report.compared).toBeGreaterThan(100)
    const wrong = catalogue.rows.map((row) => (row.model === 'gpt-5.4' ? { ...row, fusd: row.fusd + 1n } : row))
    expect(compare(seedBook(), { ...catalogue, rows: wrong }).lines).not.toEqual([])
  })
})

/** The tables of the seed without its models. */
const tables = () => {
  const seed = overlaySources().find(({ file }) => file.endsWith('seed.yaml'))?.text ?? ''
  return { file: 'tables.yaml', text: seed.slice(0, seed.indexOf('\nmodels:')) }
}
