/** Every emitter under test: its program, the cases it runs, and what it cannot see. */
import { type CaseId, casesUnder } from '../emitters-foreign/cases.ts'
import { all, inCases, sights, withoutAudio, withoutReasoning, withoutTtl } from '../emitters-foreign/sights.ts'
import type { JavaEmitter } from './emitter.ts'
import { estimatedByLength, withoutBedrockCaches, withoutStreamedCaches } from './sights.ts'

const CHAT = casesUnder('chat')
const RESPONSES = casesUnder('responses')
const EMBEDDINGS = casesUnder('embeddings')
const OPENAI = [...CHAT, ...RESPONSES, ...EMBEDDINGS]
const BEDROCK = [
  ...casesUnder('converse'),
  ...casesUnder('invoke_claude'),
  ...casesUnder('invoke_nova'),
  ...casesUnder('invoke_cohere'),
]
const SPRING_AI_OPENAI: readonly CaseId[] = [...casesUnder('chat', ['async']), ...EMBEDDINGS]
const SPRING_AI_ANTHROPIC = casesUnder('messages', ['async', 'stream_helper'])

/** Instrumentations of the OpenAI SDK do not know the Responses API: not even a call is seen. */
const withoutResponses = inCases(RESPONSES, { unseen: 'calls', listed: 0 })

/** One emitter alone. */
const SINGLE: readonly JavaEmitter[] = [
  {
    id: 'otel-agent',
    packages: 'sdks',
    program: 'AgentOnSdks',
    agent: true,
    cases: [...OPENAI, ...BEDROCK],
    sight: sights(
      withoutResponses,
      withoutBedrockCaches,
      // It reads the stream of a request, and not that of a builder of one.
      inCases(['invoke_claude.built_stream'], { unseen: 'calls', listed: 1 }),
      inCases(['invoke_cohere.plain'], { seen: estimatedByLength, usageStatus: 'estimated' }),
      all,
    ),
  },
  {
    id: 'otel-openai',
    packages: 'sdks',
    program: 'LibraryOnOpenAi',
    cases: OPENAI,
    sight: sights(
      withoutResponses,
      inCases(['chat.cached'], { folds: { cache_read: 'input' }, cacheSplit: 'unknown' }),
      withoutReasoning('chat.reasoning'),
      all,
    ),
  },
  {
    id: 'spring-ai',
    packages: 'spring-ai',
    program: 'SpringAiOwn',
    cases: [...SPRING_AI_OPENAI, ...SPRING_AI_ANTHROPIC],
    sight: sights(withoutStreamedCaches, withoutTtl, withoutReasoning('chat.reasoning', 'messages.reasoning'), all),
  },
  {
    id: 'google-adk',
    packages: 'adk',
    program: 'AdkOwn',
    cases: casesUnder('gemini', ['async']),
    sight: all,
  },
  {
    id: 'google-adk-without-content',
    packages: 'adk',
    program: 'AdkOwn',
    environment: { ADK_CAPTURE_MESSAGE_CONTENT_IN_SPANS: 'false' },
    cases: casesUnder('gemini', ['async']),
    sight: sights(withoutAudio, all),
  },
]

/** Two emitters on one call. */
const DOUBLED: readonly JavaEmitter[] = [
  {
    id: 'spring-ai+otel-agent',
    packages: 'spring-ai',
    program: 'SpringAiOnAgent',
    agent: true,
    cases: SPRING_AI_OPENAI,
    sight: all,
  },
]

export const EMITTERS: readonly JavaEmitter[] = [...SINGLE, ...DOUBLED]
