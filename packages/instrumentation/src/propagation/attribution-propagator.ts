/**
 * Attribution across HTTP: one signed entry of W3C baggage, sent to allow-listed hosts only.
 * It never enters the baggage of the context, which other propagators send to everybody. What arrives is believed only when
 * it is signed with a key of the policy: anybody can send a header.
 */
import {
  type Attributes,
  type Context,
  createContextKey,
  diag,
  propagation,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api'
import { W3CBaggagePropagator } from '@opentelemetry/core'
import { limits, systemClock } from '@outlay/core'
import { scopeOf } from '#src/attribution/attribution-context.ts'
import { currentPolicy } from '#src/attribution/policy.ts'
import { isObject } from '#src/call/untyped.ts'
import { createHostFilter, type HostFilter } from './allowed-hosts.ts'
import { captureFrom, openCarrier } from './capture-attribution.ts'
import { countRefused } from './carrier-refusal.ts'

/** Name of the entry. */
const ENTRY = 'outlay.attribution'

const TARGET_HOST = createContextKey('outlay.target_host')

/** Says where a request goes, for apps whose HTTP client is not instrumented. */
export const contextTowards = (from: Context, host: string): Context => from.setValue(TARGET_HOST, host)

export interface AttributionPropagatorOptions {
  /** Host names of your own services, e.g. `billing.internal` or `*.example.com`. */
  readonly hosts: readonly string[]
}

/**
 * Put it in place of the `W3CBaggagePropagator`, whose work it does too, and after the one for `traceparent`:
 * `new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new AttributionPropagator({ hosts })] })`.
 * The host is that of the client span that the HTTP instrumentation has started. Needs `carrierKeys` on both sides; fails with
 * `E_PROPAGATE_TO` on hosts of another form.
 */
export class AttributionPropagator implements TextMapPropagator {
  readonly #baggage = new W3CBaggagePropagator()
  readonly #isAllowed: HostFilter
  #warned = false

  constructor({ hosts }: AttributionPropagatorOptions) {
    this.#isAllowed = createHostFilter(hosts)
  }

  inject(from: Context, carrier: unknown, setter: TextMapSetter): void {
    this.#baggage.inject(this.#outgoing(withoutEntry(from)), carrier, setter)
  }

  extract(into: Context, carrier: unknown, getter: TextMapGetter): Context {
    const extracted = this.#baggage.extract(into, carrier, getter)
    const entry = propagation.getBaggage(extracted)?.getEntry(ENTRY)
    if (entry === undefined) return extracted
    const clean = withoutEntry(extracted)
    const opened = openCarrier(entry.value, { from: clean, signed: true })
    if (opened.kind === 'refused') {
      countRefused(opened.why)
      return clean
    }
    const above = trace.getSpanContext(clean)
    return above === undefined ? opened.context : trace.setSpanContext(opened.context, above)
  }

  fields(): string[] {
    return this.#baggage.fields()
  }

  #outgoing(from: Context): Context {
    const host = hostOf(from)
    const { attribution } = scopeOf(from)
    if (host === undefined || !this.#isAllowed(host) || Object.keys(attribution).length === 0) return from
    if (currentPolicy().carrierKeys.length === 0) {
      if (!this.#warned) diag.warn('outlay: attribution is not sent on: the policy has no carrierKeys to sign it with')
      this.#warned = true
      return from
    }
    try {
      const value = captureFrom(from, systemClock.now() + limits.instrumentation.requestCarrierAgeMsMax)
      return propagation.setBaggage(from, baggageOf(from).setEntry(ENTRY, { value }))
    } catch {
      diag.warn('outlay: attribution is not sent on: it is too large for a header')
      return from
    }
  }
}

const baggageOf = (from: Context) => propagation.getBaggage(from) ?? propagation.createBaggage()

/** Some other propagator may have put it there. */
const withoutEntry = (from: Context): Context => {
  const baggage = propagation.getBaggage(from)
  return baggage?.getEntry(ENTRY) === undefined ? from : propagation.setBaggage(from, baggage.removeEntry(ENTRY))
}

/** Attributes that HTTP instrumentations of both generations set before they ask for headers. */
const HOST_ATTRIBUTES = ['server.address', 'net.peer.name'] as const

const hostOf = (from: Context): string | undefined => {
  const named = from.getValue(TARGET_HOST)
  if (typeof named === 'string') return named
  const span: unknown = trace.getSpan(from)
  const attributes = isObject(span) ? (span['attributes'] as Attributes | undefined) : undefined
  const host = HOST_ATTRIBUTES.map((name) => attributes?.[name]).find((value) => typeof value === 'string')
  return typeof host === 'string' ? host : undefined
}
