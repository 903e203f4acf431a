/** One morning at three tenants, written with the real provider SDKs against the stub provider. */
import Anthropic from '@anthropic-ai/sdk'
import type { MeterQuantities } from '@outlay/core'
import { registerOutlay, withAttribution, withTask, wrap } from '@outlay/instrumentation'
import { type StubProvider, startStubProvider } from '@outlay/testkit'
import OpenAI from 'openai'

const USER_KEY = 'key-of-the-test-application'
export const SECRET_PROMPT = 'canary-prompt-7f3a91'
export const SECRET_ANSWER = 'canary-answer-0c55de'

const messages = [{ role: 'user' as const, content: SECRET_PROMPT }]

/** Served in this order, one per request. */
const SERVED: readonly MeterQuantities[] = [
  { input: 100, cache_write_5m: 2_000, output: 50 },
  { input: 120, cache_read: 2_000, output: 60 },
  { input: 140, cache_read: 2_000, output: 40, output_reasoning: 20 },
  { input: 600, cache_read: 400, output: 100 },
  { input: 1_000, output: 100 },
  { input: 4_000, output: 200 },
  {},
  { input: 500, output: 50 },
  { input: 1_000, output: 100 },
]

export interface AgentRun {
  readonly provider: StubProvider
  readonly openai: OpenAI
  readonly anthropic: Anthropic
  readonly flush: () => Promise<void>
  close(): Promise<void>
}

/** Registers tracing towards the collector and wraps both SDKs. */
export const startAgentRun = async (endpoint: string): Promise<AgentRun> => {
  const provider = await startStubProvider({ script: SERVED.map((meters) => ({ meters, text: SECRET_ANSWER })) })
  const outlay = registerOutlay({ endpoint, serviceName: 'e2e', environment: 'test', userKey: USER_KEY })
  return {
    provider,
    openai: wrap(new OpenAI({ apiKey: 'stub', baseURL: provider.openaiUrl, maxRetries: 0 })),
    anthropic: wrap(new Anthropic({ apiKey: 'stub', baseURL: provider.url, maxRetries: 0 })),
    flush: () => outlay.forceFlush(),
    close: async () => {
      await outlay.shutdown()
      await provider.close()
    },
  }
}

/** Nine calls in seven tasks. Costs in millionths of a dollar at the packaged prices stand beside each. */
export const runMorning = async ({ openai, anthropic, flush }: AgentRun): Promise<void> => {
  const acme = { tenant: 'acme', tier: 'pro' }
  // 400 + 10,000 + 1,000 · 480 + 400 + 1,200 · 560 + 400 + 1,200 = 15,640
  await withAttribution({ ...acme, user: 'u1', feature: 'inbox-agent', workload: 'agent' }, () =>
    withTask({ type: 'inbox-triage' }, async () => {
      await anthropic.messages.create({ model: 'claude-opus-5-5', max_tokens: 100, messages })
      await anthropic.messages.stream({ model: 'claude-opus-5-5', max_tokens: 100, messages }).finalMessage()
      await anthropic.messages.create({ model: 'claude-opus-5-5', max_tokens: 100, messages })
    }),
  )
  // 750 + 50 + 1,000 = 1,800
  await withAttribution({ ...acme, user: 'u2', feature: 'support-chat', workload: 'chat', outcome: 'success' }, () =>
    withTask({ type: 'answer' }, async () => {
      const stream = await openai.chat.completions.create({ model: 'gpt-5', stream: true, messages })
      for await (const chunk of stream) void chunk
    }),
  )
  // Asked for gpt-5 (1,250 + 1,000 = 2,250), served by the budget model: 200 + 120 = 320
  const degraded = { intendedModel: 'gpt-5', overage: { pattern: 'soft_cap', action: 'degraded' } } as const
  await withAttribution({ ...acme, user: 'u2', feature: 'support-chat', workload: 'chat', ...degraded }, () =>
    withTask({ type: 'answer' }, () => openai.chat.completions.create({ model: 'gpt-5.6-luna', messages })),
  )
  // 5,000 + 2,000 = 7,000
  const metered = { overage: { pattern: 'payg', action: 'metered' } } as const
  await withAttribution(
    { tenant: 'mega', tier: 'enterprise', user: 'u3', feature: 'docs-search', workload: 'rag', ...metered },
    () => withTask({ type: 'lookup' }, () => openai.responses.create({ model: 'gpt-5', input: SECRET_PROMPT })),
  )
  // Denied at the hard cap: no tokens, no cost, but counted.
  const hobby = { tenant: 'hobby', tier: 'free', feature: 'support-chat', workload: 'chat' } as const
  const denied = { overage: { pattern: 'hard_cap', action: 'denied' } } as const
  await withAttribution({ ...hobby, user: 'u4', ...denied }, () =>
    withTask({ type: 'answer' }, () => openai.chat.completions.create({ model: 'gpt-5', messages })),
  )
  // 625 + 500 = 1,125
  await withAttribution({ ...hobby, user: 'u5' }, () =>
    withTask({ type: 'answer' }, () => openai.chat.completions.create({ model: 'gpt-5', messages })),
  )
  // A shared nightly run of the tenant: 2,000 + 1,000 = 3,000
  await withAttribution({ ...acme, subject: 'account', feature: 'nightly-digest', workload: 'rag' }, () =>
    withTask({ type: 'digest' }, () =>
      anthropic.messages.create({ model: 'claude-sonnet-5-5', max_tokens: 100, messages }),
    ),
  )
  await flush()
}
