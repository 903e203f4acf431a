/** Carriers in the data of a job: for queues, worker threads, and whatever takes a plain object. */
import { isObject } from '#src/call/untyped.ts'
import { type CaptureOptions, captureAttribution, type RunOptions, runWithAttribution } from './capture-attribution.ts'

/** Where a carrier lies in data, headers and message attributes. */
export const CARRIER_NAME = 'outlay.attribution'

export type Carried = {
  readonly [CARRIER_NAME]: string
}

/**
 * A copy of `data` with the attribution in force. Fails as `captureAttribution` does.
 *
 * ```ts
 * await queue.add('triage', carried({ mail })) // BullMQ
 * await boss.send('triage', carried({ mail })) // pg-boss
 * new Worker(file, { workerData: carried({ mail }) }) // worker_threads
 * ```
 */
export const carried = <Data extends object>(data: Data, options?: CaptureOptions): Data & Carried => ({
  ...data,
  [CARRIER_NAME]: captureAttribution(options),
})

/** Text of a carrier; `undefined` where there is none. Anything that is no text is given on as text, to be refused. */
const carrierIn = (data: unknown): string | undefined => {
  const found = isObject(data) ? data[CARRIER_NAME] : undefined
  if (found === undefined) return undefined
  return typeof found === 'string' ? found : typeof found
}

/** Runs `fn` with the attribution that `carried` put into `data`; without one as it is. Fails as `runWithAttribution` does. */
export const runCarried = <Result>(data: unknown, fn: () => Result, options?: RunOptions): Result =>
  runWithAttribution(carrierIn(data), fn, options)
