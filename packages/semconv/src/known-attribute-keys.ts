/** Every attribute key that rules, attribution, selectors and evidence may read (spec: counters, attribution). */
import {
  ALIAS_CHAINS,
  PROVIDER_AND_MODEL_KEYS,
  PROVIDER_KEYS,
  REQUEST_MODEL_KEYS,
  REQUEST_TIER_KEYS,
  RESPONSE_ID_KEYS,
  RESPONSE_MODEL_KEYS,
  RESPONSE_TIER_KEYS,
} from './alias-chains.ts'
import { ANTHROPIC, GEN_AI, OPENAI, OUTLAY, STANDARD } from './attribute-names.ts'
import { ATTRIBUTION_SOURCES, USER_KEYS } from './attribution-sources.ts'
import { markerKeysOf } from './dialect-rule.ts'
import { DIALECT_RULES } from './dialect-rules.ts'
import { COST_SOURCES } from './cost-sources.ts'
import { AI_OPERATION_KEYS, SOURCES_AFTER_AI_SDK, SOURCES_BEFORE_AI_SDK } from './span-roles.ts'
import { USAGE_JSON_SUBTREES } from './usage-carriers.ts'

/** Generic evidence that no rule reads yet: finish reasons, HTTP status, resource identity. */
const GENERIC_KEYS: readonly string[] = [
  'gen_ai.span.kind',
  'gen_ai.data_source.id',
  'gen_ai.output.type',
  'gen_ai.conversation.compacted',
  'gen_ai.request.max_tokens',
  'gen_ai.request.stream',
  'gen_ai.request.choice.count',
  'gen_ai.request.previous_response.id',
  'gen_ai.response.time_to_first_chunk',
  'gen_ai.evaluation.name',
  'gen_ai.evaluation.score.value',
  'gen_ai.evaluation.score.label',
  'aws.bedrock.guardrail.id',
  'aws.bedrock.knowledge_base.id',
  'ai.response.finishReason',
  'langfuse.trace.tags',
  'langsmith.span.tags',
  'tag.tags',
  'litellm.team.id',
  'litellm.request.purpose',
  'exception.type',
  'http.response.status_code',
  'http.request.method',
  'service.version',
  'service.namespace',
  'service.instance.id',
  'telemetry.sdk.name',
  'telemetry.sdk.language',
  'telemetry.sdk.version',
  'cloud.provider',
  'cloud.region',
  'k8s.namespace.name',
  'k8s.deployment.name',
  'k8s.pod.name',
]

/** Families of keys that are kept whole. */
export const KNOWN_KEY_PREFIXES: readonly string[] = [
  'outlay.',
  'gen_ai.usage.',
  'gen_ai.aggregated_usage.',
  'anthropic.usage.',
  'mistral_ai.ocr.usage.',
  'llm.token_count.',
  'llm.usage.',
  'llm.cost.',
  'ai.usage.',
  'ai.telemetry.metadata.',
  'traceloop.association.properties.',
  'langfuse.trace.metadata.',
  'litellm.cost.',
  'mlflow.traceTag.',
]

const ruleKeys = (): string[] =>
  DIALECT_RULES.flatMap(({ match, overrides }) => [
    ...match.flatMap(({ marker = {} }) => markerKeysOf(marker)),
    ...Object.values(overrides?.aliases ?? {}).flat(),
    ...(overrides?.requestModelKeys ?? []),
    ...(overrides?.parts ?? []).flatMap(({ inputKey, outputKey }) => [inputKey, outputKey]),
  ])

const attributionKeys = (): string[] =>
  Object.values(ATTRIBUTION_SOURCES).flatMap(({ sources, resourceKeys }) => [
    ...sources.flatMap(({ key, when }) => (when === undefined ? [key] : [key, when[0]])),
    ...resourceKeys,
  ])

const USAGE_JSON_KEYS: ReadonlySet<string> = new Set(Object.keys(USAGE_JSON_SUBTREES))
const USER_KEY_SET: ReadonlySet<string> = new Set(USER_KEYS)

/** Exact keys that are kept as they are: without JSON carriers and user ids, which have rules of their own. */
export const KNOWN_KEYS: readonly string[] = [
  ...new Set([
    ...[OUTLAY, GEN_AI, ANTHROPIC, OPENAI, STANDARD].flatMap((names) => Object.values(names)),
    ...Object.values(ALIAS_CHAINS).flat(),
    ...[REQUEST_MODEL_KEYS, RESPONSE_MODEL_KEYS, RESPONSE_ID_KEYS, PROVIDER_KEYS, PROVIDER_AND_MODEL_KEYS].flat(),
    ...[REQUEST_TIER_KEYS, RESPONSE_TIER_KEYS, AI_OPERATION_KEYS].flat(),
    ...[...SOURCES_BEFORE_AI_SDK, ...SOURCES_AFTER_AI_SDK, ...COST_SOURCES].map(({ key }) => key),
    ...ruleKeys(),
    ...attributionKeys(),
    ...GENERIC_KEYS,
  ]),
].filter((key) => !USAGE_JSON_KEYS.has(key) && !USER_KEY_SET.has(key))
