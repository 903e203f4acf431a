/**
 * Amazon Bedrock InvokeModel: bodies of the model's maker, each with its own usage or none, and the counts of Bedrock in headers
 * or in the last event. The maker's usage comes first, since it alone tells how long caches live.
 */
import type { Attributes } from '@opentelemetry/api'
import { diag } from '@opentelemetry/api'
import { limits } from '@outlay/core'
import { readRawUsage } from '@outlay/semconv'
import { ATTR } from '#src/attribute-names.ts'
import type { CallOperation } from '#src/call/call-span.ts'
import type { ModelApi, StreamReader } from '#src/call/model-api.ts'
import { fieldOf, isObject, objectOf, textOf } from '#src/call/untyped.ts'
import { put } from './attributes.ts'
import { answerFrom, createUsageReader } from './generic.ts'

const PROVIDER = 'aws.bedrock'

/** Header → the name that Bedrock's own metrics have for the same count. */
const TOKEN_HEADERS: readonly (readonly [header: string, name: string])[] = [
  ['x-amzn-bedrock-input-token-count', 'inputTokenCount'],
  ['x-amzn-bedrock-output-token-count', 'outputTokenCount'],
  ['x-amzn-bedrock-cache-read-input-token-count', 'cacheReadInputTokenCount'],
  ['x-amzn-bedrock-cache-write-input-token-count', 'cacheWriteInputTokenCount'],
]

/** By the output that they belong to: the SDK does not show headers. */
const tokenHeaders = new WeakMap<object, object>()

/** Keeps the counts among the headers of a response for when its output is read. */
export const keepTokenHeaders = (output: unknown, headers: unknown): void => {
  if (!isObject(output)) return
  const counts: Record<string, number> = {}
  for (const [header, name] of TOKEN_HEADERS) {
    const count = textOf(headers, header)
    if (count !== undefined && /^\d{1,15}$/.test(count)) counts[name] = Number(count)
  }
  if (Object.keys(counts).length > 0) tokenHeaders.set(output, counts)
}

/** No model is named: the maker's body has a name without the scope of the inference profile, on which the price depends. */
const fieldsOf = (output: unknown) => ({
  id: textOf(fieldOf(output, '$metadata'), 'requestId'),
  tier: textOf(output, 'serviceTier'),
})

const parseBytes = (bytes: unknown): unknown => {
  if (!(bytes instanceof Uint8Array)) return undefined
  if (bytes.byteLength > limits.instrumentation.modelBodyBytesMax) {
    diag.warn('outlay: the body of a model is too large to look for usage in it: what the headers count is taken')
    return undefined
  }
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    return undefined
  }
}

const usageOf = (output: unknown): object | undefined => {
  const body = parseBytes(fieldOf(output, 'body'))
  const own = objectOf(body, 'usage')
  if (own !== undefined && readRawUsage({ provider: PROVIDER }, own)?.inputReported === true) return own
  const counted = isObject(output) ? tokenHeaders.get(output) : undefined
  return counted ?? countersIn(body)
}

/** Counters that stand beside content: these alone are taken. Cohere's, Llama's, Titan's. */
const countersIn = (body: unknown): object | undefined => {
  const billed = objectOf(objectOf(body, 'meta'), 'billed_units')
  if (billed !== undefined) return { billed_units: billed }
  const counters = pick(body, ['prompt_token_count', 'generation_token_count', 'inputTextTokenCount'])
  const results = fieldOf(body, 'results')
  if (Array.isArray(results) && counters['inputTextTokenCount'] !== undefined) {
    counters['results'] = results.map((each) => pick(each, ['tokenCount']))
  }
  return Object.keys(counters).length === 0 ? undefined : counters
}

const pick = (value: unknown, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    names.map((name) => [name, fieldOf(value, name)] as const).filter(([, field]) => typeof field === 'number'),
  )

/** Events are the maker's, as bytes of JSON. */
const createReader = (output: unknown): StreamReader => {
  const reader = createUsageReader('bedrock_invoke', PROVIDER, () => ({}), fieldsOf(output))
  return {
    read: (event) => reader.read(parseBytes(fieldOf(fieldOf(event, 'chunk'), 'bytes'))),
    answer: reader.answer,
    get counted() {
      return reader.counted
    },
    get finished() {
      return reader.finished
    },
  }
}

const invokeApi = (operation: CallOperation): ModelApi => ({
  operation,
  modelOf: (command) => textOf(fieldOf(command, 'input'), 'modelId'),
  requestAttributes(command) {
    const attributes: Attributes = {}
    put(attributes, ATTR.openaiRequestTier, textOf(fieldOf(command, 'input'), 'serviceTier'))
    return attributes
  },
  prepare: (command) => ({ body: command, createReader }),
  // Bytes, or a stream of events.
  streamIn: (output) => fieldOf(output, 'body'),
  answerOf: (output) => answerFrom(PROVIDER, { ...fieldsOf(output), usage: usageOf(output) }),
})

/** By what the makers call their models. */
const KINDS: readonly (readonly [RegExp, ModelApi])[] = [
  [/embed/, invokeApi('embeddings')],
  [/rerank/, invokeApi('rerank')],
  [/image|canvas|reel|stability/, invokeApi('generate_content')],
]
const CHAT = invokeApi('chat')

export const invokeApiOf = (command: unknown): ModelApi => {
  const model = textOf(fieldOf(command, 'input'), 'modelId') ?? ''
  return KINDS.find(([pattern]) => pattern.test(model))?.[1] ?? CHAT
}
