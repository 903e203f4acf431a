/** SDKs of observability platforms that also emit spans. */
import type { DialectRule } from '#src/dialect-rule.ts'
import { ALWAYS, EXCLUSIVE, INCLUSIVE, UNKNOWN } from './meanings.ts'

const BY_ANTHROPIC_ONLY = {
  ...INCLUSIVE,
  cache: 'by_provider',
  exclusiveProviders: ['anthropic'],
} as const

export const PLATFORM_DIALECTS: readonly DialectRule[] = [
  {
    id: 'langfuse',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['langfuse*', '@langfuse/*'] }],
    meaning: UNKNOWN,
    evidence: 'langfuse/langfuse otelMapping.servertest.ts, #12306, #17117',
  },
  {
    id: 'langsmith',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['langsmith*'] }, { marker: { keys: ['langsmith.span.kind'] } }],
    meaning: INCLUSIVE,
    evidence: 'npm langsmith 0.12.0; langchain-ai/langchain libs/partners/{anthropic,openai}',
  },
  {
    id: 'mlflow',
    rev: 1,
    valid: { from: '1970-01-01', to: '2026-08-01' },
    match: [{ scopes: ['mlflow*'] }],
    meaning: { ...BY_ANTHROPIC_ONLY, exclusiveProviders: ['anthropic', 'aws.bedrock'] },
    evidence: 'mlflow/mlflow #24899',
  },
  {
    id: 'mlflow',
    rev: 2,
    valid: { from: '2026-08-01', to: null },
    match: [{ scopes: ['mlflow*'] }],
    meaning: BY_ANTHROPIC_ONLY,
    evidence: 'mlflow/mlflow #24899: Bedrock is inclusive from 2026-08',
  },
  {
    id: 'openlit',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['openlit.otel.tracing', 'openlit*'] }],
    meaning: INCLUSIVE,
    evidence: 'openlit semantic attributes; gen_ai.usage.cost is evidence only',
  },
  {
    id: 'sentry',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['sentry*', '@sentry/*'] }],
    meaning: INCLUSIVE,
    evidence: 'npm @sentry/conventions 0.33.0',
  },
  {
    id: 'logfire-anthropic',
    rev: 1,
    valid: { from: '1970-01-01', to: '2026-03-01' },
    match: [{ scopes: ['logfire.anthropic'] }],
    meaning: EXCLUSIVE,
    evidence: 'pydantic/logfire #1812',
  },
  {
    id: 'logfire-anthropic',
    rev: 2,
    valid: { from: '2026-03-01', to: null },
    match: [{ scopes: ['logfire.anthropic'] }],
    meaning: INCLUSIVE,
    evidence: 'pydantic/logfire #1812',
  },
]
