/** LangSmith: usage twice, as semconv counters and as JSON with the details. */
import { type AttributeMap, sketchOf } from '../span-sketch.ts'
import { type BenchDialect, type CallUsage, PROMPT, sessionOf, usageOf, userOf } from './bench-dialect.ts'

const EMITTER = { scope: 'langsmith', scopeVersion: '0.4.1' }

const metadataOf = (n: number): AttributeMap => ({
  'langsmith.trace.session_name': 'support',
  'langsmith.metadata.thread_id': sessionOf(n),
  'langsmith.metadata.user_id': userOf(n),
})

const usageJsonOf = ({ input, output, cacheRead, cacheWrite, reasoning }: CallUsage): string =>
  JSON.stringify({
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    input_token_details: { cache_read: cacheRead, cache_creation: cacheWrite },
    output_token_details: { reasoning },
  })

const CONTENT = { 'gen_ai.prompt': PROMPT, 'gen_ai.completion': PROMPT }

export const langSmith: BenchDialect = {
  name: 'LangSmith',
  run: (n) =>
    sketchOf(EMITTER, n, {
      name: 'RunnableAgent',
      kind: 1,
      attributes: { 'langsmith.span.kind': 'chain', ...metadataOf(n) },
      content: CONTENT,
    }),
  call: (n) => {
    const usage = usageOf(n)
    return sketchOf(EMITTER, n, {
      name: 'ChatAnthropic',
      kind: 1,
      attributes: {
        'langsmith.span.kind': 'llm',
        'gen_ai.operation.name': 'chat',
        'gen_ai.system': 'anthropic',
        'gen_ai.request.model': 'claude-sonnet-4-5',
        'gen_ai.response.model': 'claude-sonnet-4-5-20250929',
        ...metadataOf(n),
        'gen_ai.usage.input_tokens': usage.input,
        'gen_ai.usage.output_tokens': usage.output,
        'gen_ai.usage.total_tokens': usage.input + usage.output,
        'langsmith.usage_metadata': usageJsonOf(usage),
      },
      content: CONTENT,
    })
  },
  step: (n) =>
    sketchOf(EMITTER, n, {
      name: n % 2 === 0 ? 'search' : 'ChatPromptTemplate',
      kind: 1,
      attributes: { 'langsmith.span.kind': n % 2 === 0 ? 'tool' : 'prompt', ...metadataOf(n) },
      content: { 'gen_ai.prompt': PROMPT },
    }),
}
