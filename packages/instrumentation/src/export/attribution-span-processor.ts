/**
 * Stamps attribution on GenAI spans of any instrumentation, and names each one's nearest GenAI ancestor,
 * so that spans dropped in between do not hide it. Spans that have to do with no model stay as they are.
 */
import { type Attributes, type AttributeValue, type Context, type Span as ApiSpan, trace } from '@opentelemetry/api'
import { limits } from '@outlay/core'
import { ATTR } from '#src/attribute-names.ts'
import { scopeOf } from '#src/attribution/attribution-context.ts'
import { noteSdkSpan } from '#src/call/sdk-spans.ts'
import { SCOPE_NAME } from '#src/scope.ts'
import { keepCompact } from './compact-attributes.ts'
import { isGenAiSpan, looksGenAi } from './genai-span.ts'
import { type EndedSpan, type RunningSpan, scopeOfSpan } from './sdk-span.ts'

/** A span of this process with the one above it. */
interface Lineage {
  readonly span: RunningSpan
  readonly attributes: Readonly<Attributes>
  readonly parent: Lineage | undefined
  isStamped: boolean
}

/** Kept on the span itself: a weak map with an entry per span costs more than the rest of the processor. */
const LINEAGE = Symbol('outlay.lineage')

interface Traced {
  [LINEAGE]?: Lineage
}

/**
 * Add it before the exporting processors of your own tracer provider:
 * `new TracerProvider({ spanProcessors: [new AttributionSpanProcessor(), …] })`.
 * Attributes that an emitter has set itself are left alone. For the SDKs 1.x, 2.x and 3.x of OpenTelemetry.
 */
export class AttributionSpanProcessor {
  onStart(span: RunningSpan, parentContext: Context): void {
    const above: (ApiSpan & Traced) | undefined = trace.getSpan(parentContext)
    const lineage: Lineage = {
      span,
      attributes: scopeOf(parentContext).attributes,
      parent: above?.[LINEAGE],
      isStamped: false,
    }
    ;(span as Traced)[LINEAGE] = lineage
    noteSdkSpan(span)
  }

  /** Many emitters set their GenAI attributes only after the start. */
  onEnding(span: RunningSpan): void {
    const lineage = (span as Traced)[LINEAGE]
    if (lineage === undefined) return
    lineage.isStamped = true
    if (isGenAiSpan(span)) stamp(span, lineage, (name, value) => void span.setAttribute(name, value))
  }

  onEnd(span: EndedSpan): void {
    const lineage = (span as Traced)[LINEAGE]
    // The SDKs 1.x and the first of 2.x know no `onEnding`, and an ended span takes no attribute any more.
    if (lineage?.isStamped === false && isGenAiSpan(span)) {
      stamp(span, lineage, (name, value) => void (span.attributes[name] = value))
    }
    if (scopeOfSpan(span).name === SCOPE_NAME) keepCompact(span.attributes)
  }

  forceFlush(): Promise<void> {
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }
}

type SetAttribute = (name: string, value: AttributeValue) => void

const stamp = (span: EndedSpan | RunningSpan, lineage: Lineage, set: SetAttribute): void => {
  // `wrap` has stamped its own spans, whether or not this processor is there.
  if (scopeOfSpan(span).name !== SCOPE_NAME) {
    for (const name in lineage.attributes) {
      const value = lineage.attributes[name]
      if (value !== undefined && span.attributes[name] === undefined) set(name, value)
    }
  }
  const ancestor = nearestGenAi(lineage.parent)
  if (ancestor !== undefined) set(ATTR.genaiParent, ancestor.spanContext().spanId)
}

const nearestGenAi = (from: Lineage | undefined): RunningSpan | undefined => {
  let at = from
  for (let depth = 0; at !== undefined && depth < limits.instrumentation.ancestryDepthMax; depth += 1) {
    if (looksGenAi(at.span)) return at.span
    at = at.parent
  }
  return undefined
}
