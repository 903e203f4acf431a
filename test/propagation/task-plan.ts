/** What app and worker of `async-task.test.ts` agree on. */
export const QUEUE = 'triage'
export const PARTS = 5
/** The provider fails the first time that it is asked for this one. */
export const FAILING_PART = 3

export interface WorkerSettings {
  readonly collectorUrl: string
  readonly providerUrl: string
  readonly redisPath: string
  readonly carrierSecret: string
}

/** Jobs of both kinds that the worker has completed. */
export const JOBS_DONE = 1 + PARTS

export const carrierKeysOf = ({ carrierSecret }: Pick<WorkerSettings, 'carrierSecret'>) => [
  { id: 'k1', secret: carrierSecret },
]
