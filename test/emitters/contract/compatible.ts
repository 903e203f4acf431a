/** Hosts that speak OpenAI's API: who bills is told by the base URL, and each has its own usage object. */
import type { MeterQuantities } from '@outlay/core'
import type { OpenAIChatUsage } from '@outlay/testkit'
import OpenAI from 'openai'
import { OPENAI_MESSAGES } from './conversations.ts'
import { type Wrapper, wrapper } from './wrapper.ts'

interface Host {
  readonly provider: string
  readonly baseURL: string
  readonly model: string
  /** As OpenAI's, with counters of the host's own. */
  readonly usage: OpenAIChatUsage & Readonly<Record<string, unknown>>
  readonly meters: MeterQuantities
}

const HOSTS: readonly Host[] = [
  {
    provider: 'groq',
    baseURL: 'https://api.groq.com/openai/v1',
    model: 'openai/gpt-oss-120b',
    usage: {
      prompt_tokens: 1_000,
      completion_tokens: 100,
      total_tokens: 1_100,
      prompt_tokens_details: { cached_tokens: 300 },
      completion_tokens_details: { reasoning_tokens: 60 },
    },
    meters: { input: 700, cache_read: 300, output: 40, output_reasoning: 60 },
  },
  {
    provider: 'together',
    baseURL: 'https://api.together.xyz/v1',
    model: 'meta-llama/Llama-4-Maverick',
    usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 },
    meters: { input: 1_000, output: 100 },
  },
  {
    provider: 'openrouter',
    baseURL: 'https://openrouter.ai/api/v1',
    model: 'anthropic/claude-sonnet-5.5',
    usage: {
      prompt_tokens: 1_000,
      completion_tokens: 100,
      total_tokens: 1_100,
      prompt_tokens_details: { cached_tokens: 300, cache_write_tokens: 20 },
      completion_tokens_details: { reasoning_tokens: 60 },
    },
    meters: { input: 680, cache_read: 300, cache_write_unknown: 20, output: 40, output_reasoning: 60 },
  },
  {
    provider: 'deepseek',
    baseURL: 'https://api.deepseek.com/v1',
    model: 'deepseek-reasoner',
    usage: {
      prompt_tokens: 1_000,
      completion_tokens: 100,
      total_tokens: 1_100,
      prompt_cache_hit_tokens: 300,
      prompt_cache_miss_tokens: 700,
      completion_tokens_details: { reasoning_tokens: 60 },
    },
    meters: { input: 700, cache_read: 300, output: 40, output_reasoning: 60 },
  },
  {
    provider: 'x_ai',
    baseURL: 'https://api.x.ai/v1',
    model: 'grok-4.5',
    // Reasoning stands beside the completion.
    usage: {
      prompt_tokens: 1_000,
      completion_tokens: 40,
      total_tokens: 1_100,
      prompt_tokens_details: { cached_tokens: 300 },
      completion_tokens_details: { reasoning_tokens: 60 },
      num_sources_used: 0,
    },
    meters: { input: 700, cache_read: 300, output: 40, output_reasoning: 60 },
  },
]

/** Sends to the stub what goes to the host. */
const fetchFrom = (baseURL: string, stub: string) => (input: string | URL | Request, init?: RequestInit) =>
  fetch((input instanceof Request ? input.url : input.toString()).replace(baseURL, `${stub}/v1`), init)

export const COMPATIBLE: readonly Wrapper[] = HOSTS.map(({ baseURL, model, ...host }) =>
  wrapper<OpenAI>({
    ...host,
    id: `openai chat at ${host.provider}`,
    api: 'openai.chat',
    create: ({ url, retries, timeoutMs }) =>
      new OpenAI({
        apiKey: 'stub',
        baseURL,
        maxRetries: retries,
        timeout: timeoutMs,
        fetch: fetchFrom(baseURL, url),
      }),
    call: (client, signal) => client.chat.completions.create({ model, messages: OPENAI_MESSAGES }, { signal }),
    stream: (client, signal) =>
      client.chat.completions.create({ model, messages: OPENAI_MESSAGES, stream: true }, { signal }),
  }),
)
