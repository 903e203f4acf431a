import { describe, expect, test, vi } from 'vitest'
import { createLastAnswers } from '../src/server/last-answers.ts'

const settings = { freshMs: 10, patienceMs: 0, answersMax: 2 }

/** Answers over a clock that stands still until it is set. */
const startAnswers = (overrides: Partial<typeof settings> = {}) => {
  const time = { now: 0 }
  const answers = createLastAnswers<string>({ ...settings, ...overrides, clock: { now: () => time.now } })
  return { time, answers }
}
const says = (text: string) => () => Promise.resolve(text)
const never = () => new Promise<string>(() => undefined)

describe('a question to a slow ledger', () => {
  test('that was never answered waits, however long it takes', async () => {
    const { answers } = startAnswers()
    const reading = Promise.withResolvers<string>()
    const asked = answers.ask('q', () => reading.promise)
    reading.resolve('new')
    expect(await asked).toEqual({ answer: 'new', ageMs: 0 })
  })

  test('gets its last answer with its age, and the new one next time', async () => {
    const { answers, time } = startAnswers()
    await answers.ask('q', says('old'))
    time.now = 5_000
    const reading = Promise.withResolvers<string>()
    expect(await answers.ask('q', () => reading.promise)).toEqual({ answer: 'old', ageMs: 5_000 })
    reading.resolve('new')
    await vi.waitFor(async () => expect((await answers.ask('q', never)).answer).toBe('new'))
  })

  test('that failed after its last answer was taken disturbs nobody', async () => {
    const { answers, time } = startAnswers()
    await answers.ask('q', says('old'))
    time.now = 5_000
    const reading = Promise.withResolvers<string>()
    expect((await answers.ask('q', () => reading.promise)).answer).toBe('old')
    reading.reject(new Error('away'))
    await expect(reading.promise).rejects.toThrow('away')
    expect(await createLastAnswers<string>({ ...settings, clock: { now: () => 0 } }).ask('q', says('x'))).toBeDefined()
  })

  test('that fails in time fails, although there is a last answer', async () => {
    const { answers, time } = startAnswers({ patienceMs: 60_000 })
    await answers.ask('q', says('old'))
    time.now = 5_000
    await expect(answers.ask('q', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
  })
})

describe('a question that many ask', () => {
  test('is read once at a time', async () => {
    const { answers } = startAnswers()
    const read = vi.fn(says('one'))
    const both = await Promise.all([answers.ask('q', read), answers.ask('q', read)])
    expect(both.map(({ answer }) => answer)).toEqual(['one', 'one'])
    expect(read).toHaveBeenCalledTimes(1)
  })

  test('is not read again while its answer is fresh, and is at the edge', async () => {
    const { answers, time } = startAnswers({ patienceMs: 60_000 })
    await answers.ask('q', says('first'))
    time.now = 9
    expect(await answers.ask('q', says('second'))).toEqual({ answer: 'first', ageMs: 9 })
    time.now = 10
    expect(await answers.ask('q', says('second'))).toEqual({ answer: 'second', ageMs: 0 })
  })
})

test('of more questions than are kept, the one that was read longest ago is forgotten', async () => {
  const { answers, time } = startAnswers()
  for (const question of ['a', 'b', 'c']) await answers.ask(question, says(question))
  time.now = 1
  expect((await answers.ask('b', says('again'))).answer).toBe('b')
  expect((await answers.ask('c', says('again'))).answer).toBe('c')
  expect((await answers.ask('a', says('again'))).answer).toBe('again')
})
