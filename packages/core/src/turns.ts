/** Long work in small steps: the event loop has other things to do, a sender's answer among them. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { limits } from './limits.ts'

/** Work that may be interrupted wherever it yields. */
export type Steps<Result> = Generator<void, Result>

/** Gives way to everything else that waits whenever the work has held the event loop for `limits.turnMs`. */
export const inTurns = async <Result>(steps: Steps<Result>): Promise<Result> => {
  let startedMs = performance.now()
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value
    if (performance.now() - startedMs < limits.turnMs) continue
    await nextTurn()
    startedMs = performance.now()
  }
}

/** The same in one go, for where nothing else waits. */
export const atOnce = <Result>(steps: Steps<Result>): Result => {
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value
}
