/** `@outlay/instrumentation/queues`: attribution through BullMQ, pg-boss, SQS, Kafka and worker threads. */
export { type Carried, carried, runCarried } from './propagation/carried-data.ts'
export { attributed, type QueuedJob, runJob } from './propagation/jobs.ts'
export { type CarrierHeaders, carrierHeaders, type KafkaLikeMessage, runKafkaMessage } from './propagation/kafka.ts'
export { type CarrierAttributes, carrierAttributes, runSqsMessage, type SqsLikeMessage } from './propagation/sqs.ts'
