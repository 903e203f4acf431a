/**
 * The attributes that may leave the process: counters, models, ids, selectors and attribution of every known
 * dialect. An allow-list, so that a content attribute nobody has heard of yet stays inside.
 */

const RESOURCE_KEYS = [
  'outlay\\..+',
  'service\\.(name|version|namespace|instance\\.id)',
  'deployment\\.environment(\\.name)?',
  'telemetry\\.sdk\\.(name|language|version)',
  'cloud\\.(provider|region)',
  'k8s\\.(namespace|deployment|pod)\\.name',
]

const GEN_AI_KEYS = [
  'operation\\.name',
  'provider\\.name',
  'system',
  'conversation\\.(id|compacted)',
  'session\\.id',
  'user\\.id',
  'span\\.kind',
  'data_source\\.id',
  'output\\.type',
  'workflow\\.name',
  'prompt\\.(name|version)',
  'agent\\.(id|name|version)',
  'tool\\.(name|type|call\\.id)',
  'request\\.(model|max_tokens|stream|choice\\.count|reasoning\\.level|user|previous_response\\.id)',
  'response\\.(model|id|finish_reasons|time_to_first_chunk)',
  '(aggregated_)?usage\\..+',
  'openai\\.(request|response)\\.service_tier',
  'evaluation\\.(name|score\\..+)',
]

const SPAN_KEYS = [
  'outlay\\..+',
  `gen_ai\\.(${GEN_AI_KEYS.join('|')})`,
  'openai\\.(api\\.type|request\\.service_tier|response\\.(service_tier|system_fingerprint))',
  'anthropic\\.(usage\\..+|response\\.(service_tier|speed|inference_geo))',
  'aws\\.bedrock\\.(guardrail|knowledge_base)\\.id',
  'mistral_ai\\.ocr\\.usage\\..+',
  'openinference\\.span\\.kind',
  '(llm|embedding|reranker)\\.((request|response)\\.)?model(_name)?',
  'llm\\.(provider|system|user|request\\.type|(token_count|usage|cost)\\..+)',
  'tool\\.name',
  'agent\\.name',
  'tag\\.tags',
  'traceloop\\.(span\\.kind|workflow\\.name|entity\\.name|association\\.properties\\..+)',
  'ai\\.(operationId|model\\.(id|provider)|usage\\..+|telemetry\\.(functionId|metadata\\..+)|settings\\.context\\.sessionId)',
  'ai\\.(response\\.(id|model|finishReason)|toolCall\\.name)',
  'operation\\.(name|cost)',
  'langfuse\\.(observation\\.(type|model\\.name|usage_details|cost_details)|session\\.id|user\\.id|environment|trace\\.(name|tags))',
  'langsmith\\.(span\\.(kind|tags)|usage_metadata|metadata\\.(session|thread|conversation|user)_id)',
  'mlflow\\.(llm\\.(model|provider|cost)|chat\\.tokenUsage|spanType|traceTag\\..+)',
  'gcp\\.vertex\\.agent\\.session_id',
  'litellm\\.(team\\.id|end_user\\.id|provider\\.model|request\\.purpose|cost\\..+)',
  'model',
  '(input|output|cache_read|cache_creation)_tokens',
  'session\\.id',
  'user\\.id',
  'enduser\\.(pseudo\\.)?id',
  'error\\.type',
  'server\\.(address|port)',
  'http\\.response\\.status_code',
  'deployment\\.environment(\\.name)?',
]

const whole = (keys: readonly string[]): RegExp => new RegExp(`^(?:${keys.join('|')})$`)

const SPAN = whole(SPAN_KEYS)
const RESOURCE = whole(RESOURCE_KEYS)

export const isKeptSpanKey = (key: string): boolean => SPAN.test(key)
export const isKeptResourceKey = (key: string): boolean => RESOURCE.test(key)

/** JSON of counters: longer than other values, and worthless when cut. */
export const USAGE_JSON_KEYS: ReadonlySet<string> = new Set([
  'outlay.usage.raw',
  'langsmith.usage_metadata',
  'mlflow.chat.tokenUsage',
  'langfuse.observation.usage_details',
  'langfuse.observation.cost_details',
])

/** Ids of people in every dialect: they leave hashed or not at all. */
export const USER_KEYS: ReadonlySet<string> = new Set([
  'user.id',
  'enduser.id',
  'enduser.pseudo.id',
  'gen_ai.user.id',
  'gen_ai.request.user',
  'langfuse.user.id',
  'langsmith.metadata.user_id',
  'litellm.end_user.id',
  'llm.user',
  'ai.telemetry.metadata.userId',
  'traceloop.association.properties.user_id',
])
