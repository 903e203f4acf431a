/** `@outlay/instrumentation/batches`: results of provider batch jobs, attributed hours later by the request's custom id. */
export {
  type BatchAttribution,
  type BatchResult,
  recordBatchResult,
  type RecordBatchOptions,
  startBatch,
  type StartedBatch,
} from './propagation/batch-results.ts'
