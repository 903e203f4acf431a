/** One made-up span before it has a place in a trace, and what spans carry beside their dialect's attributes. */

export type AttributeMap = Readonly<Record<string, string | number | boolean>>

export interface SpanSketch {
  readonly name: string
  /** OTLP span kind: 1 internal, 3 client. */
  readonly kind: 1 | 3
  readonly scope: string
  readonly scopeVersion: string
  /** `ATTRIBUTES_PER_SPAN` attributes that are stored as evidence. */
  readonly attributes: AttributeMap
  /** Prompts and outputs: sent, but never stored. */
  readonly content: AttributeMap
}

/** As in the payload of the specification (collector §14). */
export const ATTRIBUTES_PER_SPAN = 20

/** What resource detectors, HTTP clients and runtimes add; nobody's usage. */
const surroundings = (n: number): AttributeMap => ({
  'server.port': 443,
  'thread.id': 1 + (n % 16),
  'thread.name': `worker-${n % 16}`,
  'http.request.method': 'POST',
  'http.response.status_code': 200,
  'network.protocol.version': '1.1',
  'app.release': `2026.11.${n % 28}`,
  'app.build': 41_000 + (n % 500),
  'host.name': `ip-10-0-${n % 8}-${n % 200}`,
  'process.pid': 1_000 + (n % 4_000),
  'deployment.zone': `eu-central-1${'abc'[n % 3]}`,
  'app.flag.fast_path': n % 2 === 0,
  'queue.wait_ms': 0.125 + (n % 900),
  'url.scheme': 'https',
  'user_agent.name': 'node-fetch',
  'code.function.name': `step_${n % 40}`,
  'code.line.number': 10 + (n % 300),
  'retry.count': n % 3,
  'sampling.weight': 1,
  'app.cell': `cell-${n % 12}`,
})

export interface Emitter {
  readonly scope: string
  readonly scopeVersion: string
}

/** What a span of one emitter says: the dialect's attributes first, surroundings up to `ATTRIBUTES_PER_SPAN`. */
export const sketchOf = (
  { scope, scopeVersion }: Emitter,
  n: number,
  span: Pick<SpanSketch, 'name' | 'kind' | 'attributes'> & { readonly content?: AttributeMap },
): SpanSketch => ({
  name: span.name,
  kind: span.kind,
  scope,
  scopeVersion,
  attributes: Object.fromEntries(
    [...Object.entries(span.attributes), ...Object.entries(surroundings(n))].slice(0, ATTRIBUTES_PER_SPAN),
  ),
  content: span.content ?? {},
})
