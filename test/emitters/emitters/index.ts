/** Every emitter under test. */
import type { Emitter } from '../emitter.ts'
import { AI_SDK_EMITTERS } from './ai-sdk.ts'
import { ANTHROPIC_SDK_EMITTERS } from './anthropic-sdk.ts'
import { DOUBLED_EMITTERS } from './doubled.ts'
import { LANGCHAIN_EMITTERS } from './langchain.ts'
import { LANGFUSE_EMITTERS } from './langfuse.ts'
import { LANGSMITH_EMITTERS } from './langsmith.ts'
import { AGENTS_EMITTERS } from './openai-agents.ts'
import { OPENINFERENCE_VERCEL_EMITTERS } from './openinference-vercel.ts'
import { OPENAI_SDK_EMITTERS } from './openai-sdk.ts'

export const EMITTERS: readonly Emitter[] = [
  ...AI_SDK_EMITTERS,
  ...OPENAI_SDK_EMITTERS,
  ...ANTHROPIC_SDK_EMITTERS,
  ...OPENINFERENCE_VERCEL_EMITTERS,
  ...LANGFUSE_EMITTERS,
  ...LANGCHAIN_EMITTERS,
  ...LANGSMITH_EMITTERS,
  ...AGENTS_EMITTERS,
  ...DOUBLED_EMITTERS,
]

/** Fails on a name that is not in the list. */
export const emitterNamed = (id: string): Emitter => {
  const found = EMITTERS.find((emitter) => emitter.id === id)
  if (found === undefined) throw new Error(`BUG: no emitter ${id}`)
  return found
}
