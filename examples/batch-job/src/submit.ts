/** The first run: `node src/submit.ts openai` or `… anthropic`. Costs nothing yet. */
import { withAttribution, withTask } from '@outlay/instrumentation'
import { startBatch } from '@outlay/instrumentation/batches'
import { DOCUMENTS } from './documents.ts'
import { keepBatch } from './kept-batch.ts'
import { startOutlay } from './outlay.ts'
import { PROVIDERS } from './providers.ts'

const outlay = startOutlay()
const provider = process.argv[2] === 'anthropic' ? 'anthropic' : 'openai'

const batch = startBatch()
const requests = DOCUMENTS.map(({ id, tenant, user, text }) =>
  withAttribution({ tenant, user, feature: 'documents', workload: 'rag' }, () =>
    // `add` notes who and what the request of this custom id is for.
    withTask({ type: 'summary', id: `summary-${id}` }, () => ({
      customId: batch.add(id),
      prompt: `Summarize in one sentence:\n${text}`,
    })),
  ),
)
const batchId = await PROVIDERS[provider].submit(requests)
await keepBatch({ provider, batchId, attribution: batch.attribution })
process.stdout.write(`${batchId}: ${requests.length} requests submitted to ${provider}\n`)
await outlay.shutdown()
