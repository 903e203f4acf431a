/** A provider of batches, so that what is said of attribution is said once for all of them. */
import type { BatchResult } from '@outlay/instrumentation/batches'

export interface BatchRequest {
  /** Unique in its batch; at most 64 letters, digits, `_` and `-`, since Anthropic takes no others. */
  readonly customId: string
  readonly prompt: string
}

export interface BatchProvider {
  readonly model: string
  /** Answers the id of the batch. */
  submit(requests: readonly BatchRequest[]): Promise<string>
  /** `undefined` while the batch is in progress. */
  resultsOf(batchId: string): Promise<readonly BatchResult[] | undefined>
}
