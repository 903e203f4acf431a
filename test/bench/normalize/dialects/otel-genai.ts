/** OTel GenAI conventions of 1.40: semconv names only, no JSON, an agent span that repeats the sums. */
import { type AttributeMap, sketchOf } from '../span-sketch.ts'
import { type BenchDialect, type CallUsage, PROMPT, sessionOf, usageOf } from './bench-dialect.ts'

const EMITTER = { scope: 'opentelemetry.util.genai.handler', scopeVersion: '0.3b0' }

const countersOf = ({ input, output, cacheRead, cacheWrite, reasoning }: CallUsage): AttributeMap => ({
  'gen_ai.usage.input_tokens': input,
  'gen_ai.usage.output_tokens': output,
  'gen_ai.usage.cache_read.input_tokens': cacheRead,
  'gen_ai.usage.cache_creation.input_tokens': cacheWrite,
  'gen_ai.usage.reasoning.output_tokens': reasoning,
})

export const otelGenAi: BenchDialect = {
  name: 'OTel 1.40',
  run: (n) =>
    sketchOf(EMITTER, n, {
      name: 'invoke_agent support',
      kind: 1,
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': 'support',
        'gen_ai.agent.id': 'agent-7',
        'gen_ai.provider.name': 'openai',
        'gen_ai.conversation.id': sessionOf(n),
        'gen_ai.request.model': 'gpt-5',
        ...countersOf(usageOf(n)),
      },
      content: { 'gen_ai.input.messages': PROMPT },
    }),
  call: (n) =>
    sketchOf(EMITTER, n, {
      name: 'chat gpt-5',
      kind: 3,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.conversation.id': sessionOf(n),
        'gen_ai.request.model': 'gpt-5',
        'gen_ai.response.model': 'gpt-5-2025-08-07',
        'gen_ai.response.id': `resp_${n}`,
        'gen_ai.request.temperature': 0.25,
        'gen_ai.request.max_tokens': 4_096,
        'openai.response.service_tier': 'default',
        'server.address': 'api.openai.com',
        ...countersOf(usageOf(n)),
      },
      content: { 'gen_ai.input.messages': PROMPT, 'gen_ai.output.messages': PROMPT },
    }),
  step: (n) =>
    sketchOf(EMITTER, n, {
      name: 'execute_tool search',
      kind: 1,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'search',
        'gen_ai.tool.type': 'function',
        'gen_ai.tool.call.id': `call_${n}`,
      },
      content: { 'gen_ai.tool.call.arguments': PROMPT },
    }),
}
