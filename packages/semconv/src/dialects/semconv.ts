/**
 * Our own dialect and the generations of the OTel GenAI conventions. Unlisted scopes fall to the `otel-*` rows without
 * a scope by their attribute names alone; their inclusion is unknown, because several libraries write exclusive counts
 * under semconv names.
 */
import type { DialectRule } from '#src/dialect-rule.ts'
import { OWN_SCOPE_NAME } from '#src/attribute-names.ts'
import { ALWAYS, INCLUSIVE, UNKNOWN } from './meanings.ts'

const CONVENTIONS = 'open-telemetry/semantic-conventions v1.26–v1.44, semantic-conventions-genai'

const JAVA_AWS_SCOPES = ['io.opentelemetry.aws-sdk-*']

export const SEMCONV_DIALECTS: readonly DialectRule[] = [
  {
    id: 'outlay',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: [OWN_SCOPE_NAME] }],
    meaning: INCLUSIVE,
    evidence: 'spec counters §15',
  },
  {
    id: 'otel-js-openai',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['@opentelemetry/instrumentation-openai'] }],
    meaning: UNKNOWN,
    evidence: 'npm @opentelemetry/instrumentation-openai 0.22.0',
  },
  {
    // It counts tokens itself, six characters each, where the maker's answer has none.
    id: 'otel-java-aws',
    rev: 1,
    valid: ALWAYS,
    match: [
      {
        scopes: JAVA_AWS_SCOPES,
        marker: {
          values: { 'gen_ai.request.model': ['cohere.command*', 'mistral.mistral*'] },
          and: { 'rpc.method': ['InvokeModel*'] },
        },
        meaning: { ...UNKNOWN, usage: 'estimated' },
      },
      { scopes: JAVA_AWS_SCOPES },
    ],
    meaning: UNKNOWN,
    evidence:
      'opentelemetry-javaagent 2.33.1 aws-sdk-2.2 BedrockRuntimeImpl: no caches, which Bedrock counts beside the input',
  },
  {
    id: 'otel-140',
    rev: 3,
    valid: ALWAYS,
    match: [
      {
        scopes: [
          'io.opentelemetry.openai-java-*',
          'opentelemetry.util.genai*',
          'opentelemetry.instrumentation.genai.*',
          'opentelemetry.instrumentation.google_genai',
        ],
      },
      {
        marker: {
          keys: [
            'gen_ai.usage.cache_read.input_tokens',
            'gen_ai.usage.cache_creation.input_tokens',
            'gen_ai.usage.cache_write.input_tokens',
            'gen_ai.usage.reasoning.output_tokens',
          ],
        },
        meaning: UNKNOWN,
      },
    ],
    meaning: INCLUSIVE,
    evidence: `${CONVENTIONS}, PR #3163; PyPI opentelemetry-instrumentation-genai-* 1.3b0; opentelemetry-javaagent 2.33.1; excluded counts under semconv names: rig #1572, ruby_llm #38`,
  },
  {
    id: 'otel-126',
    rev: 1,
    valid: ALWAYS,
    match: [{ marker: { keys: ['gen_ai.usage.prompt_tokens', 'gen_ai.usage.completion_tokens'] } }],
    meaning: UNKNOWN,
    evidence: CONVENTIONS,
  },
  {
    // The last resort: matches every span.
    id: 'otel-127',
    rev: 1,
    valid: ALWAYS,
    match: [{}],
    meaning: UNKNOWN,
    evidence: CONVENTIONS,
  },
]
