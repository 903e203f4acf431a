/** OpenInference (Arize), Python and JavaScript. */
import type { DialectRule } from '#src/dialect-rule.ts'
import { ALWAYS, EXCLUSIVE, INCLUSIVE } from './meanings.ts'

const OPENINFERENCE = 'Arize-ai/openinference'

export const OPENINFERENCE_DIALECTS: readonly DialectRule[] = [
  {
    id: 'oi',
    rev: 1,
    valid: ALWAYS,
    match: [
      { scopes: ['openinference.*', '@arizeai/openinference-*'] },
      { marker: { keys: ['openinference.span.kind'] } },
    ],
    meaning: INCLUSIVE,
    evidence: `${OPENINFERENCE} spec/llm_spans.md`,
  },
  {
    id: 'oi-bedrock',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['openinference.instrumentation.bedrock'] }],
    meaning: EXCLUSIVE,
    evidence: `${OPENINFERENCE} python/instrumentation/openinference-instrumentation-bedrock _converse_attributes.py`,
  },
  {
    id: 'oi-claude-agent',
    rev: 1,
    valid: ALWAYS,
    match: [
      {
        scopes: [
          'openinference.instrumentation.claude_agent_sdk',
          '@arizeai/openinference-instrumentation-claude-agent-sdk',
        ],
      },
    ],
    meaning: EXCLUSIVE,
    evidence: `${OPENINFERENCE} #3611`,
  },
  {
    id: 'oi-smolagents',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['openinference.instrumentation.smolagents'] }],
    meaning: INCLUSIVE,
    evidence: `${OPENINFERENCE} python/instrumentation/openinference-instrumentation-smolagents`,
  },
  {
    id: 'oi-google',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['openinference.instrumentation.google_genai', 'openinference.instrumentation.google_adk'] }],
    meaning: INCLUSIVE,
    evidence: `${OPENINFERENCE} #3178: some ADK backends count thoughts twice`,
  },
  {
    id: 'oi-js-openai',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['@arizeai/openinference-instrumentation-openai'] }],
    meaning: INCLUSIVE,
    evidence: `${OPENINFERENCE} js/packages/openinference-instrumentation-openai`,
  },
]
