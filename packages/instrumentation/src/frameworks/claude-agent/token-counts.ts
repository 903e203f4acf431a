/** Tokens of one call, or of all calls of a model: Anthropic's usage object and the agent's sums in one form. */
import { countOf, fieldOf } from '#src/call/untyped.ts'

const COUNTERS = ['input', 'cacheRead', 'cacheWrite', 'write5m', 'write1h', 'output', 'thinking', 'webSearch'] as const

/** All whole numbers; what was not reported is 0. The input lies beside the caches, thinking is a part of the output. */
export type TokenCounts = Readonly<Record<(typeof COUNTERS)[number], number>>

type Paths = Readonly<Record<keyof TokenCounts, readonly string[]>>

const USAGE: Paths = {
  input: ['input_tokens'],
  cacheRead: ['cache_read_input_tokens'],
  cacheWrite: ['cache_creation_input_tokens'],
  write5m: ['cache_creation', 'ephemeral_5m_input_tokens'],
  write1h: ['cache_creation', 'ephemeral_1h_input_tokens'],
  output: ['output_tokens'],
  thinking: ['output_tokens_details', 'thinking_tokens'],
  webSearch: ['server_tool_use', 'web_search_requests'],
}

const MODEL_USAGE: Paths = {
  input: ['inputTokens'],
  cacheRead: ['cacheReadInputTokens'],
  cacheWrite: ['cacheCreationInputTokens'],
  write5m: ['cacheCreationEphemeral5mInputTokens'],
  write1h: ['cacheCreationEphemeral1hInputTokens'],
  output: ['outputTokens'],
  thinking: ['thinkingTokens'],
  webSearch: ['webSearchRequests'],
}

const countAt = (value: unknown, path: readonly string[]): number => {
  const parents = path.slice(0, -1)
  return countOf(parents.reduce(fieldOf, value), path.at(-1) ?? '') ?? 0
}

const eachCounter = (count: (counter: keyof TokenCounts) => number): TokenCounts =>
  Object.fromEntries(COUNTERS.map((counter) => [counter, count(counter)])) as TokenCounts

export const NO_TOKENS = eachCounter(() => 0)

/** Of Anthropic's usage object. */
export const countsOfUsage = (usage: unknown): TokenCounts => eachCounter((counter) => countAt(usage, USAGE[counter]))

/** Of an entry of `modelUsage`. */
export const countsOfModel = (modelUsage: unknown): TokenCounts =>
  eachCounter((counter) => countAt(modelUsage, MODEL_USAGE[counter]))

export const sumOf = (a: TokenCounts, b: TokenCounts): TokenCounts => eachCounter((counter) => a[counter] + b[counter])

/** `undefined` where `b` has more of something: then it is no part of `a`. */
export const differenceOf = (a: TokenCounts, b: TokenCounts): TokenCounts | undefined => {
  const rest = eachCounter((counter) => a[counter] - b[counter])
  return COUNTERS.some((counter) => rest[counter] < 0) ? undefined : rest
}

export const isNothing = (counts: TokenCounts): boolean => COUNTERS.every((counter) => counts[counter] === 0)

export const isSameInput = (a: TokenCounts, b: TokenCounts): boolean =>
  a.input === b.input && a.cacheRead === b.cacheRead && a.cacheWrite === b.cacheWrite

/** In the form of Anthropic's usage object. Older agents do not tell the lives of cache writes. */
export const usageOfCounts = (counts: TokenCounts): object => ({
  input_tokens: counts.input,
  cache_read_input_tokens: counts.cacheRead,
  cache_creation_input_tokens: counts.cacheWrite,
  ...(counts.write5m + counts.write1h === counts.cacheWrite
    ? { cache_creation: { ephemeral_5m_input_tokens: counts.write5m, ephemeral_1h_input_tokens: counts.write1h } }
    : {}),
  output_tokens: counts.output,
  output_tokens_details: { thinking_tokens: counts.thinking },
  ...(counts.webSearch === 0 ? {} : { server_tool_use: { web_search_requests: counts.webSearch } }),
})
