/** Results of batch jobs are attributed from the custom ids of their requests, each once. */
import Anthropic from '@anthropic-ai/sdk'
import { usageOf } from '@outlay/testkit'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { type BatchAttribution, recordBatchResult, startBatch } from '#src/batches.ts'
import { withAttribution, withTask, wrap } from '#src/index.ts'
import { type Harness, startHarness, WHO } from './harness.ts'
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

/** Calls are settled by trace, and its id is random. */
const billed = (harness: Harness) =>
  settledCalls(harness.spans())
    .map(({ attribution: { tenant, task }, meters, selectors }) => {
      return { who: `${tenant} ${task}`, meters, batch: selectors.batch }
    })
    .toSorted((one, other) => one.who.localeCompare(other.who))

/** A provider that answers by path, for endpoints that the stub does not have. */
const answering =
  (answers: Readonly<Record<string, unknown>>, seen: string[]) =>
  async (input: string | URL | Request): Promise<Response> => {
    const { pathname } = new URL(input instanceof Request ? input.url : input)
    seen.push(pathname)
    const answer = answers[pathname]
    return typeof answer === 'string' ? new Response(answer) : Response.json(answer)
  }

test('a wrapped client of OpenAI leaves batches alone, and their results are billed to who asked', async () => {
  await using harness = await start()
  const attribution = collect()
  const seen: string[] = []
  const lines = ['2', '3'].map((id) => JSON.stringify(openAiLine(id, 100))).join('\n')
  const answers = { '/v1/batches': { id: 'batch_1', output_file_id: 'file_1' }, '/v1/files/file_1/content': lines }
  const openai = wrap(new OpenAI({ apiKey: 'stub', fetch: answering(answers, seen) }))
  // Outside of any attribution: making a batch is no model call.
  const request = { input_file_id: 'file_0', endpoint: '/v1/chat/completions', completion_window: '24h' } as const
  const batch = await openai.batches.create(request)
  const file = await openai.files.content(batch.output_file_id ?? '')
  expect(harness.spans()).toEqual([])
  for (const line of (await file.text()).split('\n')) {
    recordBatchResult(attribution, JSON.parse(line) as ReturnType<typeof openAiLine>, OPENAI)
  }
  expect(seen).toEqual(Object.keys(answers))
  expect(billed(harness)).toEqual([
    { who: 'acme t-2', meters: { input: 100, output: 5 }, batch: true },
    { who: 'globex t-3', meters: { input: 100, output: 5 }, batch: true },
  ])
})

test('a wrapped client of Anthropic leaves batches alone, and their results are billed to who asked', async () => {
  await using harness = await start()
  const attribution = collect()
  const usage = { ...usageOf('anthropic.messages', { input: 9, output: 5 }), service_tier: 'batch' }
  const message = { type: 'message', model: 'claude-haiku-5-5', usage }
  const results = ['1-a', '3'].map((id) => ({
    custom_id: id,
    result: { type: 'succeeded', message: { ...message, id: `msg_${id}` } },
  }))
  const path = '/v1/messages/batches/b_1'
  const answers = {
    '/v1/messages/batches': { id: 'b_1' },
    [path]: { id: 'b_1', results_url: `https://api.anthropic.com${path}/results` },
    [`${path}/results`]: results.map((result) => JSON.stringify(result)).join('\n'),
  }
  const anthropic = wrap(new Anthropic({ apiKey: 'stub', fetch: answering(answers, []) }))
  const { id } = await anthropic.messages.batches.create({ requests: [] })
  for await (const result of await anthropic.messages.batches.results(id)) {
    recordBatchResult(attribution, result, { provider: 'anthropic', model: 'claude-haiku-5-5' })
  }
  expect(billed(harness)).toEqual([
    { who: 'acme t-1', meters: { input: 9, output: 5 }, batch: true },
    { who: 'globex t-3', meters: { input: 9, output: 5 }, batch: true },
  ])
})
