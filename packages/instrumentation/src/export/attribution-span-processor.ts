/**
 * Stamps attribution on GenAI spans of any instrumentation, and names each one's nearest GenAI ancestor,
 * so that spans dropped in between do not hide it. Spans that have to do with no model stay as they are.
 */
import { type Attributes, type Context, type Span as ApiSpan, trace } from '@opentelemetry/api'
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace'
import { limits } from '@outlay/core'
import { ATTR } from '#src/attribute-names.ts'
import { scopeOf } from '#src/attribution/attribution-context.ts'
import { noteSdkSpan } from '#src/call/sdk-spans.ts'
import { SCOPE_NAME } from '#src/scope.ts'
import { keepCompact } from './compact-attributes.ts'
import { isGenAiSpan, looksGenAi } from './genai-span.ts'

/** A span of this process with the one above it. */
interface Lineage {
  readonly span: Span
  readonly attributes: Readonly<Attributes>
  readonly parent: Lineage | undefined
}

/** Kept on the span itself: a weak map with an entry per span costs more than the rest of the processor. */
const LINEAGE = Symbol('outlay.lineage')

interface Traced extends ApiSpan {
  [LINEAGE]?: Lineage
}

/**
 * Add it before the exporting processors of your own tracer provider:
 * `new TracerProvider({ spanProcessors: [new AttributionSpanProcessor(), …] })`.
 * Attributes that an emitter has set itself are left alone. Needs an OpenTelemetry SDK that calls `onEnding` (2.0 on).
 */
export class AttributionSpanProcessor implements SpanProcessor {
  onStart(span: Span, parentContext: Context): void {
    const above: Traced | undefined = trace.getSpan(parentContext)
    const lineage: Lineage = { span, attributes: scopeOf(parentContext).attributes, parent: above?.[LINEAGE] }
    ;(span as Traced)[LINEAGE] = lineage
    noteSdkSpan(span)
  }

  /** Many emitters set their GenAI attributes only after the start. */
  onEnding(span: Span): void {
    const lineage = (span as Traced)[LINEAGE]
    if (lineage !== undefined && isGenAiSpan(span)) stamp(span, lineage)
  }

  onEnd({ instrumentationScope, attributes }: ReadableSpan): void {
    if (instrumentationScope.name === SCOPE_NAME) keepCompact(attributes)
  }

  forceFlush(): Promise<void> {
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }
}

const stamp = (span: Span, lineage: Lineage): void => {
  // `wrap` has stamped its own spans, whether or not this processor is there.
  if (span.instrumentationScope.name !== SCOPE_NAME) {
    for (const name in lineage.attributes) {
      const value = lineage.attributes[name]
      if (value !== undefined && span.attributes[name] === undefined) span.setAttribute(name, value)
    }
  }
  const ancestor = nearestGenAi(lineage.parent)
  if (ancestor !== undefined) span.setAttribute(ATTR.genaiParent, ancestor.spanContext().spanId)
}

const nearestGenAi = (from: Lineage | undefined): Span | undefined => {
  let at = from
  for (let depth = 0; at !== undefined && depth < limits.instrumentation.ancestryDepthMax; depth += 1) {
    if (looksGenAi(at.span)) return at.span
    at = at.parent
  }
  return undefined
}
