import { describe, expect, test } from 'vitest'
import { compilePriceBook } from '#src/index.ts'
import { HEAD, model, problemsOf, source } from './books.ts'

const CELL = 'cells: {input: "1"}'
const sheet = (text: string): string => model({ sheets: [`{tier: standard, src: page, grade: A, ${text}}`] })
const derive = (text: string, cells = '{input: "1"}'): string =>
  model({
    sheets: [`{tier: standard, src: page, grade: A, cells: ${cells}}`],
    derive: [`{${text}, src: page, grade: A}`],
  })

/** Line of the first sheet of `model()`. */
const SHEET_LINE = HEAD.split('\n').length + 5

const refusals: [what: string, code: string, models: string, line?: number][] = [
  [
    'overlapping cells',
    'E_OVERLAP',
    model({
      sheets: [
        `{tier: standard, src: page, grade: A, ${CELL}}`,
        `{tier: standard, src: page, grade: A, from: "2026-01-01", ${CELL}}`,
      ],
    }),
    SHEET_LINE + 1,
  ],
  ['a price with more than nine decimals', 'E_DECIMALS', sheet('cells: {input: "0.0000000001"}'), SHEET_LINE],
  [
    'more than nine decimals after multiplication',
    'E_DECIMALS',
    derive('tier: batch, of: standard, times: "0.5"', '{input: "0.000000001"}'),
  ],
  [
    'thresholds that differ inside one sheet and time',
    'E_THRESHOLDS_DIFFER',
    model({
      sheets: [
        '{tier: standard, src: page, grade: A, gt: [32000], cells: {input: ["1", "2"]}}',
        '{tier: standard, src: page, grade: A, cells: {output: "1"}}',
      ],
    }),
  ],
  [
    'thresholds of a multiplier that differ from those of a published cell',
    'E_THRESHOLDS_DIFFER',
    model({
      sheets: [
        '{tier: standard, src: page, grade: A, gt: [32000], cells: {input: ["1", "2"]}}',
        '{tier: batch, src: page, grade: A, cells: {output: "1"}}',
      ],
      derive: ['{tier: batch, of: standard, times: "0.5", src: page, grade: A}'],
    }),
  ],
  ['an unknown key', 'E_UNKNOWN_KEY', sheet(`prices: 1, ${CELL}`), SHEET_LINE],
  ['an unknown meter', 'E_UNKNOWN_METER', sheet('cells: {inputs: "1"}'), SHEET_LINE],
  ['an unknown meter in inherit', 'E_UNKNOWN_METER', model({ rest: 'inherit: {reasoning: output}' })],
  ['an unknown tier', 'E_UNKNOWN_TIER', model({ sheets: [`{tier: turbo, src: page, grade: A, ${CELL}}`] }), SHEET_LINE],
  [
    'a tier that the provider never serves',
    'E_UNKNOWN_TIER',
    model({ sheets: [`{tier: flex, src: page, grade: A, ${CELL}}`] }),
    SHEET_LINE,
  ],
  ['an unknown region', 'E_UNKNOWN_REGION', sheet(`region: eu, ${CELL}`), SHEET_LINE],
  [
    'an unknown source',
    'E_UNKNOWN_SOURCE',
    model({ sheets: [`{tier: standard, src: pages, grade: A, ${CELL}}`] }),
    SHEET_LINE,
  ],
  ['an unknown calendar', 'E_UNKNOWN_CALENDAR', sheet(`calendar: moon, when: full, ${CELL}`), SHEET_LINE],
  ['a number instead of a string', 'E_NUMBER_NOT_TEXT', sheet('cells: {input: 0.5}'), SHEET_LINE],
  ['a number inside a list of bands', 'E_NUMBER_NOT_TEXT', sheet('gt: [32000], cells: {input: ["1", 2]}'), SHEET_LINE],
  ['a number as a factor', 'E_NUMBER_NOT_TEXT', derive('tier: batch, of: standard, times: 0.5')],
  ['a negative price', 'E_DECIMALS', sheet('cells: {input: "-1"}'), SHEET_LINE],
  ['an edge off the slot', 'E_OFF_SLOT', sheet(`from: "2026-09-14T04:10:00Z", ${CELL}`), SHEET_LINE],
  [
    'an edge of a name off the slot',
    'E_OFF_SLOT',
    model({ rest: 'names: {exact: [{name: one, from: "2026-09-14T04:10:00Z"}]}' }),
  ],
  ['a threshold off the edges', 'E_NOT_AN_EDGE', sheet('gt: [150000], cells: {input: ["1", "2"]}'), SHEET_LINE],
  ['femto-dollars beyond Int64', 'E_FUSD_RANGE', sheet('cells: {image: "9224"}'), SHEET_LINE],
  [
    'a price that is no whole number of ninths',
    'E_NOT_EXACT',
    sheet('cells: {input: {price: "1", per: 7}}'),
    SHEET_LINE,
  ],
  [
    'ninths on a meter that cannot carry them',
    'E_NOT_EXACT',
    sheet('cells: {input: {price: "0.05", per: 3600}}'),
    SHEET_LINE,
  ],
  ['a cell without source', 'E_NO_PROVENANCE', model({ sheets: [`{tier: standard, grade: A, ${CELL}}`] }), SHEET_LINE],
  ['a cell without grade', 'E_NO_PROVENANCE', model({ sheets: [`{tier: standard, src: page, ${CELL}}`] }), SHEET_LINE],
  ['as many prices as bands are wanted', 'E_BANDS', sheet('gt: [32000], cells: {input: ["1", "2", "3"]}'), SHEET_LINE],
  [
    'thresholds that do not ascend',
    'E_BANDS',
    sheet('gt: [100000, 32000], cells: {input: ["1", "2", "3"]}'),
    SHEET_LINE,
  ],
  ['a day that does not exist', 'E_INSTANT', sheet(`from: "2026-02-30", ${CELL}`), SHEET_LINE],
  ['a time without a zone', 'E_INSTANT', sheet(`from: "2026-02-20T10:00:00", ${CELL}`), SHEET_LINE],
  [
    'a window that ends before it begins',
    'E_WINDOW',
    sheet(`from: "2026-02-20", to: "2026-02-19", ${CELL}`),
    SHEET_LINE,
  ],
  [
    'a window outside its model',
    'E_WINDOW',
    model({
      rest: 'from: "2026-01-01"',
      sheets: [`{tier: standard, src: page, grade: A, from: "2025-12-31", ${CELL}}`],
    }),
    SHEET_LINE,
  ],
  ['one name for two models at one time', 'E_NAME_CLASH', `${model()}\n${model().replace('model: one', 'model: two')}`],
  [
    'meters that inherit in a circle',
    'E_CYCLE',
    model({ rest: 'inherit: {output: output_reasoning, output_reasoning: output}' }),
  ],
  [
    'a guess at the time to live of a cache write',
    'E_AMBIGUOUS_TTL',
    model({
      rest: 'inherit: {cache_write_unknown: cache_write_5m}',
      sheets: ['{tier: standard, src: page, grade: A, cells: {cache_write_5m: "1", cache_write_1h: "2"}}'],
    }),
  ],
  ['a model without a provider', 'E_FORMAT', '- {model: one}'],
]

describe('a price book is refused for', () => {
  test.each(refusals)('%s (%s)', (_, code, models, line) => {
    const problems = problemsOf(source(models))
    expect(problems.map((problem) => problem.code)).toContain(code)
    const where = problems.find((problem) => problem.code === code)?.where
    expect(where).toMatch(line === undefined ? /^book\.yaml:\d+$/ : new RegExp(`^book\\.yaml:${line}$`))
  })

  test('a source without a date', () => {
    const head = HEAD.replace(', checked_at: "2026-11-01"', '')
    expect(problemsOf(source(model(), head))).toMatchObject([{ code: 'E_NO_PROVENANCE', where: 'book.yaml:5' }])
  })

  test('text that is not YAML, and a key that is given twice', () => {
    expect(problemsOf({ file: 'a.yaml', text: 'models: [' })[0]).toMatchObject({ code: 'E_YAML' })
    expect(problemsOf(source(sheet('cells: {input: "1", input: "2"}')))[0]).toMatchObject({
      code: 'E_YAML',
      where: `book.yaml:${SHEET_LINE}`,
    })
  })

  test('two currencies on one sheet', () => {
    const other = source(sheet('cells: {output: "1"}'), HEAD.replace('currency: USD', 'currency: CNY'))
    const problems = problemsOf(source(sheet(CELL)), { ...other, file: 'cny.yaml' })
    expect(problems).toMatchObject([
      { code: 'E_TWO_CURRENCIES', where: `cny.yaml:${SHEET_LINE}` },
      { code: 'E_NAME_CLASH' },
    ])
  })

  test('two files that contradict each other', () => {
    const other = { file: 'other.yaml', text: HEAD.replace('acme_ai: acme', 'acme_ai: apex') }
    expect(problemsOf(source(model()), other)).toMatchObject([{ code: 'E_CONFLICT', where: 'other.yaml:6' }])
  })

  test('band edges that were changed and not appended to', () => {
    const other = { file: 'other.yaml', text: HEAD.replace('[0, 32000,', '[0, 16000,') }
    expect(problemsOf(source(model()), other)).toMatchObject([{ code: 'E_CONFLICT', where: 'other.yaml:4' }])
  })

  test('a time basis that the collector does not apply yet', () => {
    const head = `${HEAD}time_basis: {default: start, deepseek: end}\n`
    expect(problemsOf(source(model(), head))).toMatchObject([{ code: 'E_UNKNOWN_KEY' }])
  })
})

test('all problems of all files arrive together, each with file, line and a way out', () => {
  const bad = model({
    sheets: [
      '{tier: standard, src: pages, grade: A, gt: [150000], cells: {input: ["1", "2"], outputs: "3"}}',
      '{tier: standard, src: page, grade: A, from: "2026-01-01T00:10:00Z", cells: {output: 2}}',
      '{tier: standard, src: nowhere, grade: A, cells: {web_search: "10"}}',
    ],
  })
  const problems = problemsOf(source(bad), { file: 'second.yaml', text: 'format: outlay-prices/2\n' })
  expect(problems.map(({ code, where }) => `${where} ${code}`)).toEqual(
    expect.arrayContaining([
      `book.yaml:${SHEET_LINE} E_UNKNOWN_METER`,
      `book.yaml:${SHEET_LINE + 1} E_NUMBER_NOT_TEXT`,
      `book.yaml:${SHEET_LINE + 2} E_UNKNOWN_SOURCE`,
      'second.yaml:1 E_FORMAT',
    ]),
  )
  expect(() => compilePriceBook([source(bad)])).toThrow(/did you mean "output"\?/)
  expect(() => compilePriceBook([source(bad)])).toThrow(expect.objectContaining({ code: 'E_PRICE_BOOK' }))
})

test('the way out of an edge off the slot and a threshold off the edges is the command that makes it exact', () => {
  const [offSlot] = problemsOf(source(sheet(`from: "2026-09-14T04:10:00Z", ${CELL}`)))
  expect(offSlot?.fix).toBe("outlay prices add --slot-edge 'acme/one@2026-09-14T04:10:00Z'")
  const [notAnEdge] = problemsOf(source(sheet('from: "2026-09-01", gt: [150000], cells: {input: ["1", "2"]}')))
  expect(notAnEdge?.fix).toBe('outlay prices add --edge 150000 --from 2026-09-01')
})
