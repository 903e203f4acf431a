/**
 * Batch jobs: the requests of many tasks go out together and their results come back hours later, named by custom ids, which are
 * too short for a carrier (64 letters at Anthropic). So the carriers lie beside the batch, in what the app keeps of it anyway.
 * Invariant: a result that is told twice is counted once, since it has the same leaf id in the same trace.
 */
import { type Context, context, trace, TraceFlags } from '@opentelemetry/api'
import { type Clock, digestOf, limits, OutlayError, randomHex, systemClock } from '@outlay/core'
import { fieldOf, isObject, objectOf, textOf } from '#src/call/untyped.ts'
import { recordCall } from '#src/record-call.ts'
import { captureFrom, runWithAttribution } from './capture-attribution.ts'

/** Keep it with the id of the batch; it is plain JSON. */
export interface BatchAttribution {
  /** Each once, however many requests share it. */
  readonly carriers: readonly string[]
  /** Custom id of a request → index of its carrier. */
  readonly requests: Readonly<Record<string, number>>
}

export interface StartedBatch {
  /**
   * Notes that the request `customId` is made for the attribution in force, and gives the id back. Fails with `E_BATCH_ID` on
   * an id that was used in this batch, since providers answer by it.
   */
  add(customId: string): string
  readonly attribution: BatchAttribution
}

/**
 * Collects who and what the requests of one batch are for.
 *
 * ```ts
 * const batch = startBatch()
 * const lines = await Promise.all(tasks.map((task) => withTask(task, () => ({ custom_id: batch.add(task.id), body: … }))))
 * await store.put(batchId, batch.attribution)
 * ```
 */
export const startBatch = ({ clock = systemClock }: { readonly clock?: Clock } = {}): StartedBatch => {
  const expiresAtMs = clock.now() + limits.instrumentation.carrierAgeMsMax
  const rootSpan = { traceId: randomHex(16), spanId: randomHex(8), traceFlags: TraceFlags.SAMPLED, isRemote: true }
  /** Without a trace, results that are told twice would land in two. */
  const traced = (from: Context): Context =>
    trace.getSpanContext(from) === undefined ? trace.setSpanContext(from, rootSpan) : from
  const indexes = new Map<string, number>()
  const requests = new Map<string, number>()
  return {
    add: (customId) => {
      if (requests.has(customId)) throw duplicateId()
      const carrier = captureFrom(traced(context.active()), expiresAtMs)
      const index = indexes.get(carrier) ?? indexes.size
      indexes.set(carrier, index)
      requests.set(customId, index)
      return customId
    },
    get attribution() {
      return { carriers: [...indexes.keys()], requests: Object.fromEntries(requests) }
    },
  }
}

const duplicateId = (): OutlayError =>
  new OutlayError('E_BATCH_ID', 'a custom id is used twice in one batch', {
    want: 'an id of its own for each request',
    fix: 'providers name their answers by it: give each request another one',
  })

/** A line of OpenAI's or Mistral's output file, or a result of Anthropic's. */
export interface BatchResult {
  readonly custom_id: string
  /** OpenAI, Mistral. */
  readonly response?: unknown
  readonly error?: unknown
  /** Anthropic. */
  readonly result?: unknown
}

export interface RecordBatchOptions {
  /** Who bills: `openai`, `anthropic`, `azure.ai.openai`, `mistral_ai`. */
  readonly provider: string
  /** For answers that name no model, e.g. failed ones. */
  readonly model: string
}

/**
 * Counts one result of a batch for whoever made its request. Tell every result, the failed ones as well; telling one twice
 * counts it once.
 *
 * ```ts
 * for await (const result of await anthropic.messages.batches.results(id)) {
 *   recordBatchResult(await store.get(id), result, { provider: 'anthropic', model })
 * }
 * ```
 * Fails as `runWithAttribution` and `recordCall` do. A result whose custom id is unknown has no attribution.
 */
export const recordBatchResult = (
  { carriers, requests }: BatchAttribution,
  result: BatchResult,
  { provider, model }: RecordBatchOptions,
): void => {
  const index = Object.hasOwn(requests, result.custom_id) ? requests[result.custom_id] : undefined
  const answer = answerIn(result)
  const responseId = textOf(answer, 'id')
  runWithAttribution(index === undefined ? undefined : carriers[index], () =>
    recordCall(objectOf(answer, 'usage'), {
      provider,
      model: textOf(answer, 'model') ?? model,
      responseModel: textOf(answer, 'model'),
      responseId,
      serviceTier: textOf(answer, 'service_tier'),
      batch: true,
      leaf: digestOf(['batch', result.custom_id, responseId ?? ''], LEAF_BYTES).toString('hex'),
      errorType: failureIn(result),
    }),
  )
}

const LEAF_BYTES = 12

/** The provider's answer, in the same shape as outside of batches. */
const answerIn = ({ response, result }: BatchResult): unknown => fieldOf(response, 'body') ?? fieldOf(result, 'message')

const OK_STATUS_MAX = 299

/** What the request failed with: a status or a kind, never a message. */
const failureIn = ({ response, error, result }: BatchResult): string | undefined => {
  const status = fieldOf(response, 'status_code')
  if (typeof status === 'number' && status > OK_STATUS_MAX) return String(status)
  const type = textOf(result, 'type')
  if (type !== undefined && type !== 'succeeded') return type
  return isObject(error) ? (textOf(error, 'code') ?? 'error') : undefined
}
