/** Traceloop around Anthropic's Python SDK: two scopes in one trace, association properties on every span. */
import { type AttributeMap, sketchOf } from '../span-sketch.ts'
import { type BenchDialect, PROMPT, sessionOf, usageOf, userOf } from './bench-dialect.ts'

const CALLS = { scope: 'opentelemetry.instrumentation.anthropic', scopeVersion: '0.47.5' }
const FLOW = { scope: 'traceloop.tracer', scopeVersion: '0.47.5' }

const associationOf = (n: number): AttributeMap => ({
  'traceloop.workflow.name': 'support-chat',
  'traceloop.association.properties.session_id': sessionOf(n),
  'traceloop.association.properties.user_id': userOf(n),
})

export const traceloop: BenchDialect = {
  name: 'Traceloop',
  run: (n) =>
    sketchOf(FLOW, n, {
      name: 'support-chat.workflow',
      kind: 1,
      attributes: {
        'traceloop.span.kind': 'workflow',
        'traceloop.entity.name': 'support-chat',
        ...associationOf(n),
      },
      content: { 'traceloop.entity.input': PROMPT },
    }),
  call: (n) => {
    const { input, output, cacheRead, cacheWrite } = usageOf(n)
    return sketchOf(CALLS, n, {
      name: 'anthropic.chat',
      kind: 3,
      attributes: {
        ...associationOf(n),
        'gen_ai.system': 'Anthropic',
        'llm.request.type': 'completion',
        'gen_ai.request.model': 'claude-sonnet-4-5',
        'gen_ai.response.model': 'claude-sonnet-4-5-20250929',
        'gen_ai.response.id': `msg_${n}`,
        'gen_ai.usage.input_tokens': input,
        'gen_ai.usage.output_tokens': output,
        'llm.usage.total_tokens': input + output,
        'gen_ai.usage.cache_read_input_tokens': cacheRead,
        'gen_ai.usage.cache_creation_input_tokens': cacheWrite,
      },
      content: { 'gen_ai.prompt.0.content': PROMPT, 'gen_ai.completion.0.content': PROMPT },
    })
  },
  step: (n) =>
    sketchOf(FLOW, n, {
      name: n % 2 === 0 ? 'search.tool' : 'plan.task',
      kind: 1,
      attributes: {
        'traceloop.span.kind': n % 2 === 0 ? 'tool' : 'task',
        'traceloop.entity.name': n % 2 === 0 ? 'search' : 'plan',
        ...associationOf(n),
      },
      content: { 'traceloop.entity.input': PROMPT, 'traceloop.entity.output': PROMPT },
    }),
}
