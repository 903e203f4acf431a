/** Jobs of BullMQ and pg-boss: the carrier lies in their data, and they count their attempts. */
import { runCarried } from './carried-data.ts'

/** What is read of a job of either kind. */
export interface QueuedJob {
  readonly data: unknown
  /** BullMQ: attempts that have failed. */
  readonly attemptsMade?: number
  /** BullMQ: times that a worker went away with it. */
  readonly stalledCounter?: number
  /** pg-boss: times that it was tried again. */
  readonly retryCount?: number
}

/** 1 = first. A run that a worker died in has cost as well, so it counts. */
const attemptOf = ({ attemptsMade = 0, stalledCounter = 0, retryCount = 0 }: QueuedJob): number =>
  1 + attemptsMade + stalledCounter + retryCount

/**
 * Runs `fn` with the attribution that `carried` put into the job, and its attempt.
 *
 * ```ts
 * await boss.work('triage', (jobs) => Promise.all(jobs.map((job) => runJob(job, () => triage(job.data)))))
 * ```
 * Fails as `runWithAttribution` does.
 */
export const runJob = <Result>(job: QueuedJob, fn: () => Result): Result =>
  runCarried(job.data, fn, { attempt: attemptOf(job) })

/**
 * A BullMQ processor whose model calls belong to whoever queued the job: `new Worker('triage', attributed(async (job) => …))`.
 */
export const attributed =
  <Args extends readonly [QueuedJob, ...unknown[]], Result>(
    processor: (...args: Args) => Result,
  ): ((...args: Args) => Result) =>
  (...args) =>
    runJob(args[0], () => processor(...args))
