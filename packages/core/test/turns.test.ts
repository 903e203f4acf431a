/** Long work in small steps. */
import { expect, test } from 'vitest'
import { atOnce, inTurns, limits, type Steps } from '@outlay/core'

const STEPS = 20

/** Holds the event loop for a millisecond at each step. */
function* work(): Steps<string> {
  for (let step = 0; step < STEPS; step += 1) {
    const startedMs = performance.now()
    while (performance.now() - startedMs < 1);
    yield
  }
  return 'done'
}

test('what waits has its turn while long work goes on, and not where it is done at once', async () => {
  let turns = 0
  let isDone = false
  const other = (): void => {
    if (isDone) return
    turns += 1
    setImmediate(other)
  }
  setImmediate(other)
  expect(atOnce(work())).toBe('done')
  expect(turns).toBe(0)
  expect(await inTurns(work())).toBe('done')
  isDone = true
  expect(turns).toBeGreaterThanOrEqual(Math.floor(STEPS / (limits.turnMs + 1)))
})

test('an error of a step is an error of the work', async () => {
  function* broken(): Steps<never> {
    yield
    throw new Error('broken')
  }
  await expect(inTurns(broken())).rejects.toThrow('broken')
  expect(() => atOnce(broken())).toThrow('broken')
})
