/** Attribution across HTTP where nothing instruments it: headers for a request, and a scope for one that arrives. */
import { type Context, context, propagation, type TextMapGetter } from '@opentelemetry/api'
import { contextTowards } from './attribution-propagator.ts'

/** Of `node:http`, of `fetch`, or a plain object. */
export type IncomingHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * `headers` and what the global propagator adds for a request to `url`: `traceparent`, and attribution if the host is
 * allow-listed (`propagateTo` of `registerOutlay`). Other hosts learn nothing of it.
 *
 * ```ts
 * await fetch(url, { headers: outgoingHeaders(url, { accept: 'application/json' }) })
 * ```
 */
export const outgoingHeaders = (
  url: string | URL,
  headers: Readonly<Record<string, string>> = {},
): Record<string, string> => {
  const outgoing = { ...headers }
  propagation.inject(contextTowards(context.active(), new URL(url).hostname), outgoing)
  return outgoing
}

const GETTER: TextMapGetter<IncomingHeaders> = {
  keys: (headers) => (headers instanceof Headers ? [...headers.keys()] : Object.keys(headers)),
  get: (headers, name) => {
    const value = headers instanceof Headers ? (headers.get(name) ?? undefined) : headers[name]
    return typeof value === 'object' ? value.join(',') : value
  },
}

/**
 * Runs `fn` with the trace and the attribution that a request from one of your services brought. Only attribution that is
 * signed with a key of the policy is believed; anything else is counted in `carrierStats()` and left out.
 */
export const runWithHeaders = <Result>(headers: IncomingHeaders, fn: () => Result): Result => {
  const incoming: Context = propagation.extract(context.active(), headers, GETTER)
  return context.with(incoming, fn)
}
