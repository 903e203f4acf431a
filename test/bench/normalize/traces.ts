/** Sketches → traces of a given size → the protobuf requests in which they come over the wire. */
import { transcodeJsonRequest } from '../../../packages/collector/src/otlp/index.ts'
import { aiSdk } from './dialects/ai-sdk.ts'
import type { BenchDialect } from './dialects/bench-dialect.ts'
import { langSmith } from './dialects/langsmith.ts'
import { openInference } from './dialects/openinference.ts'
import { otelGenAi } from './dialects/otel-genai.ts'
import { outlay } from './dialects/outlay.ts'
import { traceloop } from './dialects/traceloop.ts'
import { type AttributeMap, type SpanSketch, sketchOf } from './span-sketch.ts'

export const BENCH_DIALECTS: readonly BenchDialect[] = [outlay, aiSdk, openInference, otelGenAi, traceloop, langSmith]

export const TRACE_SIZES: readonly number[] = [1, 5, 50]

export interface PlacedSpan {
  /** Ordinal of the span: counts and ids follow from it. */
  readonly n: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly startMs: number
  readonly sketch: SpanSketch
}

const START_MS = Date.UTC(2026, 10, 20)
const HTTP = { scope: '@opentelemetry/instrumentation-http', scopeVersion: '0.203.0' }

const hexId = (n: number, digits: number): string => n.toString(16).padStart(digits, '0')

/** A span that has nothing to do with models, as most spans of an application. */
const plainSpan = (n: number): SpanSketch =>
  sketchOf(HTTP, n, { name: 'GET', kind: 3, attributes: { 'server.address': `backend-${n % 9}.internal` } })

/** Every second span is a call; between them steps and plain spans. A single span is a call alone. */
const sketchAt = (dialect: BenchDialect, position: number, n: number, size: number): SpanSketch => {
  if (size === 1) return dialect.call(n)
  if (position === 0) return dialect.run(n)
  if (position % 2 === 0) return dialect.call(n)
  return position % 4 === 3 ? plainSpan(n) : dialect.step(n)
}

/** Eight spans below the run and then below each step: an agent whose tools call models. */
const parentOf = (position: number): number => Math.max(0, Math.floor((position - 1) / 8) * 4 - 3)

/** `ordinal` makes ids and counts differ from trace to trace. */
export const traceOf = (dialect: BenchDialect, size: number, ordinal: number): PlacedSpan[] =>
  Array.from({ length: size }, (_, position) => {
    const n = ordinal * size + position
    return {
      n,
      traceId: hexId(ordinal + 1, 32),
      spanId: hexId(n + 1, 16),
      parentSpanId: position === 0 ? '' : hexId(ordinal * size + parentOf(position) + 1, 16),
      startMs: START_MS + n,
      sketch: sketchAt(dialect, position, n, size),
    }
  })

const valueOf = (value: string | number | boolean): object => {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}

const attributesOf = (...maps: readonly AttributeMap[]): object[] =>
  maps.flatMap((map) => Object.entries(map).map(([key, value]) => ({ key, value: valueOf(value) })))

const RESOURCE = {
  attributes: attributesOf({ 'service.name': 'support-api', 'deployment.environment.name': 'production' }),
}

const spanOf = ({ traceId, spanId, parentSpanId, startMs, sketch }: PlacedSpan): object => ({
  traceId,
  spanId,
  ...(parentSpanId === '' ? {} : { parentSpanId }),
  name: sketch.name,
  kind: sketch.kind,
  startTimeUnixNano: `${startMs}000000`,
  endTimeUnixNano: `${startMs + 900}000000`,
  attributes: attributesOf(sketch.attributes, sketch.content),
})

/** One trace request; spans of one scope stand together, as exporters group them. */
export const jsonRequestOf = (spans: readonly PlacedSpan[]): object => {
  const byScope = Map.groupBy(spans, ({ sketch }) => sketch.scope)
  const scopeSpans = [...byScope].map(([name, placed]) => ({
    scope: { name, version: placed[0]?.sketch.scopeVersion ?? '' },
    spans: placed.map(spanOf),
  }))
  return { resourceSpans: [{ resource: RESOURCE, scopeSpans }] }
}

/** The same in protobuf. */
export const requestOf = (spans: readonly PlacedSpan[]): Buffer =>
  transcodeJsonRequest(JSON.stringify(jsonRequestOf(spans)))
