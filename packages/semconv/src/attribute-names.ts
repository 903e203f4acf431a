/**
 * Attribute names as string constants of our own: the published constants lack names that emitters already use
 * (spec: counters §2). Only names that a program writes or selects by are here; alias chains name their keys as data.
 */

/** Instrumentation scope of our own spans. */
export const OWN_SCOPE_NAME = '@outlay/instrumentation'

/** Our own namespace (spec: attribution §Attributes). */
export const OUTLAY = {
  TENANT_ID: 'outlay.tenant.id',
  SUBJECT: 'outlay.subject',
  FEATURE: 'outlay.feature',
  WORKLOAD: 'outlay.workload',
  ROUTE: 'outlay.route',
  TASK_ID: 'outlay.task.id',
  TASK_TYPE: 'outlay.task.type',
  PARENT_TASK_ID: 'outlay.parent_task.id',
  TURN_ID: 'outlay.turn.id',
  TIER: 'outlay.tier',
  TOOL: 'outlay.tool',
  TOOL_ARGUMENTS_HASH: 'outlay.tool.arguments_hash',
  LEAF_ID: 'outlay.leaf.id',
  ATTEMPT: 'outlay.attempt',
  OUTCOME: 'outlay.outcome',
  LAYER_PROMPT_TOKENS: 'outlay.layer.prompt_tokens',
  LAYER_TOOL_TOKENS: 'outlay.layer.tool_tokens',
  LAYER_MEMORY_TOKENS: 'outlay.layer.memory_tokens',
  GENAI_PARENT_ID: 'outlay.genai_parent.id',
  INTENDED_MODEL: 'outlay.intended_model',
  OVERAGE_PATTERN: 'outlay.overage.pattern',
  OVERAGE_ACTION: 'outlay.overage.action',
  USAGE_RAW: 'outlay.usage.raw',
  USAGE_STATUS: 'outlay.usage.status',
  BATCH: 'outlay.batch',
  REGION: 'outlay.region',
} as const

/** GenAI semantic conventions, all generations that a writer of today needs. */
export const GEN_AI = {
  OPERATION_NAME: 'gen_ai.operation.name',
  PROVIDER_NAME: 'gen_ai.provider.name',
  CONVERSATION_ID: 'gen_ai.conversation.id',
  REQUEST_MODEL: 'gen_ai.request.model',
  REQUEST_REASONING_LEVEL: 'gen_ai.request.reasoning.level',
  RESPONSE_MODEL: 'gen_ai.response.model',
  RESPONSE_ID: 'gen_ai.response.id',
  RESPONSE_FINISH_REASONS: 'gen_ai.response.finish_reasons',
  AGENT_ID: 'gen_ai.agent.id',
  AGENT_NAME: 'gen_ai.agent.name',
  AGENT_VERSION: 'gen_ai.agent.version',
  TOOL_NAME: 'gen_ai.tool.name',
  TOOL_TYPE: 'gen_ai.tool.type',
  TOOL_CALL_ID: 'gen_ai.tool.call.id',
  PROMPT_NAME: 'gen_ai.prompt.name',
  PROMPT_VERSION: 'gen_ai.prompt.version',
  WORKFLOW_NAME: 'gen_ai.workflow.name',
  USAGE_INPUT_TOKENS: 'gen_ai.usage.input_tokens',
  USAGE_OUTPUT_TOKENS: 'gen_ai.usage.output_tokens',
  USAGE_CACHE_READ_INPUT_TOKENS: 'gen_ai.usage.cache_read.input_tokens',
  USAGE_CACHE_WRITE_INPUT_TOKENS: 'gen_ai.usage.cache_write.input_tokens',
  /** The name of `cache_write` until 2026: readers of today know only this one. */
  USAGE_CACHE_CREATION_INPUT_TOKENS: 'gen_ai.usage.cache_creation.input_tokens',
  USAGE_REASONING_OUTPUT_TOKENS: 'gen_ai.usage.reasoning.output_tokens',
  USAGE_AUDIO_INPUT_TOKENS: 'gen_ai.usage.audio.input_tokens',
  USAGE_IMAGE_INPUT_TOKENS: 'gen_ai.usage.image.input_tokens',
  USAGE_AUDIO_CACHE_READ_INPUT_TOKENS: 'gen_ai.usage.audio.cache_read.input_tokens',
  USAGE_IMAGE_CACHE_READ_INPUT_TOKENS: 'gen_ai.usage.image.cache_read.input_tokens',
  USAGE_AUDIO_OUTPUT_TOKENS: 'gen_ai.usage.audio.output_tokens',
  USAGE_IMAGE_OUTPUT_TOKENS: 'gen_ai.usage.image.output_tokens',
} as const

export const ANTHROPIC = {
  USAGE_CACHE_WRITE_5M_INPUT_TOKENS: 'anthropic.usage.cache_creation.ephemeral_5m_input_tokens',
  USAGE_CACHE_WRITE_1H_INPUT_TOKENS: 'anthropic.usage.cache_creation.ephemeral_1h_input_tokens',
  USAGE_COMPACTION_INPUT_TOKENS: 'anthropic.usage.compaction.input_tokens',
  USAGE_COMPACTION_OUTPUT_TOKENS: 'anthropic.usage.compaction.output_tokens',
  RESPONSE_SERVICE_TIER: 'anthropic.response.service_tier',
  RESPONSE_SPEED: 'anthropic.response.speed',
  RESPONSE_INFERENCE_GEO: 'anthropic.response.inference_geo',
} as const

export const OPENAI = {
  API_TYPE: 'openai.api.type',
  REQUEST_SERVICE_TIER: 'openai.request.service_tier',
  RESPONSE_SERVICE_TIER: 'openai.response.service_tier',
  RESPONSE_SYSTEM_FINGERPRINT: 'openai.response.system_fingerprint',
} as const

/** Names outside the GenAI conventions. */
export const STANDARD = {
  SESSION_ID: 'session.id',
  USER_ID: 'user.id',
  SERVER_ADDRESS: 'server.address',
  SERVER_PORT: 'server.port',
  ERROR_TYPE: 'error.type',
  SERVICE_NAME: 'service.name',
  DEPLOYMENT_ENVIRONMENT_NAME: 'deployment.environment.name',
} as const

/** Attributes that every call must carry. `user.id` joins them unless `outlay.subject` is `account`. */
export const REQUIRED_ATTRIBUTES = [OUTLAY.TENANT_ID, OUTLAY.FEATURE, OUTLAY.WORKLOAD] as const
