/** OpenInference around an agent framework: the AGENT span repeats the sums of its calls. */
import { type AttributeMap, sketchOf } from '../span-sketch.ts'
import { type BenchDialect, type CallUsage, PROMPT, sessionOf, usageOf, userOf } from './bench-dialect.ts'

const EMITTER = { scope: 'openinference.instrumentation.langchain', scopeVersion: '0.1.40' }

const countersOf = ({ input, output, cacheRead, cacheWrite, reasoning }: CallUsage): AttributeMap => ({
  'llm.token_count.prompt': input,
  'llm.token_count.completion': output,
  'llm.token_count.total': input + output,
  'llm.token_count.prompt_details.cache_read': cacheRead,
  'llm.token_count.prompt_details.cache_write': cacheWrite,
  'llm.token_count.completion_details.reasoning': reasoning,
})

const CONTENT = { 'input.value': PROMPT, 'output.value': PROMPT }

export const openInference: BenchDialect = {
  name: 'OpenInference',
  run: (n) =>
    sketchOf(EMITTER, n, {
      name: 'AgentExecutor',
      kind: 1,
      attributes: {
        'openinference.span.kind': 'AGENT',
        'agent.name': 'support',
        'session.id': sessionOf(n),
        'user.id': userOf(n),
        ...countersOf(usageOf(n)),
      },
      content: CONTENT,
    }),
  call: (n) =>
    sketchOf(EMITTER, n, {
      name: 'ChatAnthropic',
      kind: 1,
      attributes: {
        'openinference.span.kind': 'LLM',
        'llm.model_name': 'claude-sonnet-4-5-20250929',
        'llm.provider': 'anthropic',
        'llm.system': 'anthropic',
        'session.id': sessionOf(n),
        ...countersOf(usageOf(n)),
      },
      content: { ...CONTENT, 'llm.input_messages.0.message.content': PROMPT },
    }),
  step: (n) =>
    sketchOf(EMITTER, n, {
      name: n % 2 === 0 ? 'search' : 'RunnableSequence',
      kind: 1,
      attributes: {
        'openinference.span.kind': n % 2 === 0 ? 'TOOL' : 'CHAIN',
        ...(n % 2 === 0 ? { 'tool.name': 'search' } : {}),
        'session.id': sessionOf(n),
      },
      content: CONTENT,
    }),
}
