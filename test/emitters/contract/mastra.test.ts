/** What only Mastra has: models by the id of its router. */
import { ModelRouterLanguageModel } from '@mastra/core/llm'
import { Agent } from '@mastra/core/agent'
import { withAttribution } from '@outlay/instrumentation'
import { outlayModel } from '@outlay/instrumentation/mastra'
import { expect, test } from 'vitest'
import { startHarness, WHO } from '../../../packages/instrumentation/test/harness.ts'
import { settledMeters } from '../../../packages/instrumentation/test/settled.ts'

const METERS = { input: 1_201, output: 145 }
const agentWith = (model: ModelRouterLanguageModel) =>
  new Agent({ id: 'assistant', name: 'Assistant', instructions: 'Be brief.', model })

test('a model by its id is one of the router, named by it', () => {
  const model = outlayModel('openai/gpt-5')
  expect(model).toBeInstanceOf(ModelRouterLanguageModel)
  expect(model).toMatchObject({ provider: 'openai', modelId: 'gpt-5', specificationVersion: 'v2' })
  expect(outlayModel(model)).toBe(model)
})

test('the host of a routed model says who bills', async () => {
  await using harness = await startHarness({ script: [{ meters: METERS }] })
  const model = outlayModel({ id: 'acme/gpt-5', url: harness.stub.openaiUrl, apiKey: 'stub' })
  await withAttribution(WHO, () => agentWith(model).generate('hi'))
  expect(settledMeters(harness.spans())).toEqual(METERS)
  expect(harness.attributes()).toMatchObject({ 'gen_ai.provider.name': 'acme', 'server.address': '127.0.0.1' })
})

test('a stream of a compatible endpoint is listed without usage, since Mastra does not ask for any', async () => {
  await using harness = await startHarness({ script: [{ meters: METERS }] })
  const model = outlayModel({ id: 'acme/gpt-5', url: harness.stub.openaiUrl, apiKey: 'stub' })
  await withAttribution(WHO, async () => (await agentWith(model).stream('hi')).text)
  expect(harness.stub.requests[0]?.body).not.toHaveProperty('stream_options')
  expect(harness.attributes()['outlay.usage.status']).toBe('absent')
})
