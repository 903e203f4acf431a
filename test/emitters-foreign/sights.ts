/** What kinds of emitters cannot see, case by case. An empty sight sees everything that was served. */
import type { Meter, MeterQuantities } from '@outlay/core'
import type { GeminiUsage, StubServed } from '@outlay/testkit'
import type { CaseId } from './cases.ts'
import type { Sight } from './emitter.ts'

type SightOf = (id: CaseId) => Sight

/** Everything; a failed attempt is a call without usage. */
export const all: SightOf = (id) => (id.endsWith('.failure') ? { listed: 1 } : {})

/** `first` says more than `others` where both say something. */
export const sights =
  (...partial: readonly SightOf[]): SightOf =>
  (id) =>
    Object.assign({}, ...partial.map((sight) => sight(id)).toReversed()) as Sight

export const inCases =
  (cases: readonly CaseId[], sight: Sight): SightOf =>
  (id) =>
    cases.includes(id) ? sight : {}

const TTL_UNKNOWN: { readonly [meter in Meter]?: Meter } = {
  cache_write_5m: 'cache_write_unknown',
  cache_write_1h: 'cache_write_unknown',
}

/** Writes without their time to live. */
export const withoutTtl = inCases(['messages.cache_below', 'messages.cache_above', 'messages.cache_stream'], {
  folds: TTL_UNKNOWN,
})

/** Reasoning is part of the output, and no number says how much. */
export const withoutReasoning = (...cases: readonly CaseId[]): SightOf =>
  inCases(cases, { folds: { output_reasoning: 'output' } })

export const withoutAudio = inCases(['gemini.audio'], { folds: { input_audio: 'input' } })

const toolPromptOf = ({ usage }: StubServed): number => (usage as GeminiUsage).toolUsePromptTokenCount ?? 0

/** What server-side tools put into the prompt is reported nowhere. */
export const withoutToolPrompt = inCases(['gemini.tool_prompt'], {
  seen: ({ input = 0, ...rest }, served) => ({ ...rest, input: input - toolPromptOf(served) }),
})

/** Neither thoughts nor the tools' prompt have a counter, and the total holds both: the rest of it is taken as thoughts. */
export const toolPromptAsThoughts = inCases(['gemini.tool_prompt'], {
  seen: ({ input = 0, output_reasoning: thoughts = 0, ...rest }, served) => ({
    ...rest,
    input: input - toolPromptOf(served),
    output_reasoning: thoughts + toolPromptOf(served),
  }),
  doubts: ['residual_as_reasoning'],
})

/** The placeholder in Anthropic's message_start, as the stub sends it. */
const PLACEHOLDER_TOKENS = 1

/** The first count of a stream is added to the last one, which holds it already. */
export const withPlaceholder = ({ output = 0, ...rest }: MeterQuantities): MeterQuantities => ({
  ...rest,
  output: output + PLACEHOLDER_TOKENS,
})
