import { describe, expect, test } from 'vitest'
import {
  type BookFinding,
  checkBook,
  type CheckOptions,
  type CompiledBook,
  loadPackagedBook,
  type SeenSku,
  type SkuUsage,
} from '#src/index.ts'
import { at, compile, HEAD, model } from '../books.ts'

const now = at('2026-11-21')

const check = (book: CompiledBook, options: Partial<CheckOptions> = {}): string[] =>
  checkBook(book, { now, ...options }).map(({ kind, where }: BookFinding) => `${kind} ${where}`)

const withSheets = (...sheets: string[]): CompiledBook => compile(model({ sheets }))

describe('a check of the book finds', () => {
  test('nothing in a plain one', () => {
    expect(check(compile(model()))).toEqual([])
  })

  test('a gap between two prices, but no open end', () => {
    const book = withSheets(
      '{tier: standard, src: page, grade: A, to: "2026-02-01", cells: {input: "1"}}',
      '{tier: standard, src: page, grade: A, from: "2026-02-02", to: "2026-03-01", cells: {input: "1"}}',
    )
    expect(checkBook(book, { now })).toEqual([
      { kind: 'gap', where: 'acme · one · standard · input', what: 'no price from 2026-02-01 to 2026-02-02' },
    ])
  })

  test('a review that is due the day after, and not on its day', () => {
    const book = withSheets('{tier: standard, src: page, grade: A, review_after: "2026-11-21", cells: {input: "1"}}')
    expect(check(book)).toEqual([])
    expect(check(book, { now: at('2026-11-22') })).toEqual(['review_due acme · one · standard'])
  })

  test('an assumed price while it is in use', () => {
    const book = withSheets('{tier: standard, src: page, grade: D, to: "2026-11-21", cells: {input: "1", output: "2"}}')
    expect(check(book, { now: now - 1 })).toEqual(['assumed acme · one · standard'])
    expect(check(book)).toEqual([])
  })

  test('a calendar that ends soon', () => {
    const head = `${HEAD}calendars: {work: {src: page, grade: A, horizon: "2027-01-01", rest: low, rules: [{label: high, days: [mon], utc: ["01:00-02:00"]}]}}\n`
    const book = compile(model(), head)
    expect(check(book, { now: at('2026-10-31') })).toEqual([])
    expect(check(book, { now: at('2026-11-01') })).toEqual(['horizon_near work'])
  })

  test('a cache read above input, output below input, batch above standard', () => {
    const book = withSheets(
      '{tier: standard, src: page, grade: A, cells: {input: "2", cache_read: "3", output: "1"}}',
      '{tier: batch, src: page, grade: A, cells: {input: "2.5", output: "1"}}',
    )
    expect(check(book)).toEqual([
      'cache_read_above_input acme · one · standard · cache_read',
      'output_below_input acme · one · batch · input',
      'output_below_input acme · one · standard · input',
      'batch_above_standard acme · one · batch · input',
    ])
  })

  test('calls that an assumed price touches: those that used one of its meters, each once', () => {
    const book = withSheets(
      '{tier: standard, gt: [100000], src: page, grade: A, cells: {input: ["1", "2"]}}',
      '{tier: standard, gt: [100000], src: page, grade: D, cells: {output: ["2", "3"], cache_read: ["0.1", "0.2"]}}',
    )
    const sku = { provider: 'acme', model: 'one', region: '', tier: 'standard', promptBand: 0 }
    const usage: SkuUsage[] = [
      { ...sku, meters: ['input', 'cache_read', 'output'], calls: 5 },
      { ...sku, meters: ['input', 'output'], promptBand: 3, calls: 2 },
      { ...sku, meters: ['input'], calls: 11 },
      { ...sku, tier: 'batch', meters: ['output'], calls: 17 },
      { ...sku, model: 'two', meters: ['output'], calls: 23 },
    ]
    expect(checkBook(book, { now, usage })).toMatchObject([{ kind: 'assumed', calls: 7 }])
    expect(checkBook(book, { now })[0]).not.toHaveProperty('calls')
  })

  test('names in the ledger that meant nothing when they were seen, once for all of their tiers', () => {
    const seen = (name: string, tier = 'standard', lastSeen = now): SeenSku => ({
      provider: 'acme',
      model: name,
      region: '',
      tier,
      promptBand: 0,
      calls: 3,
      lastSeen,
    })
    const book = compile(model({ rest: 'names: {exact: [one, {name: old, to: "2026-02-01"}]}' }))
    const skus = [seen('one'), seen('one', 'flex'), seen('one-2'), seen('one-2', 'batch')]
    const former = [seen('old', 'standard', at('2026-01-31')), seen('old', 'batch', at('2026-02-01'))]
    expect(checkBook(book, { now, seen: [...skus, ...former] })).toMatchObject([
      { kind: 'unmapped_name', where: 'acme · one-2', what: expect.stringContaining('no name of acme'), calls: 6 },
      { kind: 'unmapped_name', where: 'acme · old', what: expect.stringContaining('at that time'), calls: 3 },
    ])
  })
})

test('the packaged book has no gap, and its due reviews and assumptions are known by name', () => {
  const findings = checkBook(loadPackagedBook(), { now })
  expect(findings.filter(({ kind }) => kind === 'gap')).toEqual([])
  expect(findings.filter(({ kind }) => kind === 'horizon_near').map(({ where }) => where)).toEqual(['deepseek'])
  expect(findings.some(({ kind, where }) => kind === 'assumed' && where.startsWith('openai · gpt-6.2-sol'))).toBe(true)
  expect(checkBook(loadPackagedBook(), { now: at('2026-11-22') }).some(({ kind }) => kind === 'review_due')).toBe(true)
})
