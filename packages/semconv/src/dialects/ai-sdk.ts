/**
 * Vercel AI SDK. The scope version is often empty, so generations are told apart by their attributes
 * (spec: counters §12): token details exist from 6 on; object operations look alike in 5 and 6.
 */
import type { DialectRule } from '#src/dialect-rule.ts'
import { ALWAYS, INCLUSIVE, PASSED_THROUGH } from './meanings.ts'

export const AI_SDK_DIALECTS: readonly DialectRule[] = [
  {
    id: 'ai-6',
    rev: 1,
    valid: ALWAYS,
    match: [
      { scopes: ['ai'], scopeVersion: '6.' },
      {
        scopes: ['ai'],
        marker: {
          keys: [
            'ai.usage.inputTokenDetails.noCacheTokens',
            'ai.usage.inputTokenDetails.cacheReadTokens',
            'ai.usage.inputTokenDetails.cacheWriteTokens',
            'ai.usage.outputTokenDetails.textTokens',
            'ai.usage.outputTokenDetails.reasoningTokens',
          ],
        },
      },
      {
        scopes: ['ai'],
        marker: { values: { 'ai.operationId': ['ai.generateObject*', 'ai.streamObject*'] } },
        meaning: { ...INCLUSIVE, assumed: true },
      },
    ],
    meaning: INCLUSIVE,
    evidence: 'npm ai 6.0.326; vercel/ai packages/otel/src/__snapshots__; object operations of 5 and 6 look alike',
  },
  {
    id: 'ai-4-5',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['ai'] }],
    meaning: { ...PASSED_THROUGH, assumed: true },
    evidence: 'vercel/ai; anomalyco/opencode #19758 (change from 5 to 6)',
  },
  {
    id: 'ai-7',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['gen_ai'] }],
    meaning: INCLUSIVE,
    evidence: 'npm ai 7.0.173, @ai-sdk/otel 1.0.173',
  },
]
