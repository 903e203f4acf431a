/**
 * What LangChain tells of one model call. The provider's usage object where it is handed on whole, else LangChain's own counters,
 * whose input holds the caches. Chunks of Anthropic are read one by one: their output counts are running totals, which
 * LangChain adds up.
 */
import type { Attributes } from '@opentelemetry/api'
import { ATTR } from '#src/attribute-names.ts'
import { type Answer, NO_ANSWER } from '#src/call/model-api.ts'
import { countOf, fieldOf, objectOf, textOf } from '#src/call/untyped.ts'
import { answerFromUsage } from '#src/frameworks/provider-answer.ts'
import { put } from '#src/providers/attributes.ts'

/** LangChain makes ids up where the provider gave none. */
const MADE_UP = /^(lc_)?run-/

interface AnthropicStart {
  readonly usage: Readonly<Record<string, unknown>>
  readonly input: number
}

export class RunAnswer {
  readonly #provider: string
  readonly #attributes: Attributes = {}
  #usage: object | undefined
  #counters: unknown
  #anthropic: AnthropicStart | undefined
  #output: number | undefined

  constructor(provider: string) {
    this.#provider = provider
  }

  readChunk(message: unknown): void {
    this.#identify(message)
    const metadata = fieldOf(message, 'response_metadata')
    const counters = objectOf(message, 'usage_metadata')
    if (fieldOf(metadata, 'model_provider') === 'anthropic' && counters !== undefined) this.#start(metadata, counters)
    if (this.#anthropic !== undefined) this.#output = countOf(counters, 'output_tokens') ?? this.#output
    else this.#takeUsage(metadata)
  }

  /** The whole message, for chunks that were added up too. */
  readEnd(message: unknown, llmOutput: unknown): void {
    this.#identify(message)
    if (this.#anthropic !== undefined) return
    this.#takeUsage(fieldOf(message, 'response_metadata'))
    this.#counters = objectOf(message, 'usage_metadata') ?? objectOf(llmOutput, 'tokenUsage')
  }

  readonly answer = (): Answer => {
    const counted = this.#counted()
    return { ...counted, attributes: { ...counted.attributes, ...this.#attributes } }
  }

  #counted(): Answer {
    if (this.#anthropic !== undefined) return answerFromUsage(usageOf(this.#anthropic, this.#output), this.#provider)
    if (this.#usage !== undefined) return answerFromUsage(this.#usage, this.#provider)
    const attributes = countersOf(this.#counters)
    return Object.keys(attributes).length === 0
      ? NO_ANSWER
      : { attributes, usage: undefined, countedInAttributes: true }
  }

  #identify(message: unknown): void {
    const id = textOf(message, 'id')
    const metadata = fieldOf(message, 'response_metadata')
    put(this.#attributes, ATTR.responseId, id === undefined || MADE_UP.test(id) ? undefined : id)
    put(this.#attributes, ATTR.openaiServiceTier, textOf(metadata, 'service_tier'))
    // Added up, `model` would be the name twice.
    put(this.#attributes, ATTR.responseModel, textOf(metadata, 'model_name') ?? startedModel(message))
  }

  #start(metadata: unknown, counters: Record<string, unknown>): void {
    const usage = objectOf(metadata, 'usage')
    const input = countOf(counters, 'input_tokens')
    if (usage !== undefined && input !== undefined) this.#anthropic = { usage, input }
  }

  /** Empty, or without an input count, until the provider has counted. */
  #takeUsage(metadata: unknown): void {
    const usage = objectOf(metadata, 'usage')
    if (usage !== undefined && INPUT_COUNTS.some((name) => countOf(usage, name) !== undefined)) this.#usage = usage
  }
}

const INPUT_COUNTS = ['input_tokens', 'prompt_tokens', 'inputTokens']

const startedModel = (message: unknown): string | undefined => textOf(fieldOf(message, 'additional_kwargs'), 'model')

/** Anthropic's object: the input lies beside the caches, and the start of a stream has the placeholder of an output. */
const usageOf = ({ usage, input }: AnthropicStart, output: number | undefined): object => {
  const cached = (countOf(usage, 'cache_read_input_tokens') ?? 0) + (countOf(usage, 'cache_creation_input_tokens') ?? 0)
  return {
    ...usage,
    input_tokens: input - cached,
    ...(output === undefined ? {} : { output_tokens: output }),
  }
}

const countersOf = (counters: unknown): Attributes => {
  const attributes: Attributes = {}
  const [input, output] = [fieldOf(counters, 'input_token_details'), fieldOf(counters, 'output_token_details')]
  put(attributes, ATTR.inputTokens, countOf(counters, 'input_tokens') ?? countOf(counters, 'promptTokens'))
  put(attributes, ATTR.outputTokens, countOf(counters, 'output_tokens') ?? countOf(counters, 'completionTokens'))
  put(attributes, ATTR.cacheReadTokens, countOf(input, 'cache_read'))
  put(attributes, ATTR.cacheWriteTokens, countOf(input, 'cache_creation'))
  put(attributes, ATTR.cacheCreationTokens, countOf(input, 'cache_creation'))
  put(attributes, ATTR.audioInputTokens, countOf(input, 'audio'))
  put(attributes, ATTR.reasoningTokens, countOf(output, 'reasoning'))
  put(attributes, ATTR.audioOutputTokens, countOf(output, 'audio'))
  return attributes
}
