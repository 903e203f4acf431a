/** Tracing built into vendors' SDKs, coding agents, proxies and gateways. */
import type { DialectRule } from '#src/dialect-rule.ts'
import { ALWAYS, EXCLUSIVE, INCLUSIVE, UNKNOWN } from './meanings.ts'

export const VENDOR_DIALECTS: readonly DialectRule[] = [
  {
    id: 'anthropic-native',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['com.anthropic.sdk.*'] }],
    meaning: INCLUSIVE,
    overrides: {
      leaf: { names: [{ name: '*count_tokens', role: 'inert' }] },
      parts: [
        {
          part: 'compaction',
          inputKey: 'anthropic.usage.compaction.input_tokens',
          outputKey: 'anthropic.usage.compaction.output_tokens',
        },
      ],
    },
    evidence: 'npm @anthropic-ai/sdk 1.12.0 internal/tracing.js, lib/internal/tracing/',
  },
  {
    // Bare names, read under this rule only.
    id: 'claude-code',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['com.anthropic.claude_code*'] }, { marker: { names: ['claude_code.llm_request'] } }],
    meaning: EXCLUSIVE,
    overrides: {
      aliases: {
        input: ['input_tokens'],
        output: ['output_tokens'],
        cacheRead: ['cache_read_tokens'],
        cacheWrite: ['cache_creation_tokens'],
      },
      requestModelKeys: ['model'],
    },
    evidence: 'Claude Code telemetry; scope name not confirmed',
  },
  {
    id: 'litellm',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['litellm*'] }],
    meaning: INCLUSIVE,
    overrides: {
      leaf: {
        names: [
          { name: 'raw_gen_ai_request', role: 'inert' },
          { name: 'Received Proxy Server Request', role: 'container' },
        ],
      },
    },
    evidence: 'LiteLLM v2 and legacy OpenTelemetry callbacks; old versions forgot cache_creation',
  },
  {
    id: 'mistral-sdk',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['mistralai_sdk_tracer', 'mistralai*'] }],
    meaning: UNKNOWN,
    evidence: 'mistralai/client-python #614: cached counts are dropped, so input is an upper bound',
  },
  {
    id: 'gateway',
    rev: 2,
    valid: ALWAYS,
    match: [{ scopes: ['openrouter*', 'cloudflare-ai-gateway*', 'kong*', 'bifrost*', 'vllm*'] }],
    meaning: { ...INCLUSIVE, assumed: true },
    overrides: { leaf: { names: [{ name: 'llm_request', role: 'leaf' }] } },
    evidence: 'vllm-project/vllm #54476; others not verified',
  },
]
