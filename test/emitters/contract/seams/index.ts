import { AI_SDK_SEAMS } from './ai-sdk.ts'
import { CLAUDE_AGENT_SEAMS } from './claude-agent.ts'
import { LANGCHAIN_SEAMS } from './langchain.ts'
import { LLAMAINDEX_SEAMS } from './llamaindex.ts'
import { MASTRA_SEAMS } from './mastra.ts'
import { OPENAI_AGENTS_SEAMS } from './openai-agents.ts'
import type { Seam } from './seam.ts'

export const SEAMS: readonly Seam[] = [
  ...AI_SDK_SEAMS,
  ...LANGCHAIN_SEAMS,
  ...OPENAI_AGENTS_SEAMS,
  ...MASTRA_SEAMS,
  ...LLAMAINDEX_SEAMS,
  ...CLAUDE_AGENT_SEAMS,
]
