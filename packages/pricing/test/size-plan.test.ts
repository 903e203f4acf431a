import { parseUsd } from '@outlay/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  loadPackagedBook,
  moneyCapOf,
  type PlannedUsage,
  pricePlan,
  type Ratio,
  sizePlan,
  tokensWithin,
} from '../src/index.ts'

const whole = (count: number): Ratio => ({ numerator: BigInt(count), denominator: 1n })
const tenths = (count: number): Ratio => ({ numerator: BigInt(count), denominator: 10n })

const chat: PlannedUsage = {
  sessions: whole(20),
  turns: whole(5),
  toolCallFactor: whole(1),
  inputTokens: 1_000n,
  outputTokens: 250n,
  retrievedTokens: 0n,
  multiplier: whole(4),
}

describe('the size of a plan', () => {
  test('is sessions × turns × (input + output × multiplier)', () => {
    expect(sizePlan(chat, 10)).toEqual({
      callsPerUser: 100n,
      tokensPerUser: 200_000n,
      suggestedHardCap: 600_000n,
      suggestedSoftCap: 420_000n,
      tokensOfUsers: 2_000_000n,
      // 70 % of it are the 2,000,000 that are expected.
      pool: 2_857_143n,
    })
  })

  test('takes the tool-call factor of an agent, and the context that retrieval adds', () => {
    expect(sizePlan({ ...chat, toolCallFactor: tenths(25) }, 1)).toMatchObject({
      callsPerUser: 250n,
      tokensPerUser: 500_000n,
    })
    expect(sizePlan({ ...chat, retrievedTokens: 4_000n }, 1).tokensPerUser).toBe(600_000n)
  })

  test('is rounded up, once', () => {
    const third: Ratio = { numerator: 1n, denominator: 3n }
    const usage = {
      ...chat,
      sessions: tenths(1),
      turns: whole(1),
      inputTokens: 10n,
      outputTokens: 1n,
      multiplier: third,
    }
    expect(sizePlan(usage, 1)).toMatchObject({ callsPerUser: 1n, tokensPerUser: 2n })
  })

  test('grows with each of its factors, and the pool holds the expected use at its threshold', () => {
    const count = fc.integer({ min: 1, max: 10_000 })
    fc.assert(
      fc.property(
        fc.record({ sessions: count, turns: count, input: count, output: count, factor: count, users: count }),
        (drawn) => {
          const usage = (sessions: number, output: number): PlannedUsage => ({
            ...chat,
            sessions: tenths(sessions),
            turns: tenths(drawn.turns),
            toolCallFactor: tenths(drawn.factor),
            inputTokens: BigInt(drawn.input),
            outputTokens: BigInt(output),
          })
          const size = sizePlan(usage(drawn.sessions, drawn.output), drawn.users)
          expect(sizePlan(usage(drawn.sessions * 2, drawn.output), drawn.users).tokensPerUser).toBeGreaterThanOrEqual(
            size.tokensPerUser,
          )
          expect(sizePlan(usage(drawn.sessions, drawn.output + 1), drawn.users).tokensPerUser).toBeGreaterThanOrEqual(
            size.tokensPerUser,
          )
          expect(size.pool * 7n >= size.tokensOfUsers * 10n && (size.pool - 1n) * 7n < size.tokensOfUsers * 10n).toBe(
            true,
          )
        },
      ),
    )
  })
})

describe('the price of a plan', () => {
  const book = loadPackagedBook()
  const model = { provider: 'openai', model: 'gpt-5', atMs: Date.parse('2026-11-01') }

  test('is that of its calls, and the multiplier that of its prices', () => {
    expect(pricePlan(book, chat, model)).toEqual({
      status: 'priced',
      reason: null,
      callFemtoUsd: parseUsd('0.00375'),
      userFemtoUsd: parseUsd('0.375'),
      multiplier: { numerator: 10_000_000_000n * 1_000_000n, denominator: 1_250_000_000n * 1_000_000n },
    })
  })

  test('is no figure, with the reason, where the book has none', () => {
    const { status, reason, userFemtoUsd, multiplier } = pricePlan(book, chat, { ...model, model: 'gpt-unheard-of' })
    expect({ status, userFemtoUsd, multiplier }).toEqual({
      status: 'unpriced_model',
      userFemtoUsd: undefined,
      multiplier: undefined,
    })
    expect(reason).not.toBe('')
  })

  test('is held against seat price × (1 − target margin)', () => {
    const cap = moneyCapOf(parseUsd('29'), { numerator: 8n, denominator: 10n })
    expect(cap).toBe(parseUsd('5.8'))
    expect(tokensWithin(cap, 200_000n, parseUsd('0.375'))).toBe(3_093_333n)
    expect(tokensWithin(cap, 200_000n, 0n)).toBeUndefined()
  })
})
