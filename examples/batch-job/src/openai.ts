/** Batches of OpenAI: a file of requests goes in, a file of answers and one of failures come out. */
import type { BatchResult } from '@outlay/instrumentation/batches'
import OpenAI, { toFile } from 'openai'
import type { BatchProvider, BatchRequest } from './batch-provider.ts'

const model = 'gpt-5-mini'
const endpoint = '/v1/chat/completions'

const lineOf = ({ customId, prompt }: BatchRequest): string => {
  const body = { model, messages: [{ role: 'user', content: prompt }] }
  return JSON.stringify({ custom_id: customId, method: 'POST', url: endpoint, body })
}

/** One that expired or was cancelled has the answers that were made until then. */
const OVER: ReadonlySet<string> = new Set(['completed', 'expired', 'cancelled', 'failed'])

export const openaiBatches: BatchProvider = {
  model,
  submit: async (requests) => {
    const openai = new OpenAI()
    const file = await toFile(Buffer.from(requests.map(lineOf).join('\n')), 'batch.jsonl')
    const { id: fileId } = await openai.files.create({ file, purpose: 'batch' })
    const { id } = await openai.batches.create({ input_file_id: fileId, endpoint, completion_window: '24h' })
    return id
  },
  resultsOf: async (batchId) => {
    const openai = new OpenAI()
    const batch = await openai.batches.retrieve(batchId)
    if (!OVER.has(batch.status)) return undefined
    const files = [batch.output_file_id, batch.error_file_id].filter((id) => id !== undefined)
    const texts = await Promise.all(files.map(async (id) => (await openai.files.content(id)).text()))
    const lines = texts.flatMap((text) => text.split('\n').filter((line) => line !== ''))
    return lines.map((line) => JSON.parse(line) as BatchResult)
  },
}
