/** What attribute values say about a span's role, in the order in which they speak (spec: counters §10). */
import type { NameRole, SpanRole } from './dialect-rule.ts'

export interface RoleSource {
  readonly key: string
  readonly read: 'lower_case' | 'unquoted'
  readonly roles: Readonly<Record<string, SpanRole>>
  /** What any other value says; absent = it does not speak. */
  readonly otherwise?: SpanRole
}

const roles = (role: SpanRole, ...values: string[]): Record<string, SpanRole> =>
  Object.fromEntries(values.map((value) => [value, role]))

const AI_OPERATIONS: Readonly<Record<string, SpanRole>> = {
  ...roles(
    'leaf',
    'ai.generateText.doGenerate',
    'ai.streamText.doStream',
    'ai.generateObject.doGenerate',
    'ai.streamObject.doStream',
  ),
  ...roles('leaf_without_output', 'ai.embed.doEmbed', 'ai.embedMany.doEmbed', 'ai.rerank.doRerank'),
  'ai.toolCall': 'tool',
}

/** `ai.*` operations not listed above are roots, which only ever hold sums. */
export const AI_OPERATION_PREFIX = 'ai.'

export const AI_OPERATION_KEYS = ['ai.operationId', 'operation.name'] as const

export const aiOperationRole = (operation: string): SpanRole => {
  const role = AI_OPERATIONS[operation]
  if (role !== undefined) return role
  const step = operation.slice(operation.lastIndexOf('.') + 1)
  if (!step.startsWith('do')) return 'container'
  return step === 'doEmbed' || step === 'doRerank' ? 'leaf_without_output' : 'leaf'
}

export const SOURCES_BEFORE_AI_SDK: readonly RoleSource[] = [
  {
    key: 'langsmith.span.kind',
    read: 'lower_case',
    roles: {
      llm: 'leaf',
      embedding: 'leaf_without_output',
      tool: 'tool',
      ...roles('inert', 'prompt', 'retriever', 'parser'),
    },
    otherwise: 'container',
  },
  {
    key: 'openinference.span.kind',
    read: 'lower_case',
    roles: {
      llm: 'leaf',
      ...roles('leaf_without_output', 'embedding', 'reranker'),
      agent: 'aggregate',
      chain: 'container',
      tool: 'tool',
      ...roles('inert', 'retriever', 'guardrail', 'evaluator', 'prompt'),
    },
  },
]

export const SOURCES_AFTER_AI_SDK: readonly RoleSource[] = [
  {
    // Kinds of Genkit's actions; what surrounds them repeats the answer of the last one.
    key: 'genkit:metadata:subtype',
    read: 'lower_case',
    roles: {
      model: 'leaf',
      embedder: 'leaf_without_output',
      ...roles('tool', 'tool', 'tool.v2'),
      ...roles('inert', 'retriever', 'indexer', 'evaluator', 'resource', 'check-operation', 'cancel-operation'),
    },
    otherwise: 'container',
  },
  {
    key: 'traceloop.span.kind',
    read: 'lower_case',
    roles: { ...roles('container', 'workflow', 'task', 'agent', 'session'), tool: 'tool' },
  },
  {
    key: 'gen_ai.operation.name',
    read: 'lower_case',
    roles: {
      ...roles('leaf', 'chat', 'text_completion', 'completion', 'generate_content', 'decide'),
      ...roles('leaf_without_output', 'embeddings', 'embedding', 'rerank'),
      invoke_agent: 'aggregate',
      ...roles('container', 'invoke_workflow', 'agent_step', 'plan', 'create_agent', 'handoff', 'chain'),
      ...roles('container', 'execute_node', 'execute_event_loop_cycle'),
      execute_tool: 'tool',
      ...roles('inert', 'fetch_response', 'retrieval', 'search_memory', 'create_memory', 'update_memory'),
      ...roles('inert', 'upsert_memory', 'delete_memory', 'create_memory_store', 'delete_memory_store'),
    },
  },
  {
    key: 'llm.request.type',
    read: 'lower_case',
    roles: roles('leaf_without_output', 'embedding', 'embeddings', 'rerank'),
    otherwise: 'leaf',
  },
  {
    key: 'langfuse.observation.type',
    read: 'lower_case',
    roles: {
      generation: 'leaf',
      embedding: 'leaf_without_output',
      tool: 'tool',
      ...roles('container', 'span', 'agent', 'chain'),
      ...roles('inert', 'retriever', 'evaluator', 'guardrail', 'event'),
    },
  },
  {
    // MLflow writes attribute values as JSON.
    key: 'mlflow.spanType',
    read: 'unquoted',
    roles: {
      ...roles('leaf', 'chat_model', 'llm'),
      embedding: 'leaf_without_output',
      tool: 'tool',
      ...roles('container', 'agent', 'chain', 'workflow', 'task'),
      ...roles('inert', 'retriever', 'parser', 'reranker', 'memory', 'guardrail', 'evaluator'),
    },
  },
]

/** An operation on memory, however it is spelled, calls no model that is billed here. */
export const MEMORY_OPERATION = 'memory'

/** Span names that speak when nothing else does; `scope` restricts a name to one emitter. */
export const NAMES_LAST: readonly (NameRole & { readonly scope?: string })[] = [
  { name: 'call_llm*', role: 'leaf', scope: 'gcp.vertex.agent' },
  { name: 'claude_code.llm_request', role: 'leaf' },
  { name: 'orchestrate_tools', role: 'container' },
]
