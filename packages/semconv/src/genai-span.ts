/** Questions that ingest asks about a single span, before its trace is known. */
import { OUTLAY, OWN_SCOPE_NAME } from './attribute-names.ts'
import { firstText, textOf } from './attribute-values.ts'
import { ATTRIBUTION_SOURCES } from './attribution-sources.ts'
import { classifySpan } from './classify-span.ts'
import type { SpanRole } from './dialect-rule.ts'
import type { Attributes, SpanEvidence } from './evidence.ts'
import { ruleMatcherOf } from './match-rule.ts'
import { remembering } from './remembering.ts'

export interface SpanHead {
  readonly scopeName: string
  readonly name: string
  readonly attributes: Attributes
}

const GENAI_PREFIXES = ['gen_ai.', 'outlay.', 'llm.', 'ai.', 'openinference.', 'traceloop.', 'langfuse.', 'langsmith.']

const isGenAiKey = remembering((key) => GENAI_PREFIXES.some((prefix) => key.startsWith(prefix)))

/**
 * Whether a span is evidence of model use: usage, a role (leaf, aggregate, tool, agent, workflow), or any attribute of a
 * GenAI namespace, since such a span may carry the attribution that its descendants inherit.
 */
export const isGenAiSpan = (span: SpanHead): boolean => {
  const keys = Object.keys(span.attributes)
  if (keys.some(isGenAiKey)) return true
  const ruled = ruleMatcherOf().match({ ...span, scopeVersion: '', startUnixNano: 0n })
  const { aliases } = ruled.rule
  return classifySpan(span, ruled) !== 'unknown' || keys.some((key) => aliases.has(key))
}

const MAY_BE_BILLED: ReadonlySet<SpanRole> = new Set(['leaf', 'leaf_without_output', 'unknown'])

/**
 * Whether the span is one of ours and, as a model call, carries the provider's usage object: a trace of such spans may
 * settle early. Agents and tools are no candidates for billing and have none.
 */
export const speaksOwnDialect = (span: SpanHead): boolean => {
  if (span.scopeName !== OWN_SCOPE_NAME) return false
  if (textOf(span.attributes[OUTLAY.USAGE_RAW]) !== '') return true
  const ruled = ruleMatcherOf().match({ ...span, scopeVersion: '', startUnixNano: 0n })
  return !MAY_BE_BILLED.has(classifySpan(span, ruled))
}

/** One run of a tool, for loop and retry detection. */
export interface ToolCall {
  readonly tool: string
  readonly task: string
  /** Hash of the normalised arguments; empty = the sender did not compute one. */
  readonly argumentsHash: string
  readonly failed: boolean
  readonly startUnixNano: bigint
  readonly endUnixNano: bigint
}

const STATUS_ERROR = 2

/** The tool run that a span stands for; undefined for any other span. */
export const toolCallOf = (span: SpanEvidence): ToolCall | undefined => {
  if (classifySpan(span, ruleMatcherOf().match(span)) !== 'tool') return undefined
  const { attributes } = span
  const keys = ATTRIBUTION_SOURCES.tool.sources.map(({ key }) => key)
  return {
    tool: firstText(attributes, keys) || span.name,
    task: textOf(attributes[OUTLAY.TASK_ID]),
    argumentsHash: textOf(attributes[OUTLAY.TOOL_ARGUMENTS_HASH]),
    failed: span.statusCode === STATUS_ERROR,
    startUnixNano: span.startUnixNano,
    endUnixNano: span.endUnixNano,
  }
}
