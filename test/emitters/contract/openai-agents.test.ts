/** What only the OpenAI Agents SDK has: agents as tools, models that agents are given themselves, failed runs. */
import {
  Agent,
  type Model,
  OpenAIChatCompletionsModel,
  OpenAIProvider,
  OpenAIResponsesModel,
  Runner,
} from '@openai/agents'
import { withAttribution } from '@outlay/instrumentation'
import { outlayModel, outlayModelProvider } from '@outlay/instrumentation/openai-agents'
import { OpenAI } from 'openai'
import { expect, expectTypeOf, test } from 'vitest'
import { drain, type Harness, readSome, startHarness, WHO } from '../../../packages/instrumentation/test/harness.ts'
import { settledCalls, settledMeters } from '../../../packages/instrumentation/test/settled.ts'

const TOOL_TURN = { input: 6_607, output: 61 }
const INNER = { input: 1_201, output: 145 }
const AFTER_TOOL = { input: 7_703, output: 767 }

const clientOf = ({ stub }: Harness) => new OpenAI({ baseURL: stub.openaiUrl, apiKey: 'stub', maxRetries: 0 })
const providerOf = (harness: Harness) => new OpenAIProvider({ openAIClient: clientOf(harness) })
const runnerOf = (harness: Harness) =>
  new Runner({ modelProvider: outlayModelProvider(providerOf(harness)), tracingDisabled: true })

test('an agent that is a tool of a streamed agent is a call beside it', async () => {
  await using harness = await startHarness({
    script: [
      { meters: TOOL_TURN, toolCall: { name: 'ask', arguments: { input: 'inner' } } },
      { meters: INNER },
      { meters: AFTER_TOOL },
    ],
  })
  const runner = runnerOf(harness)
  const inner = new Agent({ name: 'Inner', model: 'gpt-5' })
  const ask = inner.asTool({ toolName: 'ask', toolDescription: 'Asks', runConfig: runner.config })
  const outer = new Agent({ name: 'Outer', model: 'gpt-5', tools: [ask] })
  await withAttribution(WHO, async () => {
    const result = await runner.run(outer, 'hi', { stream: true })
    await drain(result)
    await result.completed
  })
  expect(harness.stub.requests).toHaveLength(3)
  expect(
    settledCalls(harness.spans())
      .map(({ meters }) => meters.input ?? 0)
      .toSorted((a, b) => a - b),
  ).toEqual([1_201, 6_607, 7_703])
})

test.each([
  ['chat completions', (client: OpenAI): Model => new OpenAIChatCompletionsModel(client as never, 'gpt-5')],
  ['responses', (client: OpenAI): Model => new OpenAIResponsesModel(client as never, 'gpt-5')],
])('a model that an agent is given itself is counted: %s', async (_, create) => {
  await using harness = await startHarness({ script: [{ meters: INNER }] })
  const model = outlayModel(create(clientOf(harness)), 'gpt-5')
  expect(outlayModel(model, 'gpt-5')).toBe(model)
  await withAttribution(WHO, () => new Runner({ tracingDisabled: true }).run(new Agent({ name: 'A', model }), 'hi'))
  expect(settledMeters(harness.spans())).toEqual(INNER)
  expect(harness.attributes()['gen_ai.request.model']).toBe('gpt-5')
})

test('who bills is as the app says', async () => {
  await using harness = await startHarness({ script: [{ meters: INNER }] })
  const baseUrl = 'https://api.groq.com/openai/v1'
  const modelProvider = outlayModelProvider(providerOf(harness), { provider: 'groq', baseUrl })
  const runner = new Runner({ modelProvider, tracingDisabled: true })
  await withAttribution(WHO, () => runner.run(new Agent({ name: 'A', model: 'llama-5' }), 'hi'))
  expect(harness.attributes()).toMatchObject({ 'gen_ai.provider.name': 'groq', 'server.address': 'api.groq.com' })
})

test('a stream that the app leaves early is partial', async () => {
  await using harness = await startHarness({ script: [{ meters: INNER }] })
  const model = await outlayModelProvider(providerOf(harness)).getModel('gpt-5')
  const request = {
    input: 'hi',
    modelSettings: {},
    tools: [],
    outputType: 'text' as const,
    handoffs: [],
    tracing: false,
  }
  await withAttribution(WHO, () => readSome(model.getStreamedResponse(request), 2))
  expect(harness.attributes()['outlay.usage.status']).toBe('partial')
})

test('a provider that counts calls has the type of the provider', () => {
  expectTypeOf(outlayModelProvider<OpenAIProvider>).returns.toEqualTypeOf<OpenAIProvider>()
  expectTypeOf(outlayModel<OpenAIResponsesModel>).returns.toEqualTypeOf<OpenAIResponsesModel>()
})
