/** Results of batch jobs are attributed from the custom ids of their requests, each once. */
import { usageOf } from '@outlay/testkit'
import { expect, test } from 'vitest'
import { type BatchAttribution, recordBatchResult, startBatch } from '#src/batches.ts'
import { withAttribution, withTask } from '#src/index.ts'
import { startHarness, WHO } from './harness.ts'
import { settledCalls } from './settled.ts'

const start = () => startHarness({ policy: { carrierKeys: [{ id: 'k1', secret: 's' }] } })
const OPENAI = { provider: 'openai', model: 'gpt-5' }

/** Two tasks of one tenant and one of another. */
const collect = (): BatchAttribution => {
  const batch = startBatch()
  withAttribution(WHO, () => {
    withTask({ type: 'a', id: 't-1' }, () => ['1-a', '1-b'].map((id) => batch.add(id)))
    withTask({ type: 'a', id: 't-2' }, () => batch.add('2'))
  })
  withAttribution({ ...WHO, tenant: 'globex' }, () => withTask({ type: 'b', id: 't-3' }, () => batch.add('3')))
  return JSON.parse(JSON.stringify(batch.attribution)) as BatchAttribution
}

const openAiLine = (id: string, input: number) => ({
  id: `batch_req_${id}`,
  custom_id: id,
  response: {
    status_code: 200,
    request_id: 'r',
    body: { id: `chatcmpl-${id}`, model: 'gpt-5', usage: usageOf('openai.chat', { input, output: 5 }) },
  },
  error: null,
})

test('every result of OpenAI is billed to the task that asked for it, as part of a batch', async () => {
  await using harness = await start()
  const attribution = collect()
  expect(attribution.carriers).toHaveLength(3)
  for (const id of ['3', '1-b', '2', '1-a']) recordBatchResult(attribution, openAiLine(id, 100), OPENAI)
  const seen = harness.spans().map(({ attributes }) => [attributes['outlay.tenant.id'], attributes['outlay.task.id']])
  expect(seen).toEqual([
    ['globex', 't-3'],
    ['acme', 't-1'],
    ['acme', 't-2'],
    ['acme', 't-1'],
  ])
  for (const { attributes } of harness.spans()) {
    expect(attributes).toMatchObject({ 'outlay.batch': true, 'outlay.usage.status': 'reported' })
  }
})

test('results that are told twice are counted once', async () => {
  await using harness = await start()
  const attribution = collect()
  for (const _ of ['read', 'read again']) {
    for (const id of ['1-a', '1-b']) recordBatchResult(attribution, openAiLine(id, 100), OPENAI)
  }
  expect(harness.spans()).toHaveLength(4)
  expect(settledCalls(harness.spans()).map(({ meters }) => meters.input)).toEqual([100, 100])
})

test('results of Anthropic are counted, and those that failed are listed with their kind', async () => {
  await using harness = await start()
  const attribution = collect()
  const usage = usageOf('anthropic.messages', { input: 9, cache_read: 4, output: 5 })
  const message = { id: 'msg_1', model: 'claude-haiku-5-5', usage }
  const told = { provider: 'anthropic', model: 'claude-haiku-5-5' }
  recordBatchResult(attribution, { custom_id: '1-a', result: { type: 'succeeded', message } }, told)
  recordBatchResult(attribution, { custom_id: '1-b', result: { type: 'expired' } }, told)
  recordBatchResult(
    attribution,
    { custom_id: '2', response: { status_code: 429, body: {} }, error: { code: 'x', message: 'a prompt' } },
    told,
  )
  const [counted, expired, refused] = harness.spans().map(({ attributes }) => attributes)
  expect(counted).toMatchObject({ 'gen_ai.usage.input_tokens': 13, 'gen_ai.response.id': 'msg_1' })
  expect(expired).toMatchObject({ 'outlay.usage.status': 'absent', 'error.type': 'expired', 'outlay.task.id': 't-1' })
  expect(refused).toMatchObject({ 'outlay.usage.status': 'absent', 'error.type': '429', 'outlay.task.id': 't-2' })
  expect(JSON.stringify(refused)).not.toContain('prompt')
})

test('a custom id is used once in a batch, and a result of another batch has no attribution', async () => {
  await using harness = await start()
  const attribution = collect()
  const batch = startBatch()
  batch.add('x')
  expect(() => batch.add('x')).toThrow(expect.objectContaining({ code: 'E_BATCH_ID' }))
  expect(() => recordBatchResult(attribution, openAiLine('toString', 1), OPENAI)).toThrow(/without tenant/)
  expect(harness.attributes()['outlay.tenant.id']).toBeUndefined()
})
