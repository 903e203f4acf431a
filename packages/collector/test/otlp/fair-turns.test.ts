import { describe, expect, test } from 'vitest'
import { ByteBudget } from '#src/otlp/byte-budget.ts'
import { FairTurns } from '#src/otlp/fair-turns.ts'

/** Work that ends when it is told to, in the order in which it began. */
const workbench = (workingMax: number, waitingMax: number) => {
  const turns = new FairTurns({ workingMax, waitingMax })
  const begun: string[] = []
  const ends: (() => void)[] = []
  const answers = new Map<string, string | undefined>()
  return {
    turns,
    begun,
    answers,
    send: (name: string): void => {
      const sender = name[0] ?? ''
      const work = (): Promise<string> =>
        new Promise((resolve) => {
          begun.push(name)
          ends.push(() => resolve('done'))
        })
      void turns.take(sender, 10, work).then((answer) => answers.set(name, answer))
    },
    /** Ends the oldest work. */
    end: async (): Promise<void> => {
      ends.shift()?.()
      // Whoever is next has begun, and who was answered knows it.
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
    },
  }
}

describe('turns', () => {
  test('go sender by sender, whatever one of them has in line', async () => {
    const { turns, begun, send, end } = workbench(1, 100)
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2']) send(name)
    await Promise.resolve()
    expect([turns.waiting, turns.waitingBytes]).toEqual([6, 60])
    for (let n = 0; n < 6; n += 1) await end()
    expect(begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4'])
    await end()
    expect([turns.waiting, turns.waitingBytes]).toEqual([0, 0])
    send('d1')
    await end()
    expect(begun.at(-1)).toBe('d1')
  })

  test('are lost by whoever has most in line when it is full, and by the newcomer where that is itself', async () => {
    const { answers, begun, send, end } = workbench(1, 4)
    for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'a6', 'b2']) send(name)
    await end()
    expect([...answers]).toEqual(
      expect.arrayContaining([
        ['a5', undefined],
        ['a6', undefined],
        ['a4', undefined],
      ]),
    )
    for (let n = 0; n < 6; n += 1) await end()
    expect(begun).toEqual(['a1', 'a2', 'b1', 'a3', 'b2'])
  })

  test('come back from work that failed', async () => {
    const turns = new FairTurns({ workingMax: 1, waitingMax: 1 })
    await expect(turns.take('a', 1, () => Promise.reject(new Error('ours')))).rejects.toThrow('ours')
    expect(await turns.take('a', 1, () => Promise.resolve('done'))).toBe('done')
  })
})

describe('the budget of bytes', () => {
  /** How much senders get who ask for one byte at a time, in turn. */
  const floodedBy = (senders: readonly string[]): readonly number[] => {
    const budget = new ByteBudget(900, () => undefined)
    const got = senders.map(() => 0)
    for (let round = 0; round < 900; round += 1)
      for (const [index, sender] of senders.entries())
        got[index] = (got[index] ?? 0) + Number(budget.open(sender).take(1))
    return got
  }

  test('is nearly all for one sender, and always leaves room for another', () => {
    expect(floodedBy(['a'])).toEqual([801])
    const [first = 0, second = 0] = floodedBy(['a', 'b'])
    expect(Math.abs(first - second)).toBeLessThan(2)
    expect(900 - first - second).toBeGreaterThan(45)
  })

  test('lets one request have all of it, at once or as it grows, and is whole again afterwards', () => {
    const seen: number[] = []
    const budget = new ByteBudget(900, (bytes) => seen.push(bytes))
    const whole = budget.open('a')
    expect([whole.take(900), whole.take(1)]).toEqual([true, false])
    whole.release()
    const grown = budget.open('a')
    expect([grown.take(0), grown.take(850), grown.take(50), grown.take(1)]).toEqual([true, true, true, false])
    grown.release()
    expect(seen.at(-1)).toBe(0)
    expect(budget.open('b').take(900)).toBe(true)
  })
})
