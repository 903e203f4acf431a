import { AI_SDK_SEAMS } from './ai-sdk.ts'
import { LANGCHAIN_SEAMS } from './langchain.ts'
import { OPENAI_AGENTS_SEAMS } from './openai-agents.ts'
import type { Seam } from './seam.ts'

export const SEAMS: readonly Seam[] = [...AI_SDK_SEAMS, ...LANGCHAIN_SEAMS, ...OPENAI_AGENTS_SEAMS]
