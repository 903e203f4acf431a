/** Vercel AI SDK 6: the root repeats the sums, the raw usage object hides in provider metadata of the inner span. */
import { type AttributeMap, sketchOf } from '../span-sketch.ts'
import { anthropicUsageOf, type BenchDialect, type CallUsage, PROMPT, sessionOf, usageOf } from './bench-dialect.ts'

const EMITTER = { scope: 'ai', scopeVersion: '' }

const countersOf = ({ input, output, cacheRead, cacheWrite, reasoning }: CallUsage): AttributeMap => ({
  'ai.usage.inputTokens': input,
  'ai.usage.inputTokenDetails.noCacheTokens': input - cacheRead - cacheWrite,
  'ai.usage.inputTokenDetails.cacheReadTokens': cacheRead,
  'ai.usage.inputTokenDetails.cacheWriteTokens': cacheWrite,
  'ai.usage.outputTokens': output,
  'ai.usage.outputTokenDetails.textTokens': output - reasoning,
  'ai.usage.outputTokenDetails.reasoningTokens': reasoning,
  'ai.usage.totalTokens': input + output,
})

const operation = (name: string): AttributeMap => ({
  'operation.name': `${name} support-chat`,
  'ai.operationId': name,
  'ai.telemetry.functionId': 'support-chat',
})

const MODEL = { 'ai.model.provider': 'anthropic.messages', 'ai.model.id': 'claude-sonnet-4-5' }

export const aiSdk: BenchDialect = {
  name: 'AI SDK 6',
  run: (n) =>
    sketchOf(EMITTER, n, {
      name: 'ai.generateText',
      kind: 1,
      attributes: {
        ...operation('ai.generateText'),
        'ai.telemetry.metadata.sessionId': sessionOf(n),
        ...MODEL,
        'ai.settings.maxRetries': 2,
        ...countersOf(usageOf(n)),
      },
      content: { 'ai.prompt': PROMPT, 'ai.response.text': PROMPT },
    }),
  call: (n) => {
    const usage = usageOf(n)
    const metadata = { anthropic: { usage: anthropicUsageOf(usage), container: null } }
    return sketchOf(EMITTER, n, {
      name: 'ai.generateText.doGenerate',
      kind: 1,
      attributes: {
        ...operation('ai.generateText.doGenerate'),
        ...MODEL,
        'ai.response.id': `msg_${n}`,
        'ai.response.model': 'claude-sonnet-4-5-20250929',
        ...countersOf(usage),
        'ai.response.providerMetadata': JSON.stringify(metadata),
        'gen_ai.usage.input_tokens': usage.input,
        'gen_ai.usage.output_tokens': usage.output,
        'gen_ai.system': 'anthropic.messages',
      },
      content: { 'ai.prompt.messages': PROMPT, 'ai.response.text': PROMPT },
    })
  },
  step: (n) =>
    sketchOf(EMITTER, n, {
      name: 'ai.toolCall',
      kind: 1,
      attributes: { ...operation('ai.toolCall'), 'ai.toolCall.name': 'search', 'ai.toolCall.id': `call_${n}` },
      content: { 'ai.toolCall.args': PROMPT, 'ai.toolCall.result': PROMPT },
    }),
}
