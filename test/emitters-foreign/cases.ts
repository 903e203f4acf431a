/**
 * What the stub provider serves in each case. The quantities are odd, of one size per meter, and shifted for every case
 * of every emitter, so that no two sums agree by chance.
 */
import type { MeterQuantities } from '@outlay/core'
import type { GeminiUsage, StubAnswer, StubApi, StubToolCall } from '@outlay/testkit'
import { under } from '../emitters/named-cases.ts'

interface Case {
  readonly api: StubApi
  readonly model: string
  /** One per request that the case makes. */
  readonly answers: readonly ScriptedAnswer[]
}

interface ScriptedAnswer extends Pick<StubAnswer, 'toolCall' | 'error'> {
  readonly meters?: MeterQuantities
  /** Where meters cannot say it. */
  readonly gemini?: (shift: number) => GeminiUsage
}

const TOOL_CALL: StubToolCall = { name: 'weather', arguments: { city: 'Porto' } }
const once = (meters: MeterQuantities): readonly ScriptedAnswer[] => [{ meters }]

const PLAIN = once({ input: 1_201, output: 145 })
const STREAM = once({ input: 2_203, output: 251 })
const ASYNC = once({ input: 3_301, output: 353 })
/** Less than the rest of the output, so that only the dialect says whether it lies inside … */
const REASONING = once({ input: 4_409, output: 5_101, output_reasoning: 559 })
/** … and more. */
const MUCH_REASONING = once({ input: 4_513, output: 661, output_reasoning: 5_203 })
const TOOLS: readonly ScriptedAnswer[] = [
  { meters: { input: 6_607, output: 61 }, toolCall: TOOL_CALL },
  { meters: { input: 7_703, output: 767 } },
]
/** The SDK tries again by itself, inside one call of the app. */
const RETRY: readonly ScriptedAnswer[] = [
  { error: { status: 429, type: 'rate_limit_error', retryable: true } },
  ...once({ input: 8_807, output: 869 }),
]
/** The app tries again itself. */
const FAILURE: readonly ScriptedAnswer[] = [
  { error: { status: 500, type: 'api_error' } },
  ...once({ input: 9_901, output: 967 }),
]

const OPENAI = {
  plain: PLAIN,
  stream: STREAM,
  async: ASYNC,
  /** OpenAI: caches are part of the input, so they never exceed it. */
  cached: once({ input: 911, cache_read: 90_113, output: 971 }),
  reasoning: REASONING,
  tools: TOOLS,
  retry: RETRY,
  failure: FAILURE,
}

const ANTHROPIC = {
  plain: PLAIN,
  stream: STREAM,
  stream_helper: once({ input: 2_407, output: 457 }),
  async: ASYNC,
  /** Anthropic counts caches beside the input. Less than the input, where nothing but the dialect tells … */
  cache_below: once({
    input: 40_111,
    cache_read: 10_113,
    cache_write_5m: 11_119,
    cache_write_1h: 12_121,
    output: 1_073,
  }),
  /** … and more than the input. */
  cache_above: once({ input: 13, cache_read: 50_121, cache_write_5m: 20_125, cache_write_1h: 30_127, output: 1_179 }),
  cache_stream: once({ input: 1_317, cache_read: 60_129, cache_write_5m: 21_131, output: 1_283 }),
  reasoning: REASONING,
  tools: TOOLS,
  retry: RETRY,
  failure: FAILURE,
}

/** What server-side tools put into the prompt stands beside the prompt. */
const withToolPrompt = (shift: number): GeminiUsage => {
  const [prompt, toolUse, candidates, thoughts] = [5_507 + shift, 3_019 + shift, 563 + shift, 1_021 + shift]
  return {
    promptTokenCount: prompt,
    toolUsePromptTokenCount: toolUse,
    candidatesTokenCount: candidates,
    thoughtsTokenCount: thoughts,
    totalTokenCount: prompt + toolUse + candidates + thoughts,
  }
}

const withAudio = (shift: number): GeminiUsage => {
  const [text, audio, candidates] = [6_101 + shift, 2_023 + shift, 571 + shift]
  return {
    promptTokenCount: text + audio,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: text },
      { modality: 'AUDIO', tokenCount: audio },
    ],
    candidatesTokenCount: candidates,
    totalTokenCount: text + audio + candidates,
  }
}

const GEMINI = {
  plain: PLAIN,
  stream: STREAM,
  async: ASYNC,
  cached: once({ input: 911, cache_read: 90_113, output: 971 }),
  thoughts: REASONING,
  thoughts_stream: MUCH_REASONING,
  tool_prompt: [{ gemini: withToolPrompt }],
  audio: [{ gemini: withAudio }],
  tools: TOOLS,
  failure: FAILURE,
}

/** Bedrock counts caches beside the input, and reasoning nowhere by itself. */
const CONVERSE = {
  plain: PLAIN,
  stream: STREAM,
  async: ASYNC,
  cached: ANTHROPIC.cache_below,
  tools: TOOLS,
  retry: RETRY,
  failure: FAILURE,
}

const INVOKE_CLAUDE = {
  plain: PLAIN,
  cache_below: ANTHROPIC.cache_below,
  cache_above: ANTHROPIC.cache_above,
  cache_stream: ANTHROPIC.cache_stream,
  /** The request is built by the SDK, from what the app says of it. */
  built_stream: STREAM,
}

const CLAUDE_ON_BEDROCK = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'

const CASES = {
  ...under('chat', { api: 'openai.chat', model: 'gpt-5' }, OPENAI),
  ...under('responses', { api: 'openai.responses', model: 'gpt-5' }, OPENAI),
  ...under(
    'embeddings',
    { api: 'openai.embeddings', model: 'text-embedding-3-small' },
    { many: once({ input: 9_203 }) },
  ),
  ...under('messages', { api: 'anthropic.messages', model: 'claude-sonnet-4-5' }, ANTHROPIC),
  ...under('gemini', { api: 'gemini.generate', model: 'gemini-2.5-flash' }, GEMINI),
  ...under('converse', { api: 'bedrock.converse', model: CLAUDE_ON_BEDROCK }, CONVERSE),
  ...under('invoke_claude', { api: 'bedrock.invoke.anthropic', model: CLAUDE_ON_BEDROCK }, INVOKE_CLAUDE),
  ...under(
    'invoke_nova',
    { api: 'bedrock.invoke.nova', model: 'amazon.nova-lite-v1:0' },
    { plain: PLAIN, stream: STREAM },
  ),
  ...under('invoke_cohere', { api: 'bedrock.invoke', model: 'cohere.command-r-plus-v1:0' }, { plain: PLAIN }),
}

export type CaseId = keyof typeof CASES

const CASE_IDS = Object.keys(CASES) as CaseId[]

export const caseOf = (id: CaseId): Case => CASES[id]

/** All cases of an API, without those that an emitter or a framework cannot run. */
export const casesUnder = (prefix: string, without: readonly string[] = []): readonly CaseId[] =>
  CASE_IDS.filter((id) => id.startsWith(`${prefix}.`) && !without.includes(id.slice(prefix.length + 1)))

/** Even, and another for each case of each emitter. */
export const shiftOf = (emitterIndex: number, id: CaseId): number =>
  2 * (emitterIndex * CASE_IDS.length + CASE_IDS.indexOf(id))
