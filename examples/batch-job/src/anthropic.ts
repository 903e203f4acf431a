/** Message batches of Anthropic: the requests go in as they are, and the results are streamed. */
import Anthropic from '@anthropic-ai/sdk'
import type { BatchResult } from '@outlay/instrumentation/batches'
import type { BatchRequest } from './batch-request.ts'

export const submit = async (requests: readonly BatchRequest[], model: string): Promise<string> => {
  const { id } = await new Anthropic().messages.batches.create({
    requests: requests.map(({ customId, prompt }) => ({
      custom_id: customId,
      params: { model, max_tokens: 1024, messages: [{ role: 'user', content: prompt }] },
    })),
  })
  return id
}

/** `undefined` while it is in progress. */
export const resultsOf = async (batchId: string): Promise<readonly BatchResult[] | undefined> => {
  const { batches } = new Anthropic().messages
  const { processing_status: status } = await batches.retrieve(batchId)
  if (status !== 'ended') return undefined
  const results: BatchResult[] = []
  for await (const result of await batches.results(batchId)) results.push(result)
  return results
}
