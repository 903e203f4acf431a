/**
 * Bodies and events of Amazon Bedrock: Converse, and InvokeModel in the shapes of the models' makers. Shapes follow the types of
 * client-bedrock-runtime 3.1164 and the makers' pages; events are framed by the SDK's own codec.
 */
import { EventStreamCodec } from '@smithy/core/event-streams'
import { fromUtf8, toUtf8 } from '@smithy/core/serde'
import { message, messageEvents } from './anthropic-wire.ts'
import { type BedrockCounts, countsBeside } from './bedrock-usage.ts'
import { chatCompletion } from './openai-wire.ts'
import type { SettledAnswer, StubAnswer, StubApi, StubError } from './stub-answer.ts'
import { piecesOf, type WireEvent } from './wire-event.ts'

const METHODS =
  /^(?<lane>.*)\/model\/(?<model>[^/]+)\/(?<method>converse|converse-stream|invoke|invoke-with-response-stream)$/

export interface BedrockPlace {
  readonly lane: string
  readonly model: string
  readonly api: StubApi
  readonly isStream: boolean
}

/** Bedrock names model and method in the path. */
export const bedrockPlaceOf = (pathname: string): BedrockPlace | undefined => {
  const { lane = '', model: encoded = '', method = '' } = METHODS.exec(pathname)?.groups ?? {}
  if (method === '') return undefined
  const model = decodeURIComponent(encoded)
  return { lane, model, api: apiOf(method, model), isStream: method.endsWith('-stream') }
}

const apiOf = (method: string, model: string): StubApi => {
  if (method.startsWith('converse')) return 'bedrock.converse'
  if (model.includes('anthropic.')) return 'bedrock.invoke.anthropic'
  return model.includes('amazon.nova') ? 'bedrock.invoke.nova' : 'bedrock.invoke'
}

const stopReasonOf = ({ toolCall }: SettledAnswer): string => (toolCall === undefined ? 'end_turn' : 'tool_use')

const contentOf = ({ id, text, toolCall }: SettledAnswer): object =>
  toolCall === undefined
    ? { text }
    : { toolUse: { toolUseId: `tooluse_${id}`, name: toolCall.name, input: toolCall.arguments } }

const tierIn = ({ serviceTier }: SettledAnswer): object => ({ serviceTier: { type: serviceTier } })
const usageIn = ({ usage }: SettledAnswer): object => (usage === null ? {} : { usage })

export const converse = (answer: SettledAnswer): unknown => ({
  output: { message: { role: 'assistant', content: [contentOf(answer)] } },
  stopReason: stopReasonOf(answer),
  metrics: { latencyMs: 12 },
  ...usageIn(answer),
  ...tierIn(answer),
})

const startOf = ({ id, toolCall }: SettledAnswer): WireEvent[] =>
  toolCall === undefined
    ? []
    : [
        {
          name: 'contentBlockStart',
          data: { contentBlockIndex: 0, start: { toolUse: { toolUseId: `tooluse_${id}`, name: toolCall.name } } },
        },
      ]

const deltasOf = ({ text, toolCall }: SettledAnswer): object[] =>
  toolCall === undefined
    ? piecesOf(text).map((piece) => ({ text: piece }))
    : [{ toolUse: { input: JSON.stringify(toolCall.arguments) } }]

export const converseEvents = (answer: SettledAnswer): WireEvent[] => [
  { name: 'messageStart', data: { role: 'assistant' } },
  ...startOf(answer),
  ...deltasOf(answer).map((delta) => ({ name: 'contentBlockDelta', data: { contentBlockIndex: 0, delta } })),
  { name: 'contentBlockStop', data: { contentBlockIndex: 0 } },
  { name: 'messageStop', data: { stopReason: stopReasonOf(answer) } },
  { name: 'metadata', data: { ...usageIn(answer), metrics: { latencyMs: 12 }, ...tierIn(answer) } },
]

/** Bodies of makers that leave the counting to Bedrock, except Llama and Titan. */
export const invokedBody = (answer: SettledAnswer): unknown => {
  const { model, text, toolCall, usage } = answer
  const { inputTokenCount: input, outputTokenCount: output } = (usage ?? {}) as Partial<BedrockCounts>
  if (model.includes('embed-text')) return { embedding: [0.5, 0.25], inputTextTokenCount: input }
  if (model.includes('meta.')) {
    return { generation: text, prompt_token_count: input, generation_token_count: output, stop_reason: 'stop' }
  }
  if (model.includes('mistral.')) return chatCompletion({ ...answer, usage: null })
  const toolCalls = toolCall === undefined ? [] : [{ name: toolCall.name, parameters: toolCall.arguments }]
  return { response_id: answer.id, text, finish_reason: 'COMPLETE', tool_calls: toolCalls }
}

export const novaBody = (answer: SettledAnswer): unknown => ({
  output: { message: { role: 'assistant', content: [contentOf(answer)] } },
  stopReason: stopReasonOf(answer),
  ...usageIn(answer),
})

export const anthropicBody = message

/** Pieces of JSON as bytes; the last one brings Bedrock's own counts. */
const chunksOf = (parts: readonly object[], { usage }: SettledAnswer): WireEvent[] =>
  parts.map((part, index) => {
    const counts = usage === null || index < parts.length - 1 ? undefined : countsBeside(usage)
    const metrics = counts && { ...counts, invocationLatency: 12, firstByteLatency: 3 }
    const json = JSON.stringify({ ...part, ...(metrics && { 'amazon-bedrock-invocationMetrics': metrics }) })
    return { name: 'chunk', data: { bytes: Buffer.from(json).toString('base64') } }
  })

export const anthropicChunks = (settled: SettledAnswer, answer: StubAnswer): WireEvent[] =>
  chunksOf(
    messageEvents(settled, answer).map(({ data }) => data as object),
    settled,
  )

/** The events of Converse, each under its name. */
export const novaChunks = (settled: SettledAnswer): WireEvent[] =>
  chunksOf(
    converseEvents(settled).map(({ name = '', data }) => ({ [name]: data })),
    settled,
  )

export const invokedChunks = (settled: SettledAnswer): WireEvent[] => {
  const { text, toolCall } = settled
  const last = toolCall === undefined ? {} : { tool_calls: [{ name: toolCall.name, parameters: toolCall.arguments }] }
  return chunksOf([...piecesOf(text).map((piece) => ({ generation: piece })), { generation: '', ...last }], settled)
}

/** Headers of InvokeModel with Bedrock's counts. */
export const countHeaders = ({ usage }: SettledAnswer): Readonly<Record<string, string>> => {
  if (usage === null) return {}
  const { inputTokenCount, outputTokenCount, cacheReadInputTokenCount, cacheWriteInputTokenCount } = countsBeside(usage)
  return {
    'x-amzn-bedrock-input-token-count': String(inputTokenCount),
    'x-amzn-bedrock-output-token-count': String(outputTokenCount),
    'x-amzn-bedrock-cache-read-input-token-count': String(cacheReadInputTokenCount),
    'x-amzn-bedrock-cache-write-input-token-count': String(cacheWriteInputTokenCount),
  }
}

const RETRYABLE_STATUS_MIN = 500

const kindOf = ({ status, type }: StubError): string =>
  type ?? (status >= RETRYABLE_STATUS_MIN ? 'ServiceUnavailableException' : 'ValidationException')

export const bedrockError = (error: StubError): unknown => ({
  __type: kindOf(error),
  message: error.message ?? 'stubbed failure',
})

/** Exceptions within a stream begin with a small letter. */
export const bedrockErrorEvent = ({ message: text = 'stubbed failure' }: StubError): WireEvent => ({
  name: 'throttlingException',
  isException: true,
  data: { message: text },
})

const codec = new EventStreamCodec(toUtf8, fromUtf8)

export const encodeAwsEvent = ({ name = '', data, isException = false }: WireEvent): Uint8Array => {
  const text = (value: string) => ({ type: 'string' as const, value })
  return codec.encode({
    headers: {
      ':message-type': text(isException ? 'exception' : 'event'),
      [isException ? ':exception-type' : ':event-type']: text(name),
      ':content-type': text('application/json'),
    },
    body: fromUtf8(JSON.stringify(data)),
  })
}
