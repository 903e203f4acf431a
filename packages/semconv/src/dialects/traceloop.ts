/** Traceloop OpenLLMetry, Python and JavaScript. */
import type { DialectRule } from '#src/dialect-rule.ts'
import { ALWAYS, EXCLUSIVE, INCLUSIVE, UNKNOWN } from './meanings.ts'

const OPENLLMETRY = 'traceloop/openllmetry'

export const TRACELOOP_DIALECTS: readonly DialectRule[] = [
  {
    id: 'tl-py-openai',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['opentelemetry.instrumentation.openai', 'opentelemetry.instrumentation.openai.*'] }],
    // cache_read defaults to 0.
    meaning: { ...INCLUSIVE, zeroCacheUnproven: true },
    evidence: `${OPENLLMETRY} packages/opentelemetry-instrumentation-openai`,
  },
  {
    id: 'tl-py-anthropic',
    rev: 2,
    valid: ALWAYS,
    match: [
      { scopes: ['opentelemetry.instrumentation.anthropic'] },
      {
        // The placeholder in message_start is added to the cumulative count of message_delta: a few tokens too many.
        scopes: ['opentelemetry.instrumentation.anthropic'],
        marker: { values: { 'gen_ai.is_streaming': ['true'] } },
        meaning: { ...INCLUSIVE, usage: 'estimated' },
      },
    ],
    meaning: INCLUSIVE,
    evidence: `${OPENLLMETRY} packages/opentelemetry-instrumentation-anthropic; PyPI 0.62.4 streaming.py`,
  },
  {
    id: 'tl-py-bedrock',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['opentelemetry.instrumentation.bedrock*'] }],
    meaning: EXCLUSIVE,
    evidence: `${OPENLLMETRY} #4449 (open)`,
  },
  {
    id: 'tl-py-llamaindex',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['opentelemetry.instrumentation.llamaindex*'] }],
    meaning: { ...EXCLUSIVE, cache: 'by_provider', exclusiveProviders: ['anthropic', 'aws.bedrock'] },
    evidence: `${OPENLLMETRY} packages/opentelemetry-instrumentation-llamaindex, with Anthropic`,
  },
  {
    id: 'tl-py-google',
    rev: 1,
    valid: ALWAYS,
    match: [
      { scopes: ['opentelemetry.instrumentation.google_generativeai*', 'opentelemetry.instrumentation.vertexai*'] },
    ],
    // Reasoning is missing from the output: the total tells.
    meaning: INCLUSIVE,
    evidence: `${OPENLLMETRY} packages/opentelemetry-instrumentation-google-generativeai`,
  },
  {
    id: 'tl-py-langchain',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['opentelemetry.instrumentation.langchain*'] }],
    meaning: INCLUSIVE,
    evidence: `${OPENLLMETRY} packages/opentelemetry-instrumentation-langchain`,
  },
  {
    id: 'tl-py-agents',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['opentelemetry.instrumentation.openai_agents*'] }],
    meaning: INCLUSIVE,
    evidence: `${OPENLLMETRY} packages/opentelemetry-instrumentation-openai-agents`,
  },
  {
    id: 'tl-js-anthropic',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['@traceloop/instrumentation-anthropic'] }],
    meaning: EXCLUSIVE,
    evidence: 'npm @traceloop/instrumentation-anthropic 0.27.0 dist/index.js',
  },
  {
    id: 'tl-js-bedrock',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['@traceloop/instrumentation-bedrock'] }],
    meaning: EXCLUSIVE,
    evidence: 'traceloop/openllmetry-js #1027 (not merged)',
  },
  {
    // Two counters from whatever LangChain hands over: Anthropic's own, without caches, or sums with them for streams.
    id: 'tl-js-langchain',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['@traceloop/instrumentation-langchain'] }],
    meaning: UNKNOWN,
    evidence: 'npm @traceloop/instrumentation-langchain 0.27.0 dist/index.mjs',
  },
  {
    id: 'tl-js-openai',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['@traceloop/instrumentation-openai'] }],
    meaning: UNKNOWN,
    evidence: 'npm @traceloop/instrumentation-openai 0.27.0; traceloop/openllmetry-js #1036 (open)',
  },
]
