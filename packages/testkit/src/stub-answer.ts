/** What the stub answers: scripted by the caller, or derived from the request alone so that a run can be repeated. */
import { digest64, type MeterQuantities } from '@outlay/core'
import { bedrockPlaceOf } from './bedrock-wire.ts'
import { geminiPlaceOf } from './gemini-wire.ts'
import { type AnthropicUsage, type StubUsage, usageOf } from './stub-usage.ts'

export type StubApi =
  | 'openai.chat'
  | 'openai.responses'
  | 'openai.embeddings'
  | 'openai.images'
  | 'openai.transcriptions'
  | 'anthropic.messages'
  | 'gemini.generate'
  | 'gemini.embed'
  | 'mistral.chat'
  | 'mistral.embeddings'
  | 'cohere.chat'
  | 'cohere.embed'
  | 'cohere.rerank'
  | 'bedrock.converse'
  | 'bedrock.invoke.anthropic'
  | 'bedrock.invoke.nova'
  | 'bedrock.invoke'

/** One request as it arrived, credentials left out. */
export interface StubRequest {
  readonly method: string
  /** Path of the endpoint, without the lane. */
  readonly path: string
  /**
   * What stood before the endpoint's path, e.g. `/agent-1` for `/agent-1/v1/messages`: callers that share one stub tell
   * each other apart by their base URL. Empty = nothing.
   */
  readonly lane: string
  /** Lower-case names; authorization, x-api-key and cookies are never recorded. */
  readonly headers: Readonly<Record<string, string>>
  /** Parsed JSON body; `undefined` when there was none. */
  readonly body: unknown
  /** `undefined` for a path that no stubbed API has. */
  readonly api: StubApi | undefined
}

export interface StubError {
  /** HTTP status, 400 to 599. */
  readonly status: number
  readonly type?: string
  readonly message?: string
  /** Tells the SDK to try again at once. Default: it must not. */
  readonly retryable?: boolean
}

/** The model asks for a tool instead of answering with text. */
export interface StubToolCall {
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
}

export interface StubAnswer {
  /** Disjoint meters; the stub turns them into the API's usage object. */
  readonly meters?: MeterQuantities
  /** The provider's usage object, sent as it is; wins over `meters`. `null` leaves usage out. */
  readonly usage?: StubUsage | null
  readonly text?: string
  /** Wins over `text`. */
  readonly toolCall?: StubToolCall
  /** Model of the response; default: the requested one. */
  readonly model?: string
  readonly serviceTier?: string
  /** An error response instead of an answer. */
  readonly error?: StubError
  /** Time before the answer; never by default. */
  readonly delayMs?: number
  /** Streams: the connection breaks after this many events. */
  readonly abortAfterChunks?: number
  /** Streams: an error event follows after this many events. */
  readonly errorAfterChunks?: number
  /** Streams: the connection stays open after this many events and sends nothing more. */
  readonly stallAfterChunks?: number
  /** Anthropic streams: usage of each `message_delta`, in order. Default: one with the final counters. */
  readonly messageDeltas?: readonly Partial<AnthropicUsage>[]
}

/** Answers in order (then the defaults), or one function for all; `undefined` means the default answer. */
export type StubScript = readonly StubAnswer[] | ((request: StubRequest) => StubAnswer | undefined)

/** One answer as it was sent, in full or in part. */
export interface StubServed {
  readonly lane: string
  readonly api: StubApi
  /** As in the response, prefix of the API included. */
  readonly responseId: string
  readonly model: string
  /** The object that the answer carried, or would have carried in the events that were cut off. */
  readonly usage: StubUsage | null
}

/** An answer with nothing left to decide. */
export interface SettledAnswer {
  readonly id: string
  readonly model: string
  readonly text: string
  readonly toolCall: StubToolCall | undefined
  readonly usage: StubUsage | null
  readonly serviceTier: string
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

const TOKENS_PER_TEXT = { min: 12, spread: 180 }
const CHARACTERS_PER_TOKEN = 4
/** Providers cache prompts from about a thousand tokens on. */
const CACHE_FROM_TOKENS = 1_024

/**
 * Fills in whatever the script left open. Usage depends on the request body only;
 * `ordinal` keeps response ids unique, as they are at a real provider.
 */
export const settleAnswer = (
  api: StubApi,
  request: StubRequest,
  answer: StubAnswer,
  ordinal: number,
): SettledAnswer => {
  const fingerprint = digest64([api, JSON.stringify(request.body ?? null)])
  const requested =
    fieldOf(request.body, 'model') ?? geminiPlaceOf(request.path)?.model ?? bedrockPlaceOf(request.path)?.model
  return {
    id: `${fingerprint.toString(16).padStart(16, '0')}${ordinal.toString(16).padStart(8, '0')}`,
    model: answer.model ?? (typeof requested === 'string' ? requested : 'unknown-model'),
    text: answer.text ?? 'Here is the answer that you asked for.',
    toolCall: answer.toolCall,
    usage:
      answer.usage === undefined
        ? usageOf(api, answer.meters ?? defaultMeters(api, request, fingerprint))
        : answer.usage,
    serviceTier: answer.serviceTier ?? (api === 'anthropic.messages' ? 'standard' : 'default'),
  }
}

const promptOf = (body: unknown): unknown =>
  fieldOf(body, 'messages') ?? fieldOf(body, 'input') ?? fieldOf(body, 'contents') ?? fieldOf(body, 'prompt') ?? ''

const WITHOUT_OUTPUT: ReadonlySet<StubApi> = new Set([
  'openai.embeddings',
  'gemini.embed',
  'mistral.embeddings',
  'cohere.embed',
])

const defaultMeters = (api: StubApi, request: StubRequest, fingerprint: bigint): MeterQuantities => {
  const promptTokens = Math.max(1, Math.ceil(JSON.stringify(promptOf(request.body)).length / CHARACTERS_PER_TOKEN))
  if (api === 'cohere.rerank') return { search_unit: 1 }
  if (WITHOUT_OUTPUT.has(api)) return { input: promptTokens }
  const cached = promptTokens >= CACHE_FROM_TOKENS ? Math.floor(promptTokens / 2) : 0
  const outputTokens = TOKENS_PER_TEXT.min + Number(fingerprint % BigInt(TOKENS_PER_TEXT.spread))
  const reasoning = /^(gpt-5|gpt-6|o\d)/.test(String(fieldOf(request.body, 'model'))) ? Math.floor(outputTokens / 3) : 0
  return {
    input: promptTokens - cached,
    ...(cached === 0 ? {} : { cache_read: cached }),
    output: outputTokens - reasoning,
    output_reasoning: reasoning,
  }
}
