/** The second run, hours later and in another process: `node src/collect.ts`, until the batch is over. */
import { recordBatchResult } from '@outlay/instrumentation/batches'
import { readKeptBatch } from './kept-batch.ts'
import { startOutlay } from './outlay.ts'
import { PROVIDERS } from './providers.ts'

const outlay = startOutlay()
const { provider, batchId, attribution } = await readKeptBatch()
const results = await PROVIDERS[provider].resultsOf(batchId)
if (results === undefined) process.stdout.write(`${batchId}: still in progress\n`)
else {
  const { model } = PROVIDERS[provider]
  // Every result, failed ones as well; one that is told twice is counted once.
  for (const result of results) recordBatchResult(attribution, result, { provider, model })
  process.stdout.write(`${batchId}: ${results.length} results\n`)
}
await outlay.shutdown()
