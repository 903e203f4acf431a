/** Batch jobs as the SDKs see them: in progress until they are ended, answers and failures apart. */
import { expect, test } from 'vitest'
import { startStubProvider, type StubRequest } from '#src/index.ts'

const failing = ({ body }: StubRequest) =>
  JSON.stringify(body).includes('bad') ? { error: { status: 400 } } : { meters: { input: 7, output: 3 } }

interface Job {
  readonly id: string
  readonly output_file_id: string
  readonly error_file_id: string
  readonly results_url: string
}

const post = async (url: string, body: unknown): Promise<Job> => {
  const form = body instanceof FormData
  const response = await fetch(url, { method: 'POST', body: form ? body : JSON.stringify(body) })
  return (await response.json()) as Job
}
const get = async (url: string): Promise<Job> => (await (await fetch(url)).json()) as Job
const linesAt = async (url: string): Promise<unknown[]> =>
  (await (await fetch(url)).text()).split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))

test('a batch of OpenAI has a file of answers and one of failures once it is over', async () => {
  await using provider = await startStubProvider({ script: failing })
  const { openaiUrl } = provider
  const lineOf = (content: string) => ({
    custom_id: content,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'gpt-5', messages: [{ role: 'user', content }] },
  })
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new Blob(['good', 'bad'].map((content) => `${JSON.stringify(lineOf(content))}\n`)), 'batch.jsonl')
  const { id: file } = await post(`${openaiUrl}/files`, form)
  const { id } = await post(`${openaiUrl}/batches`, { input_file_id: file, endpoint: '/v1/chat/completions' })
  expect(await get(`${openaiUrl}/batches/${id}`)).toMatchObject({ id, status: 'in_progress' })

  provider.endBatches()
  const batch = await get(`${openaiUrl}/batches/${id}`)
  expect(batch).toMatchObject({ id, status: 'completed' })
  const filesUrl = `${openaiUrl}/files`
  expect(await linesAt(`${filesUrl}/${batch.output_file_id}/content`)).toMatchObject([
    { custom_id: 'good', response: { status_code: 200, body: { usage: { prompt_tokens: 7, completion_tokens: 3 } } } },
  ])
  expect(await linesAt(`${filesUrl}/${batch.error_file_id}/content`)).toMatchObject([
    { custom_id: 'bad', response: { status_code: 400 } },
  ])
  expect(provider.served).toMatchObject([{ api: 'openai.chat', model: 'gpt-5' }])
})

test('a batch of Anthropic names the address of its results once it is over', async () => {
  await using provider = await startStubProvider({ script: failing })
  const url = `${provider.url}/v1/messages/batches`
  const requestOf = (content: string) => ({
    custom_id: content,
    params: { model: 'claude-haiku-5-5', max_tokens: 9, messages: [{ role: 'user', content }] },
  })
  const { id } = await post(url, { requests: [requestOf('good'), requestOf('bad')] })
  expect(await get(`${url}/${id}`)).toMatchObject({ processing_status: 'in_progress', results_url: null })

  provider.endBatches()
  const batch = await get(`${url}/${id}`)
  expect(batch).toMatchObject({ processing_status: 'ended', request_counts: { succeeded: 1, errored: 1 } })
  expect(await linesAt(batch.results_url)).toMatchObject([
    {
      custom_id: 'good',
      result: { type: 'succeeded', message: { usage: { input_tokens: 7, service_tier: 'batch' } } },
    },
    { custom_id: 'bad', result: { type: 'errored' } },
  ])
})
