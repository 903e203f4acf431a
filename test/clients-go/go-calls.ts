/** Calls as an app in Go reports them: raw counters and attribution under the names of the conventions and of ours. */
import { GEN_AI, OUTLAY, STANDARD } from '@outlay/semconv'
import type { LedgerSums } from '../harness/ledger-sums.ts'
import type { GoAttribute } from './sdk-sender.ts'

/** Odd and another for each call, so that no two sums agree by chance. */
const countersOf = (call: number) => ({
  input: 1_001 + 7 * call,
  cacheRead: 101 + 3 * call,
  output: 211 + 5 * call,
  reasoning: 31 + call,
})

const text = (key: string, string: string): GoAttribute => ({ key, string })
const count = (key: string, int: number): GoAttribute => ({ key, int: String(int) })

const goCall = (call: number): readonly GoAttribute[] => {
  const { input, cacheRead, output, reasoning } = countersOf(call)
  return [
    text(GEN_AI.OPERATION_NAME, 'chat'),
    text(GEN_AI.PROVIDER_NAME, 'openai'),
    text(GEN_AI.REQUEST_MODEL, 'gpt-5'),
    text(GEN_AI.RESPONSE_MODEL, 'gpt-5'),
    text(OUTLAY.TENANT_ID, 'acme'),
    text(OUTLAY.FEATURE, 'support-chat'),
    text(OUTLAY.WORKLOAD, 'chat'),
    text(OUTLAY.TASK_ID, `task-${call}`),
    text(STANDARD.USER_ID, `h_${'0'.repeat(63)}${call % 5}`),
    // By the conventions caches are part of the input, and reasoning is part of the output.
    count(GEN_AI.USAGE_INPUT_TOKENS, input + cacheRead),
    count(GEN_AI.USAGE_CACHE_READ_INPUT_TOKENS, cacheRead),
    count(GEN_AI.USAGE_OUTPUT_TOKENS, output + reasoning),
    count(GEN_AI.USAGE_REASONING_OUTPUT_TOKENS, reasoning),
  ]
}

/** What the ledger and each of its counters must come to after the first so many calls. */
export const sumsOfGoCalls = (calls: number): LedgerSums => {
  const all = Array.from({ length: calls }, (_, call) => countersOf(call))
  const sum = (of: (counters: ReturnType<typeof countersOf>) => number): number =>
    all.reduce((total, counters) => total + of(counters), 0)
  return {
    charges: calls,
    meters: {
      input: sum(({ input }) => input),
      cache_read: sum(({ cacheRead }) => cacheRead),
      output: sum(({ output }) => output),
      output_reasoning: sum(({ reasoning }) => reasoning),
    },
  }
}

export const goCalls = (calls: number): readonly (readonly GoAttribute[])[] =>
  Array.from({ length: calls }, (_, call) => goCall(call))
