/** Which spans have to do with a model, whoever made them. */
import type { Attributes } from '@opentelemetry/api'
import { isGenAiSpan as isGenAi, type SpanHead } from '@outlay/semconv'
import { SCOPE_NAME } from '#src/scope.ts'
import { type SdkScope, scopeOfSpan } from './sdk-span.ts'

/** What is asked of a span. */
export interface SpanTraits {
  readonly name: string
  readonly instrumentationScope?: SdkScope
  readonly instrumentationLibrary?: SdkScope
  readonly attributes: Attributes
  /** Verdict on an ended span, remembered. */
  [VERDICT]?: boolean
}

const VERDICT = Symbol('outlay.is_genai')

/** Namespaces of the known emitters. */
const PREFIXES = ['gen_ai.', 'llm.', 'ai.', 'openinference.', 'traceloop.', 'langfuse.', 'langsmith.']

/** Quick, and good at any time of a span's life; misses emitters that are told by scope or span name only. */
export const looksGenAi = (span: SpanTraits): boolean => {
  if (scopeOfSpan(span).name === SCOPE_NAME) return true
  for (const key in span.attributes) {
    if (PREFIXES.some((prefix) => key.startsWith(prefix))) return true
  }
  return false
}

/**
 * The same answer as the collector gives, by the dialect table, for a span that is ending or has ended.
 * True for calls, agents, tools and workflows alike: the ledger decides later which of them is billed.
 */
export const isGenAiSpan = (span: SpanTraits): boolean =>
  (span[VERDICT] ??=
    looksGenAi(span) ||
    isGenAi({
      scopeName: scopeOfSpan(span).name,
      name: span.name,
      attributes: span.attributes as SpanHead['attributes'],
    }))
