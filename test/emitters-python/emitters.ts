/** Every emitter under test: its program, the cases it runs, and what it cannot see. */
import { casesUnder, type CaseId } from '../emitters-foreign/cases.ts'
import type { PythonEmitter } from './emitter.ts'
import {
  all,
  inCases,
  sights,
  toolPromptAsThoughts,
  withoutAudio,
  withoutReasoning,
  withoutToolPrompt,
  withoutTtl,
  withPlaceholder,
} from '../emitters-foreign/sights.ts'

const CHAT = casesUnder('chat')
const RESPONSES = casesUnder('responses')
const EMBEDDINGS = casesUnder('embeddings')
const MESSAGES = casesUnder('messages')
const GEMINI = casesUnder('gemini')
const OPENAI = [...CHAT, ...RESPONSES, ...EMBEDDINGS]
const SDKS = [...OPENAI, ...MESSAGES]
const PYDANTIC_AI: readonly CaseId[] = [
  ...casesUnder('chat', ['async']),
  ...casesUnder('responses', ['async', 'retry', 'failure']),
  ...casesUnder('messages', ['async', 'stream_helper']),
]
/** Where two emitters meet, the shapes of requests matter more than what was served. */
const PYDANTIC_AI_DOUBLED: readonly CaseId[] = [
  ...casesUnder('chat', ['async', 'reasoning', 'retry', 'failure']),
  ...casesUnder('responses', ['async', 'cached', 'reasoning', 'retry', 'failure']),
  ...casesUnder('messages', ['async', 'stream_helper', 'cache_stream', 'retry']),
]
const LANGCHAIN: readonly CaseId[] = [
  ...CHAT,
  ...casesUnder('responses', ['async', 'retry', 'failure']),
  ...casesUnder('messages', ['stream_helper']),
]
const LANGCHAIN_DOUBLED: readonly CaseId[] = [
  ...casesUnder('chat', ['async', 'cached', 'retry', 'failure']),
  ...casesUnder('responses', ['async', 'cached', 'reasoning', 'retry', 'failure']),
  ...casesUnder('messages', ['stream_helper', 'async', 'cache_above', 'reasoning', 'retry']),
]
const AGENTS: readonly CaseId[] = [
  ...casesUnder('chat', ['async', 'stream', 'retry', 'failure']),
  ...casesUnder('responses', ['async']),
]
const ADK = casesUnder('gemini', ['async'])

/** The Anthropic SDK traces itself unless it is told not to. */
const NATIVE_OFF = { ANTHROPIC_OPEN_TELEMETRY: 'false' }
const LATEST_SEMCONV = { OTEL_SEMCONV_STABILITY_OPT_IN: 'gen_ai_latest_experimental' }

/** One emitter alone. */
const SINGLE: readonly PythonEmitter[] = [
  { id: 'traceloop-openai', program: 'traceloop_openai.py', cases: OPENAI, sight: all },
  {
    id: 'traceloop-anthropic',
    program: 'traceloop_anthropic.py',
    environment: NATIVE_OFF,
    cases: MESSAGES,
    sight: sights(
      inCases(['messages.stream'], { seen: withPlaceholder, usageStatus: 'estimated' }),
      // Nothing on the span says that it was a stream.
      inCases(['messages.stream_helper'], { seen: withPlaceholder }),
      inCases(['messages.cache_stream'], {
        seen: ({ cache_write_5m: written = 0, ...rest }) => ({
          ...withPlaceholder(rest),
          cache_write_unknown: written,
        }),
        usageStatus: 'estimated',
      }),
      withoutTtl,
      withoutReasoning('messages.reasoning'),
      all,
    ),
  },
  {
    id: 'traceloop-google-genai',
    program: 'traceloop_google_genai.py',
    cases: GEMINI,
    sight: sights(
      toolPromptAsThoughts,
      inCases(['gemini.thoughts', 'gemini.thoughts_stream'], { doubts: ['residual_as_reasoning'] }),
      withoutAudio,
      all,
    ),
  },
  {
    id: 'traceloop-langchain',
    program: 'traceloop_langchain.py',
    environment: NATIVE_OFF,
    cases: LANGCHAIN,
    sight: sights(
      // LangChain says that 0 tokens were written where their time to live is known, and Traceloop reads no further.
      inCases(['messages.cache_below', 'messages.cache_above'], {
        folds: { cache_write_5m: 'input', cache_write_1h: 'input' },
      }),
      withoutTtl,
      withoutReasoning('chat.reasoning', 'responses.reasoning', 'messages.reasoning'),
      all,
    ),
  },
  {
    id: 'traceloop-openai-agents',
    program: 'traceloop_openai_agents.py',
    cases: AGENTS,
    // Its spans of Chat Completions have no usage.
    sight: sights(
      inCases(['chat.tools'], { unseen: 'calls', listed: 2 }),
      inCases(CHAT, { unseen: 'calls', listed: 1 }),
      all,
    ),
  },
  { id: 'openinference-openai', program: 'openinference_openai.py', cases: OPENAI, sight: all },
  {
    id: 'openinference-anthropic',
    program: 'openinference_anthropic.py',
    environment: NATIVE_OFF,
    cases: MESSAGES,
    sight: sights(withoutTtl, all),
  },
  { id: 'openinference-google-genai', program: 'openinference_google_genai.py', cases: GEMINI, sight: all },
  {
    id: 'openinference-langchain',
    program: 'openinference_langchain.py',
    environment: NATIVE_OFF,
    cases: LANGCHAIN,
    sight: sights(withoutTtl, withoutReasoning('messages.reasoning'), all),
  },
  ...[
    { id: 'otel-openai-v2', environment: {} },
    { id: 'otel-openai-v2-latest', environment: LATEST_SEMCONV },
  ].map(
    (variant): PythonEmitter => ({
      ...variant,
      program: 'otel_openai_v2.py',
      packages: 'openai-v2',
      // It does not know the Responses API.
      cases: [...CHAT, ...EMBEDDINGS],
      sight: sights(
        inCases(['chat.cached'], { folds: { cache_read: 'input' }, cacheSplit: 'unknown' }),
        withoutReasoning('chat.reasoning'),
        all,
      ),
    }),
  ),
  { id: 'otel-genai-openai', program: 'otel_genai_openai.py', cases: OPENAI, sight: all },
  {
    id: 'otel-genai-anthropic',
    program: 'otel_genai_anthropic.py',
    environment: NATIVE_OFF,
    cases: MESSAGES,
    sight: sights(withoutTtl, all),
  },
  {
    id: 'otel-google-genai',
    program: 'otel_google_genai.py',
    cases: GEMINI,
    sight: sights(withoutToolPrompt, all),
  },
  { id: 'anthropic-native', program: 'anthropic_native.py', cases: MESSAGES, sight: all },
  {
    id: 'pydantic-ai',
    program: 'pydantic_ai_own.py',
    environment: NATIVE_OFF,
    cases: PYDANTIC_AI,
    sight: sights(withoutTtl, withoutReasoning('messages.reasoning'), all),
  },
  {
    id: 'openinference-pydantic-ai',
    program: 'openinference_pydantic_ai.py',
    environment: NATIVE_OFF,
    cases: PYDANTIC_AI_DOUBLED,
    sight: sights(withoutTtl, withoutReasoning('messages.reasoning'), all),
  },
  {
    id: 'logfire',
    program: 'logfire_sdks.py',
    environment: NATIVE_OFF,
    cases: SDKS,
    sight: sights(
      // A stream is two spans: the request without usage, and a log record with it when the stream has ended.
      inCases(
        ['chat.stream', 'responses.stream', 'messages.stream', 'messages.stream_helper', 'messages.cache_stream'],
        {
          listed: 1,
        },
      ),
      all,
    ),
  },
  { id: 'google-adk', program: 'adk_own.py', cases: ADK, sight: sights(withoutAudio, all) },
  {
    id: 'openinference-adk',
    program: 'openinference_adk.py',
    cases: casesUnder('gemini', ['async', 'failure']),
    // It writes every call of a run onto the one span of the agent.
    sight: sights(inCases(['gemini.tools'], { unseen: 'all_but_last' }), all),
  },
]

/** Two and more emitters on one call. */
const DOUBLED: readonly PythonEmitter[] = [
  {
    id: 'traceloop+openinference+native',
    program: 'traceloop_and_openinference.py',
    cases: SDKS,
    sight: all,
  },
  {
    id: 'traceloop-langchain+traceloop+native',
    program: 'traceloop_langchain_and_sdks.py',
    cases: LANGCHAIN_DOUBLED,
    sight: sights(withoutReasoning('chat.reasoning'), all),
  },
  { id: 'openinference-agents+openinference', program: 'openinference_openai_agents.py', cases: AGENTS, sight: all },
  {
    id: 'pydantic-ai+traceloop+native',
    program: 'pydantic_ai_and_traceloop.py',
    cases: PYDANTIC_AI_DOUBLED,
    // Pydantic AI first asks the SDK without a stream, which refuses before it sends anything: Traceloop saw a call.
    sight: sights(
      inCases(['messages.failure'], { listed: 4 }),
      inCases(['messages.tools'], { listed: 2 }),
      inCases(['messages.plain', 'messages.cache_below', 'messages.cache_above', 'messages.reasoning'], { listed: 1 }),
      all,
    ),
  },
  {
    id: 'logfire+pydantic-ai+native',
    program: 'logfire_agents.py',
    cases: PYDANTIC_AI_DOUBLED,
    sight: sights(inCases(['chat.stream', 'responses.stream'], { listed: 1 }), all),
  },
  { id: 'google-adk+openinference', program: 'adk_and_openinference.py', cases: ADK, sight: all },
  {
    id: 'openinference-adk+openinference',
    program: 'openinference_adk_and_genai.py',
    cases: ADK,
    // The outer record holds the last call only, so it differs from what lies below.
    sight: sights(inCases(['gemini.tools'], { doubts: ['nested_mismatch'] }), all),
  },
]

export const EMITTERS: readonly PythonEmitter[] = [...SINGLE, ...DOUBLED]
