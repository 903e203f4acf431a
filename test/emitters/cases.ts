/**
 * What the stub provider serves in each case. The quantities are odd, of one size per meter, and shifted for every call
 * of every emitter, so that no two sums agree by chance.
 */
import type { MeterQuantities } from '@outlay/core'
import type { StubAnswer, StubApi, StubToolCall } from '@outlay/testkit'
import { under } from './named-cases.ts'

interface Case {
  readonly api: StubApi
  readonly model: string
  readonly answers: readonly ScriptedAnswer[]
}

interface ScriptedAnswer extends Pick<StubAnswer, 'text' | 'toolCall' | 'error'> {
  readonly meters?: MeterQuantities
}

export const TOOL_NAME = 'weather'
/** What the model answers where an object is asked for. */
const OBJECT_TEXT = '{"city":"Porto"}'
const TOOL_CALL: StubToolCall = { name: TOOL_NAME, arguments: { city: 'Porto' } }

const PLAIN: MeterQuantities = { input: 1_201, output: 145 }
const STREAM: MeterQuantities = { input: 2_203, output: 251 }
const OBJECT: MeterQuantities = { input: 3_301, output: 353 }
const OBJECT_STREAM: MeterQuantities = { input: 3_407, output: 457 }
const REASONING: MeterQuantities = { input: 4_409, output: 559, output_reasoning: 5_101 }
const TOOL_TURN: MeterQuantities = { input: 6_607, output: 61 }
const AFTER_TOOL: MeterQuantities = { input: 7_703, output: 767 }
const AGENT_TURN: MeterQuantities = { input: 6_011, output: 67, cache_write_5m: 23_137 }
const AGENT_ANSWER: MeterQuantities = { input: 139, output: 773, cache_read: 24_141 }
const AFTER_RETRY: MeterQuantities = { input: 8_807, output: 869 }
const REFUSED: ScriptedAnswer = { error: { status: 429, type: 'rate_limit_error', retryable: true } }

/** OpenAI: caches are part of the input, so they never exceed it. */
const CACHED: MeterQuantities = { input: 911, cache_read: 90_113, output: 971 }
/** Anthropic counts caches beside the input. Less than the input, where nothing but the dialect tells … */
const CACHE_BELOW: MeterQuantities = {
  input: 40_111,
  cache_read: 10_113,
  cache_write_5m: 11_119,
  cache_write_1h: 12_121,
  output: 1_073,
}
/** … and more than the input. */
const CACHE_ABOVE: MeterQuantities = {
  input: 13,
  cache_read: 50_121,
  cache_write_5m: 20_125,
  cache_write_1h: 30_127,
  output: 1_179,
}
const CACHE_OBJECT: MeterQuantities = { input: 1_411, cache_read: 70_131, cache_write_5m: 22_133, output: 1_301 }
const CACHE_STREAM: MeterQuantities = { input: 1_317, cache_read: 60_129, cache_write_5m: 21_131, output: 1_283 }

const once = (meters: MeterQuantities, rest: Omit<ScriptedAnswer, 'meters'> = {}): readonly ScriptedAnswer[] => [
  { meters, ...rest },
]

const TEXT_CASES = {
  plain: once(PLAIN),
  stream: once(STREAM),
  reasoning: once(REASONING),
  object: once(OBJECT, { text: OBJECT_TEXT }),
  object_stream: once(OBJECT_STREAM, { text: OBJECT_TEXT }),
  tools: [{ meters: TOOL_TURN, toolCall: TOOL_CALL }, { meters: AFTER_TOOL }],
  retry: [REFUSED, { meters: AFTER_RETRY }],
} as const

const OPENAI_CASES = { ...TEXT_CASES, cached: once(CACHED) } as const
const ANTHROPIC_CASES = {
  ...TEXT_CASES,
  cache_below: once(CACHE_BELOW),
  cache_above: once(CACHE_ABOVE),
  cache_stream: once(CACHE_STREAM),
  cache_object: once(CACHE_OBJECT, { text: OBJECT_TEXT }),
  /** As `tools`, where the SDK itself runs the loop. */
  agent: [{ meters: AGENT_TURN, toolCall: TOOL_CALL }, { meters: AGENT_ANSWER }],
} as const
const EMBEDDING_CASES = { one: once({ input: 8_201 }), many: once({ input: 9_203 }) } as const

export const CASES = {
  ...under('chat', { api: 'openai.chat', model: 'gpt-5' }, OPENAI_CASES),
  ...under('responses', { api: 'openai.responses', model: 'gpt-5' }, OPENAI_CASES),
  ...under('embeddings', { api: 'openai.embeddings', model: 'text-embedding-3-small' }, EMBEDDING_CASES),
  ...under('messages', { api: 'anthropic.messages', model: 'claude-sonnet-5-5' }, ANTHROPIC_CASES),
} satisfies Readonly<Record<string, Case>>

export type CaseId = keyof typeof CASES

export type CasePrefix = 'chat' | 'responses' | 'embeddings' | 'messages'

export const caseOf = (id: CaseId): Case => CASES[id]

/** All cases of an API, without those that an emitter cannot run. */
export const casesUnder = (prefix: CasePrefix, without: readonly string[] = []): readonly CaseId[] =>
  (Object.keys(CASES) as CaseId[]).filter((id) => id.startsWith(`${prefix}.`) && !without.includes(nameOf(id)))

export const prefixOf = (id: CaseId): CasePrefix => id.split('.')[0] as CasePrefix

/** Without the prefix. */
export const nameOf = (id: CaseId): string => id.split('.')[1] ?? ''

/** The same quantities, all shifted by an even number that is given once. */
export const shifted = (meters: MeterQuantities, ordinal: number): MeterQuantities =>
  Object.fromEntries(Object.entries(meters).map(([meter, quantity]) => [meter, quantity + 2 * ordinal]))

/** Whether caches are used in every call of the case. */
export const usesCache = (id: CaseId): boolean => nameOf(id).startsWith('cache') || nameOf(id) === 'agent'
