/** Bodies through the receive path in this process. */
import { type Cases, createCases } from '../../packages/collector/test/fuzz/cases.ts'
import { readCorpus } from '../../packages/collector/test/fuzz/corpus.ts'
import { createJudge, type Judge } from '../../packages/collector/test/fuzz/judge.ts'
import type { Share } from './messages.ts'
import type { Tally } from './tally.ts'

const outcomeOf = async (judge: Judge, cases: Cases, index: number, tally: Tally): Promise<string> => {
  try {
    return await judge.judge(cases.at(index))
  } catch (error) {
    tally.fail(index, error instanceof Error ? (error.stack ?? error.message) : String(error))
    return 'failed'
  }
}

export const judgeShare = async ({ seed, first, step, end }: Share, tally: Tally): Promise<void> => {
  const cases = createCases(seed, readCorpus())
  const judge = createJudge()
  for (let index = first; index < end; index += step) {
    const startedMs = performance.now()
    const outcome = await outcomeOf(judge, cases, index, tally)
    tally.add(index, outcome, performance.now() - startedMs)
  }
}
