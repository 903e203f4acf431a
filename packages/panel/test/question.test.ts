import { describe, expect, test } from 'vitest'
import { parseViewQuestion, parseWindowQuestion } from '../src/server/question.ts'
import { findPage, VIEW_PAGES } from '../src/server/view-pages.ts'

const served = { databases: ['outlay', 'outlay_demo'], clock: { now: () => Date.parse('2026-11-22T09:30:59.900Z') } }
const DAY = 86_400
const seconds = (iso: string): number => Date.parse(iso) / 1_000
const windowOf = (search: string) => parseWindowQuestion(new URLSearchParams(search), served)

describe('the window of a question', () => {
  test('is the last 30 days up to this minute where nothing is said', () => {
    const now = seconds('2026-11-22T09:30:00Z')
    expect(windowOf('')).toEqual({
      database: 'outlay',
      from: now - 30 * DAY,
      to: now,
      book: undefined,
      asOf: undefined,
    })
  })

  test('is what the address says; empty fields of a form say nothing', () => {
    expect(windowOf('from=2026-11-01&to=2026-11-02T12:00:00%2B02:00&book=r1&database=outlay_demo&days=')).toEqual({
      database: 'outlay_demo',
      from: seconds('2026-11-01T00:00:00Z'),
      to: seconds('2026-11-02T10:00:00Z'),
      book: 'r1',
      asOf: undefined,
    })
  })

  test('ends where the prices are known as of, unless it ends elsewhere', () => {
    const known = seconds('2026-11-10T00:00:00Z')
    expect(windowOf('as_of=2026-11-10&days=7')).toMatchObject({ from: known - 7 * DAY, to: known, asOf: known })
    expect(windowOf('as_of=2026-11-10&to=2026-11-20')).toMatchObject({ to: seconds('2026-11-20'), asOf: known })
  })
})

describe('the question of a view', () => {
  test('keeps every value of a filter as it is, whatever is in it', () => {
    const search = new URLSearchParams([
      ['tenants', "o'brien"],
      ['tenants', 'a,b&c'],
      ['features', ''],
    ])
    const { filters, by } = parseViewQuestion('kpi_task_cost', search, served)
    expect({ filters, by }).toEqual({ filters: { tenants: ["o'brien", 'a,b&c'] }, by: 'workload' })
  })

  test('can be asked of every page without saying anything', () => {
    expect(VIEW_PAGES.length).toBeGreaterThanOrEqual(15)
    for (const { view } of VIEW_PAGES)
      expect(() => parseViewQuestion(view, new URLSearchParams(), served)).not.toThrow()
  })
})

test.each(['call_cost', 'overview', 'headline', 'provider_usage', 'book_impact', '', 'constructor'])(
  '%s has no page: it is part of home, or needs what a page cannot say',
  (name) => {
    expect(findPage(name)).toBeUndefined()
  },
)
