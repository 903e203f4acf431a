/**
 * Attribution from one process to another: `captureAttribution` where a job is made, `runWithAttribution` where it is done.
 * Invariants: what runs has the carrier's attribution and nothing of the worker's own; a refused carrier runs nothing
 * with what it says.
 */
import { type Context, context, trace, TraceFlags } from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'
import { type Clock, limits, OutlayError, systemClock } from '@outlay/core'
import { contextWith, currentAttribution, layScope, scopeOf } from '#src/attribution/attribution-context.ts'
import { currentPolicy } from '#src/attribution/policy.ts'
import { type CarrierRefusal, decodeCarrier, encodeCarrier } from './carrier.ts'
import { CarrierRefusedError, countAccepted, settleRefused } from './carrier-refusal.ts'

export interface CaptureOptions {
  /** How long it may be used. Default 30 days: longer than queues keep jobs. */
  readonly expiresInMs?: number | undefined
  readonly clock?: Clock | undefined
}

/**
 * The attribution and trace in force, as one text that can go into a job, a message or a file. Signed when the policy has
 * `carrierKeys`. It names the tenant, the task and a hashed user: give it to your own services only.
 *
 * ```ts
 * await queue.add('triage', { mail, attribution: captureAttribution() })
 * ```
 * Fails with `E_CARRIER` when the values together are larger than `limits.instrumentation.carrierBytesMax`.
 */
export const captureAttribution = ({ expiresInMs, clock = systemClock }: CaptureOptions = {}): string =>
  captureFrom(context.active(), clock.now() + (expiresInMs ?? limits.instrumentation.carrierAgeMsMax))

/** As `captureAttribution`, of another context than the active one. */
export const captureFrom = (from: Context, expiresAtMs: number): string => {
  const content = { attribution: scopeOf(from).attribution, traceparent: traceparentOf(from), expiresAtMs }
  const carrier = encodeCarrier(content, currentPolicy().carrierKeys)
  if (carrier.length > limits.instrumentation.carrierBytesMax) throw new CarrierRefusedError('too_large')
  return carrier
}

const traceparentOf = (from: Context): string | undefined => {
  const span = trace.getSpanContext(from)
  if (span === undefined || !trace.isSpanContextValid(span)) return undefined
  return `00-${span.traceId}-${span.spanId}-${(span.traceFlags & TraceFlags.SAMPLED) === 0 ? '00' : '01'}`
}

export interface RunOptions {
  /** Which attempt at the job this is: 1 = first. Default: what was captured, else 1. */
  readonly attempt?: number | undefined
  /** The tenant that this code works for; default: that of the surrounding scope. A carrier of another one is refused. */
  readonly tenant?: string | undefined
  readonly clock?: Clock | undefined
}

/**
 * Runs `fn` with the attribution and the trace that were captured; `undefined` runs it as it is. Every model call in it, also
 * after awaits, belongs to the user, tenant and task of the request that made the job.
 *
 * ```ts
 * await runWithAttribution(job.data.attribution, () => triage(job.data.mail), { attempt: job.attemptsMade + 1 })
 * ```
 * A carrier that was tampered with, has expired, or is of another tenant is refused and counted in `carrierStats()`. Under
 * `onMissing: 'throw'` that fails with `CarrierRefusedError`; otherwise `fn` runs without it, and its calls show as
 * unattributed.
 */
export const runWithAttribution = <Result>(
  carrier: string | undefined,
  fn: () => Result,
  options: RunOptions = {},
): Result => {
  if (carrier === undefined) {
    const { attempt } = options
    return attempt === undefined ? fn() : context.with(contextWithAttempt(context.active(), attempt), fn)
  }
  const opened = openCarrier(carrier, options)
  if (opened.kind === 'accepted') return context.with(opened.context, fn)
  settleRefused(opened.why, opened.cause)
  return fn()
}

const contextWithAttempt = (from: Context, attempt: number): Context =>
  contextWith(from, layScope({ attempt }, scopeOf(from).attribution))

export type OpenedCarrier =
  | { readonly kind: 'accepted'; readonly context: Context }
  | { readonly kind: 'refused'; readonly why: CarrierRefusal; readonly cause?: unknown }

/** `from`: what the context is made of; `signed`: an unsigned carrier is refused whatever the policy has. */
export interface OpenOptions extends RunOptions {
  readonly from?: Context
  readonly signed?: boolean
}

/** The context that a carrier asks for. */
export const openCarrier = (carrier: unknown, options: OpenOptions): OpenedCarrier => {
  const { from = context.active(), signed = false, clock = systemClock, attempt } = options
  const decoded = decodeCarrier(carrier, { keys: currentPolicy().carrierKeys, nowMs: clock.now(), signed })
  if (decoded.kind === 'refused') return decoded
  const { attribution, traceparent } = decoded.content
  const tenant = options.tenant ?? currentAttribution().tenant
  if (tenant !== undefined && attribution.tenant !== tenant) return { kind: 'refused', why: 'tenant' }
  try {
    const scope = layScope(attempt === undefined ? attribution : { ...attribution, attempt }, {})
    countAccepted()
    return { kind: 'accepted', context: contextWith(withTrace(from, traceparent), scope) }
  } catch (cause) {
    if (cause instanceof OutlayError) return { kind: 'refused', why: 'value', cause }
    throw cause
  }
}

/** The job's spans go on in the trace of the request. */
const withTrace = (from: Context, traceparent: string | undefined): Context => {
  const parsed = traceparent === undefined ? null : parseTraceParent(traceparent)
  return parsed === null ? from : trace.setSpanContext(from, { ...parsed, isRemote: true })
}
