/** Sub-calls that Anthropic's beta reports within one answer: compaction and advisors are billed as rows of their own. */
import Anthropic from '@anthropic-ai/sdk'
import { withAttribution, wrap } from '@outlay/instrumentation'
import { type AnthropicUsage, usageOf } from '@outlay/testkit'
import { expect, test } from 'vitest'
import { drain, startHarness } from '../../../packages/instrumentation/test/harness.ts'
import { settledCalls } from '../../../packages/instrumentation/test/settled.ts'

const WHO = { tenant: 'acme', feature: 'inbox', workload: 'agent' } as const

const tokens = (type: string, input: number, output: number) => ({
  type,
  input_tokens: input,
  output_tokens: output,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_creation: null,
})

const iterations = [
  tokens('compaction', 180_000, 3_500),
  tokens('message', 700, 40),
  { ...tokens('advisor_message', 900, 60), model: 'claude-opus-5-5' },
]
const usage = { ...(usageOf('anthropic.messages', { input: 700, output: 40 }) as AnthropicUsage), iterations }

const request = {
  model: 'claude-sonnet-5-5' as const,
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: 'hello' }],
}

test.each([
  ['an answer', (client: Anthropic) => client.beta.messages.create(request)],
  ['a stream', async (client: Anthropic) => drain(await client.beta.messages.create({ ...request, stream: true }))],
  ['the helper for streams', (client: Anthropic) => client.beta.messages.stream(request).finalMessage()],
] as const)('%s with iterations is one span, billed with its sub-calls', async (_, use) => {
  const { service_tier: _tier, speed: _speed, inference_geo: _geo, ...delta } = usage
  await using harness = await startHarness({ script: [{ usage, messageDeltas: [delta] }] })
  const client = wrap(new Anthropic({ apiKey: 'stub', baseURL: harness.stub.url, maxRetries: 0 }))
  await withAttribution(WHO, () => use(client))
  expect(harness.spans()).toHaveLength(1)
  const calls = settledCalls(harness.spans()).map(({ key, meters, selectors: { requestModel, responseModel } }) => ({
    part: key.part,
    meters,
    model: responseModel || requestModel,
  }))
  expect(calls).toEqual([
    { part: 'main', meters: { input: 700, output: 40 }, model: 'claude-sonnet-5-5' },
    { part: 'advisor:1', meters: { input: 900, output: 60 }, model: 'claude-opus-5-5' },
    { part: 'compaction', meters: { input: 180_000, output: 3_500 }, model: 'claude-sonnet-5-5' },
  ])
})
