/** Which spans have to do with a model, whoever made them. */
import type { Attributes } from '@opentelemetry/api'
import { SCOPE_NAME } from '#src/scope.ts'

/** What `isGenAiSpan` needs of a span. */
export interface SpanTraits {
  readonly instrumentationScope: { readonly name: string }
  readonly attributes: Attributes
}

/** Emitters whose spans carry no key of the lists below. */
const SCOPES = [SCOPE_NAME, 'com.anthropic.', 'claude_code', 'gcp.vertex.agent']

const KEYS = new Set([
  'ai.operationId',
  'langfuse.observation.type',
  'langsmith.span.kind',
  'mlflow.spanType',
  'openinference.span.kind',
  'traceloop.span.kind',
])

const PREFIXES = ['gen_ai.', 'llm.', 'ai.usage.', 'ai.model.', 'gcp.vertex.agent.', 'mlflow.chat.', 'langsmith.usage']

/** True for calls, agents, tools and workflows alike: the ledger decides later which of them is billed. */
export const isGenAiSpan = ({ instrumentationScope, attributes }: SpanTraits): boolean => {
  if (SCOPES.some((scope) => instrumentationScope.name.startsWith(scope))) return true
  for (const key in attributes) {
    if (KEYS.has(key) || PREFIXES.some((prefix) => key.startsWith(prefix))) return true
  }
  return false
}
