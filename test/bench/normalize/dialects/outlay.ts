/** Our own instrumentation: the provider's usage object on the call, all attribution on every span, never content. */
import { OUTLAY, OWN_SCOPE_NAME } from '@outlay/semconv'
import { type AttributeMap, sketchOf } from '../span-sketch.ts'
import { anthropicUsageOf, type BenchDialect, sessionOf, usageOf, userOf } from './bench-dialect.ts'

const EMITTER = { scope: OWN_SCOPE_NAME, scopeVersion: '1.0.0' }

const attributionOf = (n: number): AttributeMap => ({
  [OUTLAY.TENANT_ID]: `tenant-${n % 97}`,
  'user.id': userOf(n),
  [OUTLAY.FEATURE]: 'support-chat',
  [OUTLAY.WORKLOAD]: 'agent',
  [OUTLAY.TASK_ID]: `task-${n}`,
  [OUTLAY.TASK_TYPE]: 'resolve-ticket',
  'session.id': sessionOf(n),
  [OUTLAY.TURN_ID]: `turn-${n}`,
})

export const outlay: BenchDialect = {
  name: 'Outlay',
  run: (n) =>
    sketchOf(EMITTER, n, {
      name: 'invoke_agent support',
      kind: 1,
      attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'support', ...attributionOf(n) },
    }),
  call: (n) => {
    const usage = usageOf(n)
    return sketchOf(EMITTER, n, {
      name: 'chat claude-sonnet-4-5',
      kind: 3,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'anthropic',
        'server.address': 'api.anthropic.com',
        'gen_ai.request.model': 'claude-sonnet-4-5',
        'gen_ai.response.model': 'claude-sonnet-4-5-20250929',
        'gen_ai.response.id': `msg_${n}`,
        ...attributionOf(n),
        'gen_ai.usage.input_tokens': usage.input,
        'gen_ai.usage.output_tokens': usage.output,
        [OUTLAY.LEAF_ID]: `leaf-${n}`,
        [OUTLAY.ATTEMPT]: 1,
        [OUTLAY.USAGE_STATUS]: 'reported',
        [OUTLAY.USAGE_RAW]: JSON.stringify(anthropicUsageOf(usage)),
      },
    })
  },
  step: (n) =>
    sketchOf(EMITTER, n, {
      name: 'execute_tool search',
      kind: 1,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'search',
        'gen_ai.tool.call.id': `call_${n}`,
        ...attributionOf(n),
      },
    }),
}
