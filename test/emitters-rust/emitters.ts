/** Every emitter under test that is written in Rust: the cases it runs, and what it cannot see. */
import { casesUnder, type CaseId } from '../emitters-foreign/cases.ts'
import type { Emitter } from '../emitters-foreign/emitter.ts'
import {
  all,
  inCases,
  sights,
  withoutAudio,
  withoutReasoning,
  withoutToolPrompt,
  withoutTtl,
} from '../emitters-foreign/sights.ts'

const RETRIED: readonly CaseId[] = ['chat.retry', 'responses.retry', 'messages.retry']

/** Of those that do not try again by themselves. */
const chatCases = (...without: readonly string[]): readonly CaseId[] => [
  ...casesUnder('chat', ['async', 'retry', ...without]),
  ...casesUnder('responses', ['async', 'retry', ...without]),
  ...casesUnder('messages', ['async', 'retry', 'stream_helper', ...without]),
  ...casesUnder('gemini', ['async', ...without]),
]

export const EMITTERS: readonly Emitter[] = [
  {
    id: 'rig-core',
    cases: [...chatCases('tools'), ...casesUnder('embeddings')],
    sight: sights(withoutTtl, withoutAudio, all),
  },
  {
    id: 'rig-core-stream-not-finished',
    cases: ['chat.stream'],
    sight: sights(inCases(['chat.stream'], { unseen: 'calls', listed: 1 }), all),
  },
  { id: 'rig-agent', cases: chatCases(), sight: sights(withoutTtl, withoutAudio, all) },
  // With no span around it, its agent opens one that sums up the run.
  { id: 'rig-agent-without-root', cases: ['chat.tools'], sight: all },
  {
    id: 'genai',
    cases: [...chatCases(), ...casesUnder('embeddings')],
    sight: sights(withoutTtl, withoutAudio, all),
  },
  {
    id: 'genai-as-it-comes',
    cases: ['chat.stream'],
    sight: sights(inCases(['chat.stream'], { unseen: 'calls', listed: 1 }), all),
  },
  {
    id: 'adk-rust',
    cases: [...chatCases(), ...RETRIED],
    sight: sights(
      // Of the total, what its counters leave out is named as a doubt.
      inCases(['gemini.tool_prompt'], { doubts: ['total_mismatch'] }),
      withoutToolPrompt,
      withoutTtl,
      withoutAudio,
      withoutReasoning('messages.reasoning'),
      all,
    ),
  },
]
