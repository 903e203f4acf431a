/** `registerOutlay`: tracing for apps that have none, with nothing in it but what Outlay needs. */
import { context, diag, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { CompositePropagator, W3CTraceContextPropagator } from '@opentelemetry/core'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, TracerProvider } from '@opentelemetry/sdk-trace'
import { OutlayError } from '@outlay/core'
import { type AttributionPolicy, configureAttribution } from './attribution/policy.ts'
import { parseUserKeys } from './attribution/user-keys.ts'
import { endOpenCalls, errorTypeOf } from './call/model-call.ts'
import { AttributionSpanProcessor } from './export/attribution-span-processor.ts'
import { EXPORT_TIMEOUT_MS, OutlaySpanExporter, type OutlaySpanExporterOptions } from './export/outlay-span-exporter.ts'
import type { ExportStats } from './export/export-stats.ts'
import { SpanQueue } from './export/span-queue.ts'
import { processWide } from './process-wide.ts'
import { AttributionPropagator } from './propagation/attribution-propagator.ts'
import { checkCarrierKeys } from './propagation/carrier-keys.ts'

/** The part of `process` that flushing on a signal needs. */
export interface SignalSource {
  readonly pid: number
  once(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown
  kill(pid: number, signal: 'SIGTERM' | 'SIGINT'): unknown
}

export interface RegisterOptions extends Partial<AttributionPolicy>, OutlaySpanExporterOptions {
  /** `service.name` of every span. */
  readonly serviceName: string
  /** `deployment.environment.name` of every span, e.g. `production`. */
  readonly environment?: string | undefined
  /** Time between two exports. Default 1,000. */
  readonly exportIntervalMs?: number | undefined
  /**
   * Pass `process` to flush on SIGTERM and SIGINT; the signal is then raised again, so the process ends as it would
   * have. Off by default: an app that handles signals itself calls `shutdown()` there.
   */
  readonly flushOnSignal?: SignalSource | undefined
  /**
   * Host names of your own services, e.g. `billing.internal` or `*.example.com`: requests to them carry attribution, signed
   * with `carrierKeys`. Default: none.
   */
  readonly propagateTo?: readonly string[] | undefined
}

export interface OutlayRegistration {
  /** Sends what has ended. Rejects with `E_EXPORT` if the collector did not take it. */
  forceFlush(): Promise<void>
  /** Ends the spans of calls under way as partial, sends everything and removes the tracing. Never rejects. */
  shutdown(): Promise<void>
  readonly stats: ExportStats
}

const EXPORT_INTERVAL_MS = 1_000

const registered = processWide('registration', (): { outlay: OutlayRegistration | undefined } => ({
  outlay: undefined,
}))

/**
 * What `registerOutlay` or `--import @outlay/instrumentation/register` has set up in this process, also from another bundle of
 * it; `undefined` before and after. For platforms that freeze a process between requests: send before that.
 *
 * ```ts
 * after(() => currentOutlay()?.forceFlush()) // in a route of Next.js
 * ```
 */
export const currentOutlay = (): OutlayRegistration | undefined => registered.outlay

/**
 * Sets up tracing and the attribution policy of this process. Call it once, before the first model call.
 *
 * ```ts
 * const outlay = registerOutlay({ endpoint: 'http://127.0.0.1:4318', serviceName: 'inbox', userKey })
 * ```
 * Fails with `E_TRACING_REGISTERED` when the app has a tracer provider: use `AttributionSpanProcessor`,
 * `OutlaySpanExporter` and `configureAttribution` with that one. Fails with `E_ENDPOINT` on a bad endpoint,
 * `E_CARRIER_KEY` and `E_USER_KEY` on unusable keys, and `E_PROPAGATE_TO` on hosts of another form.
 */
export const registerOutlay = (options: RegisterOptions): OutlayRegistration => {
  const { require, onMissing, userKey, unsafeRawUserIds, sendUserToProviders, carrierKeys, clock } = options
  const { serviceName, environment } = options
  checkCarrierKeys(carrierKeys ?? [])
  parseUserKeys(userKey)
  const propagator = new CompositePropagator({
    propagators: [new W3CTraceContextPropagator(), new AttributionPropagator({ hosts: options.propagateTo ?? [] })],
  })
  const queue = new SpanQueue({
    exporter: new OutlaySpanExporter(options),
    exportTimeoutMs: options.exportTimeoutMs ?? EXPORT_TIMEOUT_MS,
    exportIntervalMs: options.exportIntervalMs ?? EXPORT_INTERVAL_MS,
  })
  const provider = new TracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'service.name': serviceName,
        ...(environment === undefined ? {} : { 'deployment.environment.name': environment }),
      }),
    ),
    // Every call costs money, also in a trace that somebody upstream chose not to sample.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new AttributionSpanProcessor(), queue],
  })
  if (!trace.setGlobalTracerProvider(provider)) throw alreadyRegistered()
  // An app that has a context manager or a propagator keeps it.
  const manager = new AsyncLocalStorageContextManager().enable()
  const ownsContext = context.setGlobalContextManager(manager)
  const ownsPropagation = propagation.setGlobalPropagator(propagator)
  configureAttribution({
    require,
    onMissing,
    userKey,
    unsafeRawUserIds,
    sendUserToProviders,
    carrierKeys,
    clock,
  } as Partial<AttributionPolicy>)

  let stopped: Promise<void> | undefined
  const shutdown = (): Promise<void> =>
    (stopped ??= stop(queue).finally(() => {
      registered.outlay = undefined
      trace.disable()
      if (ownsContext) context.disable()
      if (ownsPropagation) propagation.disable()
      configureAttribution({})
    }))
  if (options.flushOnSignal !== undefined) flushOn(options.flushOnSignal, shutdown)
  registered.outlay = {
    forceFlush: () => queue.forceFlush().catch((cause: unknown) => Promise.reject(notExported(cause))),
    shutdown,
    get stats() {
      return queue.stats
    },
  }
  return registered.outlay
}

const stop = async (queue: SpanQueue): Promise<void> => {
  endOpenCalls()
  try {
    await queue.shutdown()
  } catch (error) {
    diag.error('outlay: the last spans could not be sent', errorTypeOf(error))
  }
}

const flushOn = (source: SignalSource, shutdown: () => Promise<void>): void => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    source.once(signal, () => void shutdown().then(() => source.kill(source.pid, signal)))
  }
}

const alreadyRegistered = (): OutlayError =>
  new OutlayError('E_TRACING_REGISTERED', 'this process has a tracer provider already', {
    fix: 'keep it: add AttributionSpanProcessor and a BatchSpanProcessor with OutlaySpanExporter to it, and call configureAttribution()',
  })

const notExported = (cause: unknown): OutlayError =>
  new OutlayError('E_EXPORT', 'the collector did not take all spans', {
    cause,
    fix: 'check endpoint and headers; stats tells how many spans are lost',
  })
