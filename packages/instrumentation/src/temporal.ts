/**
 * Attribution through Temporal, in the header `outlay.attribution` of workflows and activities: whoever started a workflow is billed
 * for the model calls of its activities, also weeks and retries later. Workflow code itself runs in a sandbox and only passes the
 * header on: `@outlay/instrumentation/temporal-workflow`.
 */
import type { WorkflowClientInterceptor } from '@temporalio/client'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'
import { textOf } from './call/untyped.ts'
import { type CaptureOptions, captureAttribution, runWithAttribution } from './propagation/capture-attribution.ts'
import { TEMPORAL_HEADER } from './propagation/temporal-header.ts'

/** Temporal's own form of a JSON text. */
interface Payload {
  readonly metadata: { readonly encoding: Uint8Array }
  readonly data: Uint8Array
}

const JSON_ENCODING = Buffer.from('json/plain')

const payloadOf = (carrier: string): Payload => ({
  metadata: { encoding: JSON_ENCODING },
  data: Buffer.from(JSON.stringify({ carrier })),
})

/** `undefined` where there is no header; what is in one of another form is refused with the carrier. */
const carrierIn = (payload: { readonly data?: Uint8Array | null } | undefined): string | undefined => {
  if (payload === undefined) return undefined
  try {
    return textOf(JSON.parse(Buffer.from(payload.data ?? []).toString('utf8')), 'carrier') ?? ''
  } catch {
    return ''
  }
}

/**
 * Puts the attribution in force into every workflow that a client starts.
 *
 * ```ts
 * new Client({ connection, interceptors: { workflow: [temporalClientInterceptor()] } })
 * ```
 * Workflows that run for longer than a carrier holds (30 days) need `expiresInMs`. Schedules carry nothing: nobody starts them.
 */
export const temporalClientInterceptor = (options: CaptureOptions = {}): WorkflowClientInterceptor => {
  const withHeader = <Input extends { readonly headers: object }>(input: Input): Input => ({
    ...input,
    headers: { ...input.headers, [TEMPORAL_HEADER]: payloadOf(captureAttribution(options)) },
  })
  return {
    startWithDetails: (input, next) => next(withHeader(input)),
    // Before 1.14 there is only this one; later SDKs leave it alone beside the other.
    start: (input, next) => next(withHeader(input)),
    signalWithStart: (input, next) => next(withHeader(input)),
    startUpdateWithStart: (input, next) =>
      next({ ...input, workflowStartHeaders: withHeader({ headers: input.workflowStartHeaders }).headers }),
  }
}

/**
 * Runs every activity with the attribution of whoever started its workflow; attempts are Temporal's.
 *
 * ```ts
 * Worker.create({ …, interceptors: { activity: [temporalActivityInterceptor], workflowModules: [temporalWorkflowModule] } })
 * ```
 * A carrier that is refused fails the activity with `CarrierRefusedError` under `onMissing: 'throw'`: name it in
 * `nonRetryableErrorTypes`, since no attempt will change it.
 */
export const temporalActivityInterceptor: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute: (input, next) =>
      runWithAttribution(carrierIn(input.headers[TEMPORAL_HEADER]), () => next(input), { attempt: info.attempt }),
  },
})
