/** Both providers behind one face, so that what is said of attribution is said once. */
import type { BatchResult } from '@outlay/instrumentation/batches'
import * as anthropic from './anthropic.ts'
import type { BatchRequest } from './batch-request.ts'
import * as openai from './openai.ts'

interface BatchProvider {
  readonly model: string
  /** Answers the id of the batch. */
  submit(requests: readonly BatchRequest[], model: string): Promise<string>
  /** `undefined` while the batch is in progress. */
  resultsOf(batchId: string): Promise<readonly BatchResult[] | undefined>
}

export type ProviderName = 'openai' | 'anthropic'

export const PROVIDERS: Readonly<Record<ProviderName, BatchProvider>> = {
  openai: { model: 'gpt-5-mini', ...openai },
  anthropic: { model: 'claude-haiku-5-5', ...anthropic },
}
