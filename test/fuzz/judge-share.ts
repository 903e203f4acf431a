/** Bodies through the receive path in this process. */
import { setImmediate as turnOfTheEventLoop } from 'node:timers/promises'
import { createCases } from '../../packages/collector/test/fuzz/cases.ts'
import { readCorpus } from '../../packages/collector/test/fuzz/corpus.ts'
import type { FuzzCase } from '../../packages/collector/test/fuzz/fuzz-case.ts'
import { createJudge, type Judge } from '../../packages/collector/test/fuzz/judge.ts'
import type { Share } from './messages.ts'
import type { Tally } from './tally.ts'

const outcomeOf = async (judge: Judge, fuzzCase: FuzzCase, index: number, tally: Tally): Promise<string> => {
  try {
    return await judge.judge(fuzzCase)
  } catch (error) {
    tally.fail(index, error instanceof Error ? (error.stack ?? error.message) : String(error))
    return 'failed'
  }
}

export const judgeShare = async ({ seed, first, step, end }: Share, tally: Tally): Promise<void> => {
  const cases = createCases(seed, readCorpus())
  const judge = createJudge()
  for (let index = first; index < end; index += step) {
    const fuzzCase = cases.at(index)
    const startedMs = performance.now()
    const outcome = await outcomeOf(judge, fuzzCase, index, tally)
    tally.add(index, outcome, performance.now() - startedMs)
    // As between two requests: what Node puts off until then, such as the end of a failed inflater, would pile up.
    await turnOfTheEventLoop()
  }
}
