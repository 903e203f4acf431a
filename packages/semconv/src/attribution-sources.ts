/** Where each attribution field is looked for, in order (spec: counters §4). The first present value wins. */
import type { CallAttribution } from './evidence.ts'

/** Fields that are plain texts on spans; the others have their own rules. */
export type AttributionField = Exclude<keyof CallAttribution, 'subject' | 'attempt'> | 'subjectText' | 'attemptText'

/** Further span keys per field, after ours: the operator's map. */
export type AttributionKeys = { readonly [field in keyof CallAttribution]?: readonly string[] }

export interface AttributionSource {
  readonly key: string
  /** Read only if this attribute has this value. */
  readonly when?: readonly [key: string, value: string]
  /** The n-th word, from 1. */
  readonly word?: number
  /** What stands on this side of the first slash; nothing where there is none. */
  readonly slash?: 'before' | 'after'
}

export interface FieldSources {
  readonly sources: readonly AttributionSource[]
  /**
   * Resource keys. `before_ancestors`: the process knows better than a span above; `after_ancestors`: a default.
   */
  readonly resourceKeys: readonly string[]
  readonly resource: 'before_ancestors' | 'after_ancestors'
}

const spanKeys = (...keys: readonly string[]): AttributionSource[] => keys.map((key) => ({ key }))

/** Own names may also stand on the resource, as a default of the whole process. */
const own = (key: string, ...fallbacks: readonly AttributionSource[]): FieldSources => ({
  sources: [{ key }, ...fallbacks],
  resourceKeys: [key],
  resource: 'after_ancestors',
})

const spanOnly = (...keys: readonly string[]): FieldSources => ({
  sources: spanKeys(...keys),
  resourceKeys: [],
  resource: 'after_ancestors',
})

export const USER_KEYS: readonly string[] = [
  'user.id',
  'enduser.pseudo.id',
  'enduser.id',
  'langfuse.user.id',
  'traceloop.association.properties.user_id',
  'ai.telemetry.metadata.userId',
  'langsmith.metadata.user_id',
  'litellm.end_user.id',
  'llm.user',
  'gen_ai.request.user',
  'gen_ai.user.id',
  'adk.user_id',
]

export const ATTRIBUTION_SOURCES: Readonly<Record<AttributionField, FieldSources>> = {
  // Tenant has no fallback but the operator's own map: a wrong tenant is worse than none.
  tenant: own('outlay.tenant.id'),
  user: spanOnly(...USER_KEYS),
  subjectText: own('outlay.subject'),
  feature: own(
    'outlay.feature',
    { key: 'ai.telemetry.functionId' },
    { key: 'operation.name', word: 2 },
    ...spanKeys('traceloop.workflow.name', 'traceloop.entity.name', 'gen_ai.workflow.name', 'gen_ai.agent.name'),
    ...spanKeys('agent.name', 'langfuse.trace.name'),
  ),
  route: own('outlay.route'),
  workload: own('outlay.workload'),
  task: own('outlay.task.id'),
  taskType: own('outlay.task.type'),
  parentTask: own('outlay.parent_task.id'),
  session: spanOnly(
    'gen_ai.conversation.id',
    'session.id',
    'langfuse.session.id',
    'traceloop.association.properties.session_id',
    'ai.telemetry.metadata.sessionId',
    'ai.settings.context.sessionId',
    // Never langsmith.trace.session_id: that is the project.
    'langsmith.metadata.session_id',
    'langsmith.metadata.thread_id',
    'langsmith.metadata.conversation_id',
    'gcp.vertex.agent.session_id',
    'gen_ai.session.id',
    'spring.ai.chat.client.conversation.id',
  ),
  turn: own('outlay.turn.id'),
  tool: own('outlay.tool', ...spanKeys('gen_ai.tool.name', 'tool.name', 'ai.toolCall.name'), {
    key: 'traceloop.entity.name',
    when: ['traceloop.span.kind', 'tool'],
  }),
  agent: spanOnly('gen_ai.agent.name', 'gen_ai.agent.id', 'agent.name'),
  promptVersion: spanOnly('gen_ai.prompt.version'),
  effort: spanOnly('gen_ai.request.reasoning.level'),
  tier: own('outlay.tier'),
  environment: {
    sources: spanKeys('deployment.environment.name', 'deployment.environment', 'langfuse.environment'),
    resourceKeys: ['deployment.environment.name', 'deployment.environment'],
    resource: 'before_ancestors',
  },
  service: { sources: [{ key: 'service.name' }], resourceKeys: ['service.name'], resource: 'before_ancestors' },
  leaf: spanOnly('outlay.leaf.id'),
  attemptText: spanOnly('outlay.attempt'),
  outcome: own('outlay.outcome'),
}

export const ATTRIBUTION_FIELDS = Object.keys(ATTRIBUTION_SOURCES) as readonly AttributionField[]
