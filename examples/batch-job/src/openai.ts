/** Batches of OpenAI: a file of requests goes in, files of answers and of failures come out. */
import type { BatchResult } from '@outlay/instrumentation/batches'
import OpenAI, { toFile } from 'openai'
import type { BatchRequest } from './batch-request.ts'

export const submit = async (requests: readonly BatchRequest[], model: string): Promise<string> => {
  const openai = new OpenAI()
  const lines = requests.map(({ customId, prompt }) =>
    JSON.stringify({
      custom_id: customId,
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model, messages: [{ role: 'user', content: prompt }] },
    }),
  )
  const file = await openai.files.create({
    file: await toFile(Buffer.from(lines.join('\n')), 'batch.jsonl'),
    purpose: 'batch',
  })
  const endpoint = '/v1/chat/completions'
  const { id } = await openai.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h' })
  return id
}

const OVER: ReadonlySet<string> = new Set(['completed', 'expired', 'cancelled', 'failed'])

/** `undefined` while it is in progress. A batch that expired or was cancelled has the answers that were made until then. */
export const resultsOf = async (batchId: string): Promise<readonly BatchResult[] | undefined> => {
  const openai = new OpenAI()
  const { status, output_file_id: output, error_file_id: errors } = await openai.batches.retrieve(batchId)
  if (!OVER.has(status)) return undefined
  const files = [output, errors].filter((id) => id !== undefined)
  const texts = await Promise.all(files.map(async (id) => (await openai.files.content(id)).text()))
  return texts.flatMap((text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as BatchResult))
}
