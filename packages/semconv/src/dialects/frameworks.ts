/** Agent frameworks. */
import type { DialectRule, NameRole } from '#src/dialect-rule.ts'
import { ALWAYS, EXCLUSIVE, INCLUSIVE, PASSED_THROUGH } from './meanings.ts'

const PYDANTIC_SCOPES = ['pydantic-ai', 'logfire*']
/** V1 run spans (`agent run`, `my_agent run`) repeat the sum of the run without an operation name. */
const PYDANTIC_RUN: readonly NameRole[] = [{ name: '* run', role: 'aggregate' }]

const STRANDS_SCOPES = ['strands.telemetry.tracer']
const STRANDS_PROVIDER = {
  values: { 'gen_ai.provider.name': ['strands-agents'], 'gen_ai.system': ['strands-agents'] },
} as const
// The agent span sums the agent object's whole life, across requests.
const STRANDS_OVERRIDES = { leaf: { neverPromote: true } } as const

const RIG_SCOPES = ['rig', 'rig::*', 'rig-core', 'rig_core']
const RIG_SINCE_043 = { keys: ['rig.provider_request_id'] } as const
/** With Rust's tracing the scope is whatever the app calls its tracer; the module that opened the span stands here. */
const TRACING_TARGET = 'target'

export const FRAMEWORK_DIALECTS: readonly DialectRule[] = [
  {
    id: 'pydantic-2',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: PYDANTIC_SCOPES }],
    meaning: INCLUSIVE,
    overrides: { leaf: { names: PYDANTIC_RUN } },
    evidence: 'pydantic/pydantic-ai tests/models/test_instrumented.py, tests/test_logfire.py, #4364',
  },
  {
    id: 'pydantic-1',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: PYDANTIC_SCOPES, scopeVersion: '1.' }],
    meaning: INCLUSIVE,
    overrides: { leaf: { names: PYDANTIC_RUN } },
    evidence: 'pydantic/pydantic-ai V1',
  },
  {
    id: 'strands',
    rev: 1,
    valid: { from: '1970-01-01', to: '2026-08-01' },
    match: [{ scopes: STRANDS_SCOPES }, { marker: STRANDS_PROVIDER }],
    overrides: STRANDS_OVERRIDES,
    meaning: PASSED_THROUGH,
    evidence: 'strands-agents/sdk-python src/strands/telemetry/tracer.py',
  },
  {
    id: 'strands',
    rev: 2,
    valid: { from: '2026-08-01', to: null },
    match: [{ scopes: STRANDS_SCOPES }, { marker: STRANDS_PROVIDER }],
    overrides: STRANDS_OVERRIDES,
    meaning: INCLUSIVE,
    evidence: 'strands-agents/harness-sdk #3886, #4080: inclusive from 2026-08; the total decides first',
  },
  {
    // Spring Boot's tracer, for whatever is observed: of model calls that is Spring AI.
    id: 'spring-ai',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['org.springframework.boot'] }],
    meaning: PASSED_THROUGH,
    evidence: 'spring-ai-anthropic and spring-ai-openai 2.0.1 with Spring Boot 4.1.2; the total is input + output',
  },
  {
    id: 'meai',
    rev: 1,
    valid: ALWAYS,
    match: [
      {
        scopes: [
          'Experimental.Microsoft.Extensions.AI',
          'Experimental.Microsoft.Agents.AI',
          'Microsoft.Extensions.AI',
          'Microsoft.SemanticKernel*',
          'agent_framework',
        ],
      },
    ],
    meaning: INCLUSIVE,
    evidence: 'microsoft/agent-framework #5804, #4062',
  },
  {
    id: 'adk',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['gcp.vertex.agent'] }],
    meaning: INCLUSIVE,
    overrides: { leaf: { names: [{ name: 'agent_run*', role: 'aggregate' }] } },
    evidence: 'google/adk-python; npm @google/adk 2.0.0',
  },
  {
    id: 'mastra',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['mastra*', '@mastra/*'] }],
    meaning: INCLUSIVE,
    evidence: 'mastra-ai/mastra #15966',
  },
  {
    // Counts under semconv names, by version: Rig 0.43 began to put the caches into the input, and to name the request.
    id: 'rig',
    rev: 2,
    valid: ALWAYS,
    match: [
      { scopes: RIG_SCOPES, marker: RIG_SINCE_043, meaning: INCLUSIVE },
      { scopes: RIG_SCOPES },
      { marker: RIG_SINCE_043, meaning: INCLUSIVE },
      { marker: { values: { [TRACING_TARGET]: ['rig::*'] } } },
    ],
    meaning: PASSED_THROUGH,
    evidence: '0xPlaygrounds/rig #1572; crates rig-core 0.36 to 0.44 providers/anthropic/completion.rs',
  },
  {
    id: 'rust-genai',
    rev: 1,
    valid: ALWAYS,
    match: [{ marker: { values: { [TRACING_TARGET]: ['genai::*'] } } }],
    meaning: INCLUSIVE,
    evidence: 'crate genai 0.7.2 src/otel',
  },
  {
    id: 'adk-rust',
    rev: 1,
    valid: ALWAYS,
    match: [
      {
        marker: {
          values: { [TRACING_TARGET]: ['adk_agent::*', 'adk_model::*', 'adk_runner::*', 'adk_telemetry::*'] },
          names: ['gen_ai.generate'],
        },
      },
    ],
    meaning: INCLUSIVE,
    overrides: {
      leaf: {
        names: [
          { name: 'gen_ai.generate', role: 'leaf' },
          { name: 'execute_tool *', role: 'tool' },
        ],
      },
    },
    evidence: 'crates adk-telemetry 2.3.0 spans.rs, adk-model 2.3.0 usage_tracking.rs, adk-agent 2.3.0 llm_agent.rs',
  },
  {
    id: 'genkit',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['genkit*'] }],
    meaning: INCLUSIVE,
    evidence: 'Go module github.com/firebase/genkit/go v1.4.0 core/tracing/tracing.go, plugins',
  },
  {
    id: 'ruby-llm',
    rev: 1,
    valid: ALWAYS,
    match: [{ scopes: ['*ruby_llm', 'OpenTelemetry::Instrumentation::RubyLLM'] }],
    meaning: EXCLUSIVE,
    evidence: 'thoughtbot/opentelemetry-instrumentation-ruby_llm #38',
  },
]
