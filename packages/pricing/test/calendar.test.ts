import { describe, expect, test } from 'vitest'
import { askPrice, type BookData, priceUsage } from '#src/index.ts'
import { at, compile, HEAD, model, problemsOf, seedBook, source } from './books.ts'

const inputPriceAt = (book: BookData, provider: string, name: string, instant: string): string => {
  const question = { provider, model: name, atMs: Date.parse(instant), usage: { input: 1 } }
  const { status, lines } = priceUsage(book, askPrice(question, book))
  return lines[0]?.price ?? status
}

const calendarHead = (rules: string[], horizon = '2028-01-01T00:00:00Z'): string =>
  [
    HEAD.trimEnd(),
    'calendars:',
    '  clock:',
    '    src: page',
    '    grade: A',
    `    horizon: "${horizon}"`,
    '    rest: low',
    '    rules:',
    ...rules.map((rule) => `    - ${rule}`),
    '',
  ].join('\n')

const TWO_LABELS = model({
  sheets: [
    '{tier: standard, src: page, grade: A, from: "2025-02-01", calendar: clock, when: low, cells: {input: "1"}}',
    '{tier: standard, src: page, grade: A, from: "2025-02-01", calendar: clock, when: high, cells: {input: "2"}}',
  ],
})
const EVERY_DAY = 'days: [mon, tue, wed, thu, fri, sat, sun]'

describe("DeepSeek's calendar", () => {
  const book = seedBook()

  test.each([
    ['the last instant before the scheme', '2026-08-16T15:59:59.999Z', '0.435'],
    ['the first instant of the scheme, a Sunday evening', '2026-08-16T16:00:00Z', '0.66'],
    ['the instant before the first peak window', '2026-08-17T00:59:59Z', '0.66'],
    ['the first instant of the first peak window', '2026-08-17T01:00:00Z', '1.32'],
    ['the last instant of the first peak window', '2026-08-17T03:59:59.999Z', '1.32'],
    ['the end of the first peak window', '2026-08-17T04:00:00Z', '0.66'],
    ['the last instant of the second peak window', '2026-08-17T09:59:59Z', '1.32'],
    ['the end of the second peak window', '2026-08-17T10:00:00Z', '0.66'],
    ['a Saturday while weekends still had peaks', '2026-08-22T02:00:00Z', '1.32'],
    ['a Sunday after weekends were exempt', '2026-08-23T02:00:00Z', '0.66'],
    ['the Monday after', '2026-08-24T02:00:00Z', '1.32'],
    ['a holiday', '2026-10-01T02:00:00Z', '0.66'],
    ['the last instant of the known holidays', '2026-12-31T23:59:59Z', '0.66'],
    ['the horizon', '2027-01-01T00:00:00Z', 'unpriced_time'],
  ])('%s', (_, instant, price) => {
    expect(inputPriceAt(book, 'deepseek', 'deepseek-v4-pro', instant)).toBe(price)
  })
})

test('a range may run past midnight and may start at half an hour', () => {
  const book = compile(
    TWO_LABELS,
    calendarHead([`{label: high, ${EVERY_DAY}, utc: ["16:30-00:30"], except: ["2025-03-02"]}`]),
  )
  const priceAt = (instant: string) => inputPriceAt(book, 'acme', 'one', instant)
  expect(['2025-03-01T16:29:59Z', '2025-03-01T16:30:00Z'].map(priceAt)).toEqual(['1', '2'])
  expect(['2025-03-02T00:29:59Z', '2025-03-02T00:30:00Z'].map(priceAt)).toEqual(['2', '1'])
  // The exception is the day on which the range starts.
  expect(['2025-03-02T17:00:00Z', '2025-03-03T00:00:00Z'].map(priceAt)).toEqual(['1', '1'])
  // Midnight of the first day belongs to the range that began the day before.
  expect(priceAt('2025-02-01T00:00:00Z')).toBe('2')
})

test('nothing is expanded further than 18 months after the edition', () => {
  const head = calendarHead([`{label: high, ${EVERY_DAY}, utc: ["01:00-04:00"]}`], '2099-01-01T00:00:00Z')
  const book = compile(TWO_LABELS, head)
  expect(Math.max(...book.rows.map(({ validTo }) => validTo))).toBe(at('2028-05-21T00:00:00Z'))
})

describe('a calendar is refused for', () => {
  test.each([
    ['an edge off the slot', 'E_OFF_SLOT', calendarHead([`{label: high, ${EVERY_DAY}, utc: ["01:15-04:00"]}`])],
    [
      'a start off the slot',
      'E_OFF_SLOT',
      calendarHead([`{label: high, ${EVERY_DAY}, utc: ["01:00-04:00"], from: "2026-01-01T00:10:00Z"}`]),
    ],
    [
      'a horizon off the slot',
      'E_OFF_SLOT',
      calendarHead([`{label: high, ${EVERY_DAY}, utc: ["01:00-04:00"]}`], '2027-01-01T00:01:00Z'),
    ],
    ['a range that is none', 'E_FORMAT', calendarHead([`{label: high, ${EVERY_DAY}, utc: ["01:00-25:00"]}`])],
    [
      'two labels at once',
      'E_OVERLAP',
      calendarHead([
        `{label: high, ${EVERY_DAY}, utc: ["01:00-04:00"]}`,
        '{label: top, days: [fri], utc: ["03:30-05:00"]}',
      ]),
    ],
    [
      'a label that it does not have',
      'E_UNKNOWN_CALENDAR',
      calendarHead([`{label: top, ${EVERY_DAY}, utc: ["01:00-04:00"]}`]),
    ],
    [
      'a source that is not listed',
      'E_UNKNOWN_SOURCE',
      calendarHead([`{label: high, ${EVERY_DAY}, utc: ["01:00-04:00"]}`]).replace('    src: page', '    src: nowhere'),
    ],
  ])('%s', (_, code, head) => {
    expect(problemsOf(source(TWO_LABELS, head)).map((problem) => problem.code)).toContain(code)
  })
})
