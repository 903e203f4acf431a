/** The OpenAI Agents SDK: its own traces go to OpenAI and are no OTel spans, so an instrumentation translates them. */
import { casesUnder } from '../cases.ts'
import type { Emitter } from '../emitter.ts'

const CASES = [...casesUnder('chat', ['object_stream']), ...casesUnder('responses', ['object_stream'])]

const openinference: Emitter = {
  id: 'openinference-agents',
  packages: ['@arizeai/openinference-instrumentation-openai-agents', '@openai/agents'],
  attributedBy: 'root_span',
  cases: CASES,
  sight: () => ({}),
  start: async () => {
    const { OpenAIAgentsInstrumentation } = await import('@arizeai/openinference-instrumentation-openai-agents')
    // Alone: the exporter to OpenAI is taken out.
    new OpenAIAgentsInstrumentation().manuallyInstrument(await import('@openai/agents'))
    return (await import('../programs/openai-agents.ts')).agentsPrograms()
  },
}

export const AGENTS_EMITTERS: readonly Emitter[] = [openinference]
