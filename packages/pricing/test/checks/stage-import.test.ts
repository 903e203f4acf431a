import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BookData, loadPackagedBook, stageImport, type StageOptions } from '#src/index.ts'
import { at, compile, HEAD, model } from '../books.ts'

const now = at('2026-11-21')

const sheet = (cells: string, more = '', grade = 'A') =>
  `{tier: standard, src: page, grade: ${grade}, ${more} cells: ${cells}}`

const bookOf = (...sheets: string[]): BookData => compile(model({ sheets }))

/** One price until `now`, another one from then on. */
const risen = (to: string, grade = 'A'): BookData =>
  bookOf(sheet('{input: "1"}', 'to: "2026-11-21",'), sheet(`{input: "${to}"}`, 'from: "2026-11-21",', grade))

const codes = (current: BookData, candidate: BookData, options: Partial<StageOptions> = {}): string[] =>
  stageImport(current, candidate, { now, ...options }).problems.map(({ code }) => code)

const current = bookOf(sheet('{input: "1"}'))

describe('an import may be applied if', () => {
  test('nothing changes', () => {
    expect(codes(loadPackagedBook(), loadPackagedBook())).toEqual([])
  })

  test('a price changes from now on, by no more than tenfold', () => {
    const { problems, diff, past } = stageImport(current, risen('10'), { now })
    expect([problems, past]).toEqual([[], []])
    expect(diff.rows.changed).toHaveLength(1)
    expect(codes(current, risen('0.1'))).toEqual([])
  })

  test('a model is new, also with a past', () => {
    const more = compile(`${model()}\n${model({ rest: 'names: {exact: [two]}' }).replace('model: one', 'model: two')}`)
    expect(codes(compile(model()), more)).toEqual([])
  })
})

describe('an import is refused if', () => {
  test('a price moves more than tenfold, or to 0', () => {
    expect(codes(current, risen('10.000000001'))).toEqual(['E_JUMP'])
    expect(codes(current, risen('0.099999999'))).toEqual(['E_JUMP'])
    expect(codes(current, risen('0'))).toEqual(['E_JUMP'])
  })

  test('the past would change, unless that is allowed for a reason', () => {
    const corrected = bookOf(sheet('{input: "2"}'))
    const { problems, past } = stageImport(current, corrected, { now })
    expect(problems.map(({ code }) => code)).toEqual(['E_PAST'])
    expect(past).toEqual([
      'acme · one · standard · input: 1 USD per 1000000 → 2 USD per 1000000 from 1970-01-01T00:00:00Z',
    ])
    expect(codes(current, corrected, { allowPast: { reason: 'the page was read wrongly' } })).toEqual([])
    expect(codes(current, corrected, { allowPast: { reason: ' ' } })).toEqual(['E_PAST'])
  })

  test('a price disappears from the past or appears in it', () => {
    const more = bookOf(sheet('{input: "1", output: "2"}'))
    expect(codes(more, current)).toEqual(['E_PAST'])
    expect(codes(current, more)).toEqual(['E_PAST'])
    expect(codes(current, bookOf(sheet('{input: "1"}', 'to: "2026-11-21",')))).toEqual([])
  })

  test('a name or a threshold means something else for the past', () => {
    const two = (names: string) => model({ rest: names }).replace('model: one', 'model: two')
    const before = compile(`${model()}\n${two('names: {exact: [two]}')}`)
    const moved = compile(`${model({ rest: 'names: {exact: [uno]}' })}\n${two('names: {exact: [one, two]}')}`)
    expect(stageImport(before, moved, { now }).past).toEqual(['name "one" of acme: one → two'])
    const banded = (gt: number) => bookOf(sheet('{input: ["1", "2"]}', `gt: [${gt}],`))
    expect(codes(banded(32_000), banded(100_000))).toEqual(['E_PAST'])
  })

  test('grade A or B gives way to a lower one', () => {
    expect(codes(current, risen('1', 'C'))).toEqual(['E_GRADE'])
    expect(codes(bookOf(sheet('{input: "1"}', '', 'C')), risen('1', 'D'))).toEqual([])
  })

  test('the new figure is older than the one it would replace', () => {
    const older = HEAD.replace('checked_at: "2026-11-01"', 'checked_at: "2026-10-01"')
    const sheets = [sheet('{input: "1"}', 'to: "2026-11-21",'), sheet('{input: "2"}', 'from: "2026-11-21",')]
    expect(codes(current, compile(model({ sheets }), older))).toEqual(['E_STALE'])
  })

  test('more than 2 % of the models vanish', () => {
    const book = loadPackagedBook()
    const names = [...new Set(book.rows.filter(({ provider }) => provider === 'openrouter').map((row) => row.model))]
    const without = (count: number): BookData => {
      const gone = new Set(names.slice(0, count))
      return {
        ...book,
        rows: book.rows.filter(({ provider, model: id }) => provider !== 'openrouter' || !gone.has(id)),
      }
    }
    const allowPast = { reason: 'test' }
    const models = new Set(book.rows.map(({ provider, model: id }) => `${provider}/${id}`)).size
    expect(codes(book, without(Math.floor(models * 0.02)), { allowPast })).not.toContain('E_VANISHED')
    expect(codes(book, without(Math.floor(models * 0.02) + 1), { allowPast })).toContain('E_VANISHED')
  })

  test('its rows may not be stored at all', () => {
    expect(codes(current, { ...current, rows: [...current.rows, ...current.rows] })).toContain('E_OVERLAP')
  })
})

test('whatever is staged, what was charged stays as it is unless that was said', () => {
  const price = fc.integer({ min: 1, max: 12 }).map(String)
  fc.assert(
    fc.property(price, price, price, (before, past, future) => {
      const next = bookOf(
        sheet(`{input: "${past}"}`, 'to: "2026-11-21",'),
        sheet(`{input: "${future}"}`, 'from: "2026-11-21",'),
      )
      const found = codes(bookOf(sheet(`{input: "${before}"}`)), next)
      expect(found.includes('E_PAST')).toBe(before !== past)
      expect(found.includes('E_JUMP')).toBe(
        [past, future].some((value) => Number(value) > 10 * Number(before) || Number(before) > 10 * Number(value)),
      )
    }),
  )
})
