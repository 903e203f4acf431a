/** What every dialect of the benchmark tells, and the made-up usage it tells it of. */
import type { SpanSketch } from '../span-sketch.ts'

/** `n` varies ids and counts, so that no two spans are alike; nothing is random. */
export interface BenchDialect {
  readonly name: string
  /** The span around a whole run, with sums where the emitter writes them. */
  run(n: number): SpanSketch
  /** A model call. */
  call(n: number): SpanSketch
  /** What stands between calls: tools, chains, tasks. No usage. */
  step(n: number): SpanSketch
}

export interface CallUsage {
  /** With both caches. */
  readonly input: number
  /** With reasoning. */
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly reasoning: number
}

export const usageOf = (n: number): CallUsage => {
  const cacheRead = (n % 5) * 1_000
  const cacheWrite = (n % 3) * 200
  const input = 1_200 + (n % 977) + cacheRead + cacheWrite
  return { input, output: 80 + (n % 311), cacheRead, cacheWrite, reasoning: n % 64 }
}

/** Anthropic's own usage object: input without caches. */
export const anthropicUsageOf = ({ input, output, cacheRead, cacheWrite }: CallUsage): object => ({
  input_tokens: input - cacheRead - cacheWrite,
  cache_creation_input_tokens: cacheWrite,
  cache_read_input_tokens: cacheRead,
  cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
  output_tokens: output,
  service_tier: 'standard',
})

export const sessionOf = (n: number): string => `session-${Math.floor(n / 8)}`

/** In the form that passes as hashed already. */
export const userOf = (n: number): string => `h_${(n % 8_191).toString(16).padStart(64, '0')}`

export const PROMPT = 'You are a support agent. Answer from the handbook and name the page. '.repeat(12)
