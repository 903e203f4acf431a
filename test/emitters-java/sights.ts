/** What kinds of emitters for Java cannot see, beside what those of all languages share. */
import type { MeterQuantities } from '@outlay/core'
import type { CaseId } from '../emitters-foreign/cases.ts'
import { inCases } from '../emitters-foreign/sights.ts'

/** Anthropic and Bedrock count caches beside the input: where an emitter leaves them out, they are reported nowhere. */
const withoutCaches = (...cases: readonly CaseId[]): ReturnType<typeof inCases> =>
  inCases(cases, { seen: ({ input = 0, output = 0 }) => ({ input, output }), cacheSplit: 'unknown' })

export const withoutBedrockCaches = withoutCaches(
  'converse.cached',
  'invoke_claude.cache_below',
  'invoke_claude.cache_above',
  'invoke_claude.cache_stream',
)

export const withoutStreamedCaches = withoutCaches('messages.cache_stream')

/** Six characters are taken for a token: of the question of the program, and of the answer of the stub provider. */
export const estimatedByLength = (): MeterQuantities => ({ input: 5, output: 7 })
