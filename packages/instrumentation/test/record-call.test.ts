/** Calls that no wrapper sees, told by the app. */
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { MeterQuantities } from '@outlay/core'
import { type StubApi, usageOf } from '@outlay/testkit'
import { describe, expect, test } from 'vitest'
import { MissingAttributionError, type RecordedCall, recordCall, withAttribution, withTask } from '#src/index.ts'
import { chatRequest, startHarness, WHO } from './harness.ts'
import { settledMeters } from './settled.ts'

const CALL = { provider: 'openai', model: 'gpt-5' } as const
const METERS: MeterQuantities = { input: 700, cache_read: 300, output: 40, output_reasoning: 60 }

test.each<readonly [title: string, api: StubApi, call: RecordedCall, meters: MeterQuantities]>([
  ['OpenAI', 'openai.chat', CALL, METERS],
  ['Gemini', 'gemini.generate', { provider: 'gcp.gemini', model: 'gemini-2.5-flash' }, METERS],
  [
    'Anthropic',
    'anthropic.messages',
    { provider: 'anthropic', model: 'claude-haiku-5-5' },
    { ...METERS, cache_write_5m: 20, cache_write_1h: 10, web_search: 2 },
  ],
])('the raw usage object of %s is counted as that of a wrapped call', async (_, api, call, meters) => {
  await using harness = await startHarness()
  withAttribution(WHO, () => withTask({ type: 'import' }, () => recordCall(usageOf(api, meters), call)))
  expect(settledMeters(harness.spans())).toEqual(meters)
  expect(harness.attributes()).toMatchObject({ 'outlay.tenant.id': 'acme', 'outlay.task.type': 'import' })
})

test('its span has the shape of a wrapped one', async () => {
  await using harness = await startHarness({ script: [{ meters: METERS }] })
  await withAttribution(WHO, async () => {
    await harness.openai.chat.completions.create(chatRequest())
    recordCall(usageOf('openai.chat', METERS), { ...CALL, baseUrl: harness.stub.openaiUrl, serviceTier: 'default' })
  })
  const [wrapped, recorded] = harness.spans()
  const {
    'gen_ai.response.id': _,
    'gen_ai.response.model': __,
    'openai.api.type': ___,
    ...same
  } = wrapped?.attributes ?? {}
  expect(recorded?.attributes).toEqual({ ...same, 'outlay.leaf.id': recorded?.spanContext().spanId })
  expect(recorded?.kind).toBe(SpanKind.CLIENT)
  expect(recorded?.name).toBe(wrapped?.name)
  expect(recorded?.instrumentationScope).toEqual(wrapped?.instrumentationScope)
})

test('times, batch, region and the host that bills are taken as told', async () => {
  await using harness = await startHarness()
  withAttribution(WHO, () =>
    recordCall(usageOf('openai.embeddings', { input: 9 }), {
      ...CALL,
      operation: 'embeddings',
      baseUrl: 'https://my-resource.openai.azure.com/openai/v1',
      startedAt: new Date(1_000),
      endedAt: new Date(3_500),
      batch: true,
      region: 'eu',
      responseId: 'r-1',
      responseModel: 'gpt-5-2026',
    }),
  )
  expect(harness.attributes()).toMatchObject({
    'gen_ai.operation.name': 'embeddings',
    'gen_ai.provider.name': 'azure.ai.openai',
    'gen_ai.response.id': 'r-1',
    'gen_ai.response.model': 'gpt-5-2026',
    'server.address': 'my-resource.openai.azure.com',
    'outlay.batch': true,
    'outlay.region': 'eu',
  })
  expect(harness.spans()[0]).toMatchObject({ startTime: [1, 0], endTime: [3, 500_000_000] })
})

test('a call without usage is absent, an estimated one says so, and a failure keeps its kind only', async () => {
  await using harness = await startHarness()
  withAttribution(WHO, () => {
    recordCall(undefined, { ...CALL, error: new TypeError('a prompt') })
    recordCall({ prompt_tokens: 5, completion_tokens: 1 }, { ...CALL, status: 'estimated' })
  })
  const [failed, estimated] = harness.spans()
  expect(failed?.status).toEqual({ code: SpanStatusCode.ERROR })
  expect(failed?.attributes).toMatchObject({ 'outlay.usage.status': 'absent', 'error.type': 'TypeError' })
  expect(JSON.stringify(failed?.attributes)).not.toContain('prompt')
  expect(estimated?.attributes).toMatchObject({ 'outlay.usage.status': 'estimated', 'gen_ai.usage.input_tokens': 5 })
})

describe('a recorded call was billed, so that it is recorded in any case', () => {
  const usage = { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 }

  test('also where attribution is missing: it fails afterwards', async () => {
    await using harness = await startHarness()
    expect(() => withAttribution({ tenant: 'acme' }, () => recordCall(usage, CALL))).toThrow(
      expect.objectContaining({
        constructor: MissingAttributionError,
        fields: ['feature', 'workload'],
        message: expect.stringContaining('recorded as unattributed'),
      }),
    )
    expect(harness.attributes()).toMatchObject({ 'outlay.tenant.id': 'acme', 'gen_ai.usage.input_tokens': 5 })
  })

  test('also where a value has the wrong form: that of the surrounding scope holds', async () => {
    await using harness = await startHarness()
    const record = () => withAttribution(WHO, () => recordCall(usage, { ...CALL, tenant: '' }))
    expect(record).toThrow(expect.objectContaining({ code: 'E_ATTRIBUTION_VALUE' }))
    expect(harness.attributes()).toMatchObject({ 'outlay.tenant.id': 'acme' })
  })

  test('and nothing is thrown in quarantine', async () => {
    await using harness = await startHarness({ policy: { onMissing: 'quarantine' } })
    recordCall(usage, { ...CALL, workload: 'none' as 'chat' })
    expect(harness.attributes()).toMatchObject({ 'gen_ai.usage.input_tokens': 5 })
    expect(harness.attributes()['outlay.tenant.id']).toBeUndefined()
  })
})
