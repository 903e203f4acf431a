/** Message batches of Anthropic: the requests go in as they are, and the results are streamed. */
import Anthropic from '@anthropic-ai/sdk'
import type { BatchResult } from '@outlay/instrumentation/batches'
import type { BatchProvider } from './batch-provider.ts'

const model = 'claude-haiku-5-5'

export const anthropicBatches: BatchProvider = {
  model,
  submit: async (requests) => {
    const { id } = await new Anthropic().messages.batches.create({
      requests: requests.map(({ customId, prompt }) => ({
        custom_id: customId,
        params: { model, max_tokens: 1024, messages: [{ role: 'user', content: prompt }] },
      })),
    })
    return id
  },
  resultsOf: async (batchId) => {
    const { batches } = new Anthropic().messages
    const { processing_status: status } = await batches.retrieve(batchId)
    if (status !== 'ended') return undefined
    const results: BatchResult[] = []
    for await (const result of await batches.results(batchId)) results.push(result)
    return results
  },
}
