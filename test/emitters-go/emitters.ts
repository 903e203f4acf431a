/** Every emitter under test that is written in Go: its program, the cases it runs, and what it cannot see. */
import { casesUnder, type CaseId } from '../emitters-foreign/cases.ts'
import type { Emitter } from '../emitters-foreign/emitter.ts'
import { all, inCases, sights, withoutReasoning } from '../emitters-foreign/sights.ts'

interface GoEmitter extends Emitter {
  /** Its package of main. */
  readonly program: string
  readonly environment?: Readonly<Record<string, string>>
}

const GENKIT: readonly CaseId[] = [
  ...casesUnder('chat', ['async']),
  ...casesUnder('embeddings'),
  ...casesUnder('messages', ['async', 'stream_helper']),
  ...casesUnder('gemini', ['async']),
]

/** Its plugin for Anthropic reads input and output, and nothing of caches. */
const withoutCaches = inCases(['messages.cache_below', 'messages.cache_above', 'messages.cache_stream'], {
  seen: ({ input = 0, output = 0 }) => ({ input, output }),
  cacheSplit: 'unknown',
})

export const EMITTERS: readonly GoEmitter[] = [
  {
    id: 'genkit',
    program: 'genkit-app',
    environment: { STREAM_USAGE: 'asked' },
    cases: GENKIT,
    sight: sights(
      inCases(['embeddings.many'], { unseen: 'calls', listed: 1 }),
      withoutCaches,
      withoutReasoning('messages.reasoning'),
      all,
    ),
  },
  {
    id: 'genkit-as-it-comes',
    program: 'genkit-app',
    cases: ['chat.stream'],
    // It does not ask OpenAI for the usage of a stream.
    sight: sights(inCases(['chat.stream'], { unseen: 'calls', listed: 1 }), all),
  },
]
