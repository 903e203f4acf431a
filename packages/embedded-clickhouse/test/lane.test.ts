import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Lane } from '#src/child/lane.ts'

const laneOf = (slots: number, queueMax: number, waitMs = 60_000): Lane =>
  new Lane({ name: 'test', slots, queueMax, waitMs })

/** A piece of work that ends when told to. */
const job = (): { readonly run: () => Promise<void>; readonly end: () => void } => {
  let end = (): void => undefined
  const done = new Promise<void>((resolve) => {
    end = resolve
  })
  return { run: () => done, end: () => end() }
}

describe('a lane', () => {
  test('never runs more than its slots, and runs everything in order of arrival', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }),
        async (slots, delays) => {
          const lane = laneOf(slots, 64)
          const started: number[] = []
          let running = 0
          await Promise.all(
            delays.map((turns, index) =>
              lane.run(async () => {
                started.push(index)
                running++
                expect(running).toBeLessThanOrEqual(slots)
                for (let turn = 0; turn < turns; turn++) await Promise.resolve()
                running--
              }),
            ),
          )
          expect(started).toEqual(delays.map((_, index) => index))
        },
      ),
    )
  })

  test('refuses with 503 and code 202 exactly when its queue is full', async () => {
    const lane = laneOf(1, 2)
    const first = job()
    const jobs = [lane.run(first.run), lane.run(async () => undefined), lane.run(async () => undefined)]
    await expect(lane.run(async () => undefined)).rejects.toMatchObject({ code: 202, status: 503 })
    first.end()
    await expect(Promise.all(jobs)).resolves.toHaveLength(3)
  })

  test('refuses a wait beyond its limit and does not lose the slot', async () => {
    const lane = laneOf(1, 2, 1)
    const first = job()
    const running = lane.run(first.run)
    await expect(lane.run(async () => undefined)).rejects.toMatchObject({ code: 202 })
    first.end()
    await running
    await expect(lane.run(async () => 'free')).resolves.toBe('free')
  })

  test('a waiter whose client leaves makes room in the queue', async () => {
    const lane = laneOf(1, 1)
    const first = job()
    const running = lane.run(first.run)
    const leave = new AbortController()
    const waiting = lane.run(async () => undefined, leave.signal)
    leave.abort()
    await expect(waiting).rejects.toMatchObject({ code: 202 })
    const next = lane.run(async () => 'next')
    first.end()
    await running
    await expect(next).resolves.toBe('next')
  })

  test('a failure frees the slot', async () => {
    const lane = laneOf(1, 1)
    await expect(lane.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    await expect(lane.run(async () => 'free')).resolves.toBe('free')
  })
})
