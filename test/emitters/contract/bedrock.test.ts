/** What only Bedrock has: a server that is found late, counts in headers, prompt routers, commands that call no model. */
import {
  type BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { withAttribution, wrap } from '@outlay/instrumentation'
import { limits } from '@outlay/core'
import type { StubAnswer } from '@outlay/testkit'
import { expect, test } from 'vitest'
import { drain, startHarness } from '../../../packages/instrumentation/test/harness.ts'
import { settledMeters } from '../../../packages/instrumentation/test/settled.ts'
import { conversation, createClient } from './bedrock.ts'

const WHO = { tenant: 'acme', feature: 'inbox', workload: 'chat' } as const

const start = async (script: readonly StubAnswer[] = []) => {
  const harness = await startHarness({ script })
  const client = createClient({ url: harness.stub.url, retries: 0, timeoutMs: 600_000 })
  const asAcme = <Result>(use: (wrapped: BedrockRuntimeClient) => Result): Result =>
    withAttribution(WHO, () => use(wrap(client)))
  return { harness, client, asAcme, [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose]() }
}

test('the span names the server that the SDK has found, the request and the tier', async () => {
  await using run = await start([{ serviceTier: 'flex' }])
  const command = new ConverseCommand({ ...conversation, serviceTier: { type: 'flex' } })
  const { $metadata } = await run.asAcme((bedrock) => bedrock.send(command))
  expect(run.harness.attributes()).toMatchObject({
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(run.harness.stub.url).port),
    'gen_ai.request.model': conversation.modelId,
    'gen_ai.response.id': $metadata.requestId,
    'openai.request.service_tier': 'flex',
    'openai.response.service_tier': 'flex',
  })
  // It would hide the scope of the inference profile, on which the price depends.
  expect(run.harness.attributes()).not.toHaveProperty('gen_ai.response.model')
})

test('a stream names its request and the tier of its last event', async () => {
  await using run = await start([{ serviceTier: 'priority' }])
  const { stream, $metadata } = await run.asAcme((bedrock) => bedrock.send(new ConverseStreamCommand(conversation)))
  if (stream !== undefined) await drain(stream)
  expect(run.harness.attributes()).toMatchObject({
    'gen_ai.response.id': $metadata.requestId,
    'openai.response.service_tier': 'priority',
  })
})

test('a caller with a callback gets its answer there, or the refusal', async () => {
  await using run = await start([{ meters: { input: 7, output: 5 } }])
  const command = new ConverseCommand(conversation)
  const answered = await run.asAcme(
    (bedrock) => new Promise((done) => bedrock.send(command, (...outcome) => done(outcome))),
  )
  expect(answered).toMatchObject([null, { usage: { inputTokens: 7 } }])
  expect(settledMeters(run.harness.spans())).toEqual({ input: 7, output: 5 })
  const refused = await new Promise((done) => wrap(run.client).send(command, {}, (error) => done(error)))
  expect(refused).toMatchObject({ code: 'E_ATTRIBUTION_MISSING' })
  expect(run.harness.stub.requests).toHaveLength(1)
})

test('commands that call no model go through as they are, unattributed', async () => {
  await using run = await start()
  const count = new CountTokensCommand({ modelId: conversation.modelId, input: { converse: conversation } })
  await expect(wrap(run.client).send(count)).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } })
  expect(run.harness.spans()).toEqual([])
})

test('a client that has sent before is measured as well: the SDK keeps its handlers', async () => {
  await using run = await start([{}, { meters: { input: 7, output: 5 } }])
  const cached = createClient({ url: run.harness.stub.url, retries: 0, timeoutMs: 600_000 }, { cacheMiddleware: true })
  // Its body has no counters.
  const invoke = new InvokeModelCommand({ modelId: 'mistral.pixtral-large-2502-v1:0', body: '{}' })
  await cached.send(invoke)
  await withAttribution(WHO, () => wrap(cached).send(invoke))
  expect(settledMeters(run.harness.spans())).toEqual({ input: 7, output: 5 })
})

test('of a body too large to be read the headers are counted', async () => {
  const text = 'x'.repeat(limits.instrumentation.modelBodyBytesMax)
  await using run = await start([{ text, meters: { input: 7, cache_write_1h: 3, output: 5 } }])
  const invoke = new InvokeModelCommand({ modelId: 'anthropic.claude-haiku-5-5-v1:0', body: '{}' })
  await run.asAcme((bedrock) => bedrock.send(invoke))
  expect(settledMeters(run.harness.spans())).toEqual({ input: 7, cache_write_unknown: 3, output: 5 })
})

test('embeddings are listed as such', async () => {
  await using run = await start([{ meters: { input: 7 } }])
  const invoke = new InvokeModelCommand({ modelId: 'amazon.titan-embed-text-v2:0', body: '{}' })
  await run.asAcme((bedrock) => bedrock.send(invoke))
  expect(run.harness.attributes()['gen_ai.operation.name']).toBe('embeddings')
})
