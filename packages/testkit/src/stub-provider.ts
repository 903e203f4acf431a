/**
 * A model provider on loopback that answers the real SDKs. It keeps every request, so that a test can prove
 * that none was sent. Nothing is random: the same request gets the same counters.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { anthropicError, anthropicErrorEvent, message, messageEvents } from './anthropic-wire.ts'
import { type BatchedAnswer, type BatchedRequest, createBatchJobs } from './batch-jobs.ts'
import {
  anthropicBody,
  anthropicChunks,
  bedrockError,
  bedrockErrorEvent,
  bedrockPlaceOf,
  converse,
  converseEvents,
  countHeaders,
  encodeAwsEvent,
  invokedBody,
  invokedChunks,
  novaBody,
  novaChunks,
} from './bedrock-wire.ts'
import { cohereChat, cohereEmbeddings, cohereError, cohereEvents, cohereRanking } from './cohere-wire.ts'
import {
  geminiEmbeddings,
  geminiError,
  geminiErrorEvent,
  geminiPlaceOf,
  generatedContent,
  generatedContentEvents,
} from './gemini-wire.ts'
import { mistralCompletion, mistralEmbeddings, mistralEvents } from './mistral-wire.ts'
import { imageEvents, images, transcription, transcriptionEvents } from './openai-media-wire.ts'
import {
  chatCompletion,
  chatCompletionEvents,
  embeddings,
  openAIError,
  openAIErrorEvent,
  response,
  responseEvents,
} from './openai-wire.ts'
import {
  type SettledAnswer,
  type StubAnswer,
  type StubApi,
  type StubError,
  type StubRequest,
  type StubScript,
  type StubServed,
  settleAnswer,
} from './stub-answer.ts'
import { encodeEvent, type WireEvent } from './wire-event.ts'

export interface StubProviderOptions {
  readonly script?: StubScript
  /** Default 0: the system chooses. */
  readonly port?: number
}

export interface StubProvider extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`: base URL for the Anthropic and Google GenAI SDKs. */
  readonly url: string
  /** `url` + `/v1`: base URL for the OpenAI SDK. */
  readonly openaiUrl: string
  /** Every request since the start or the last `reset`, in order of arrival. */
  readonly requests: readonly StubRequest[]
  /** Every answer that was no error, in the same span of time. */
  readonly served: readonly StubServed[]
  /** Replaces what is left of the script and forgets the requests and answers. */
  reset(script?: StubScript): void
  /** Answers every batch job that was submitted to OpenAI or Anthropic; until then they are in progress. */
  endBatches(): void
  /** Closes open connections too. Idempotent. */
  close(): Promise<void>
}

/** The first that fits. Mistral and OpenAI share their paths: a base URL that ends with `/mistral` tells them apart. */
const APIS: Readonly<Record<string, StubApi>> = {
  '/mistral/v1/chat/completions': 'mistral.chat',
  '/mistral/v1/embeddings': 'mistral.embeddings',
  '/v1/chat/completions': 'openai.chat',
  '/v1/responses': 'openai.responses',
  '/v1/embeddings': 'openai.embeddings',
  '/v1/messages': 'anthropic.messages',
  '/v1/images/generations': 'openai.images',
  '/v1/images/edits': 'openai.images',
  '/v1/audio/transcriptions': 'openai.transcriptions',
  '/v2/chat': 'cohere.chat',
  '/v2/embed': 'cohere.embed',
  '/v2/rerank': 'cohere.rerank',
}

/** Azure puts the deployment between base URL and endpoint. */
const DEPLOYMENT = /\/deployments\/[^/]+(?=\/)/

/** Endpoints by how their path ends: the lane stands before it. */
const placeOf = (requested: string): Pick<StubRequest, 'path' | 'lane' | 'api'> => {
  const pathname = requested.replace(DEPLOYMENT, '')
  for (const [path, api] of Object.entries(APIS)) {
    if (pathname.endsWith(path)) return { path, lane: pathname.slice(0, -path.length), api }
  }
  const gemini = geminiPlaceOf(pathname)
  if (gemini !== undefined) return { path: pathname.slice(gemini.lane.length), lane: gemini.lane, api: gemini.api }
  const bedrock = bedrockPlaceOf(pathname)
  if (bedrock !== undefined) return { path: pathname.slice(bedrock.lane.length), lane: bedrock.lane, api: bedrock.api }
  return { path: pathname, lane: '', api: undefined }
}

const SECRET_HEADERS = new Set(['authorization', 'x-api-key', 'api-key', 'cookie', 'proxy-authorization'])

export const startStubProvider = async (options: StubProviderOptions = {}): Promise<StubProvider> => {
  const requests: StubRequest[] = []
  const served: StubServed[] = []
  let answerTo = answererOf(options.script)
  let ordinal = 0
  /** A request of a batch is scripted as any other, and stands in `served` but not in `requests`. */
  const answerInBatch = ({ path, body }: BatchedRequest): BatchedAnswer => {
    const { api = 'openai.chat' } = placeOf(path)
    const request: StubRequest = { method: 'POST', path, lane: '', headers: {}, body, api }
    const answer = answerTo(request)
    if (answer.error !== undefined) return { status: answer.error.status, body: ERRORS[api].body(answer.error) }
    ordinal += 1
    const serviceTier = answer.serviceTier ?? (api === 'anthropic.messages' ? 'batch' : undefined)
    const settled = settleAnswer(api, request, serviceTier === undefined ? answer : { ...answer, serviceTier }, ordinal)
    served.push(servedOf(request, api, settled))
    return { status: 200, body: BODIES[api](settled, body) }
  }
  const batches = createBatchJobs(answerInBatch)
  const server = createServer((incoming, outgoing) => {
    const serve = async (): Promise<void> => {
      const { request, text } = await recordOf(incoming)
      requests.push(request)
      ordinal += 1
      const { method, path, body } = request
      const reply = batches.serve({ method, path, body, text, url: `http://${incoming.headers.host}` })
      if (reply !== undefined) {
        if ('json' in reply) sendJson(outgoing, 200, reply.json)
        else outgoing.writeHead(200, { 'content-type': 'application/jsonl' }).end(reply.text)
        return
      }
      await respond(outgoing, request, { answer: answerTo(request), ordinal, served })
    }
    // A client that goes away mid-answer is part of what tests do.
    serve().catch(() => outgoing.destroy())
  })
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(options.port ?? 0, '127.0.0.1', listening)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = (): Promise<void> =>
    new Promise((closed) => {
      server.close(() => closed())
      server.closeAllConnections()
    })
  return {
    url,
    openaiUrl: `${url}/v1`,
    requests,
    served,
    reset: (script) => {
      requests.length = 0
      served.length = 0
      answerTo = answererOf(script)
    },
    endBatches: () => batches.end(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

const answererOf = (script: StubScript = []): ((request: StubRequest) => StubAnswer) => {
  if (typeof script === 'function') return (request) => script(request) ?? {}
  const queue = [...script]
  return () => queue.shift() ?? {}
}

/** Of a form only the short fields are kept, under their names. */
const bodyOf = (text: string, contentType: string): unknown => {
  if (text === '') return undefined
  if (!contentType.startsWith('multipart/form-data')) return JSON.parse(text)
  const fields = text.matchAll(/name="(?<name>\w+)"\r\n\r\n(?<value>.*)\r\n/g)
  return Object.fromEntries([...fields].map(({ groups }) => [groups?.['name'], groups?.['value']]))
}

/** A request, and its body as it came. */
const recordOf = async (
  incoming: IncomingMessage,
): Promise<{ readonly request: StubRequest; readonly text: string }> => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  const { pathname } = new URL(incoming.url ?? '/', 'http://stub')
  const request: StubRequest = {
    method: incoming.method ?? '',
    ...placeOf(pathname),
    headers: Object.fromEntries(
      Object.entries(incoming.headers)
        .filter(([name]) => !SECRET_HEADERS.has(name))
        .map(([name, value]) => [name, String(value)]),
    ),
    body: bodyOf(text, incoming.headers['content-type'] ?? ''),
  }
  return { request, text }
}

const servedOf = ({ lane }: StubRequest, api: StubApi, { id, model, usage }: SettledAnswer): StubServed => ({
  lane,
  api,
  responseId: `${ID_PREFIX[api]}${id}`,
  model,
  usage,
})

interface Turn {
  readonly answer: StubAnswer
  readonly ordinal: number
  readonly served: StubServed[]
}

const respond = async (
  outgoing: ServerResponse,
  request: StubRequest,
  { answer, ordinal, served }: Turn,
): Promise<void> => {
  if (answer.delayMs) await sleep(answer.delayMs)
  const api = request.method === 'POST' ? request.api : undefined
  if (api === undefined) {
    sendError(outgoing, 'openai.chat', { status: 404, message: `no such endpoint: ${request.method} ${request.path}` })
    return
  }
  if (answer.error !== undefined) {
    sendError(outgoing, api, answer.error)
    return
  }
  const settled = settleAnswer(api, request, answer, ordinal)
  served.push(servedOf(request, api, settled))
  const body = (request.body ?? {}) as { stream?: unknown; stream_options?: { include_usage?: boolean } | null }
  outgoing.setHeader(REQUEST_ID_HEADERS[api] ?? 'x-request-id', `req_${settled.id}`)
  if (api.startsWith('bedrock.invoke')) outgoing.setHeaders(new Headers(countHeaders(settled)))
  const isStream =
    String(body.stream) === 'true' ||
    geminiPlaceOf(request.path)?.isStream === true ||
    bedrockPlaceOf(request.path)?.isStream === true
  const eventsOf = isStream ? EVENTS[api] : undefined
  if (eventsOf === undefined) sendJson(outgoing, 200, BODIES[api](settled, request.body))
  else sendEvents(outgoing, api, answer, eventsOf(settled, answer, body.stream_options?.include_usage === true))
}

const REQUEST_ID_HEADERS: Readonly<Partial<Record<StubApi, string>>> = {
  'anthropic.messages': 'request-id',
  'bedrock.converse': 'x-amzn-requestid',
  'bedrock.invoke.anthropic': 'x-amzn-requestid',
  'bedrock.invoke.nova': 'x-amzn-requestid',
  'bedrock.invoke': 'x-amzn-requestid',
}

const ID_PREFIX: Readonly<Record<StubApi, string>> = {
  'openai.chat': 'chatcmpl-',
  'openai.responses': 'resp_',
  // Embeddings have no response id.
  'openai.embeddings': '',
  'anthropic.messages': 'msg_',
  'gemini.generate': '',
  'gemini.embed': '',
  // Neither images nor transcriptions have one.
  'openai.images': '',
  'openai.transcriptions': '',
  'mistral.chat': 'cmpl-',
  'mistral.embeddings': 'cmpl-',
  'cohere.chat': '',
  'cohere.embed': '',
  'cohere.rerank': '',
  'bedrock.converse': 'req_',
  'bedrock.invoke.anthropic': 'req_',
  'bedrock.invoke.nova': 'req_',
  'bedrock.invoke': 'req_',
}

type BodyWriter = (settled: SettledAnswer, requested: unknown) => unknown
type EventWriter = (settled: SettledAnswer, answer: StubAnswer, includeUsage: boolean) => WireEvent[]

const BODIES: Readonly<Record<StubApi, BodyWriter>> = {
  'openai.chat': chatCompletion,
  'openai.responses': response,
  'openai.embeddings': embeddings,
  'anthropic.messages': message,
  'gemini.generate': generatedContent,
  'gemini.embed': geminiEmbeddings,
  'openai.images': images,
  'openai.transcriptions': transcription,
  'mistral.chat': mistralCompletion,
  'mistral.embeddings': mistralEmbeddings,
  'cohere.chat': cohereChat,
  'cohere.embed': cohereEmbeddings,
  'cohere.rerank': cohereRanking,
  'bedrock.converse': converse,
  'bedrock.invoke.anthropic': anthropicBody,
  'bedrock.invoke.nova': novaBody,
  'bedrock.invoke': invokedBody,
}

const EVENTS: Readonly<Partial<Record<StubApi, EventWriter>>> = {
  'openai.chat': (settled, _answer, includeUsage) => chatCompletionEvents(settled, includeUsage),
  'openai.responses': responseEvents,
  'anthropic.messages': messageEvents,
  'gemini.generate': generatedContentEvents,
  'openai.images': imageEvents,
  'openai.transcriptions': transcriptionEvents,
  'mistral.chat': mistralEvents,
  'cohere.chat': cohereEvents,
  'bedrock.converse': converseEvents,
  'bedrock.invoke.anthropic': anthropicChunks,
  'bedrock.invoke.nova': novaChunks,
  'bedrock.invoke': invokedChunks,
}

interface ErrorWriter {
  readonly body: (error: StubError) => unknown
  readonly event: (error: StubError) => WireEvent
}

const OPENAI_ERRORS: ErrorWriter = { body: openAIError, event: openAIErrorEvent }

const COHERE_ERRORS: ErrorWriter = { body: cohereError, event: openAIErrorEvent }

const BEDROCK_ERRORS: ErrorWriter = { body: bedrockError, event: bedrockErrorEvent }

const ERRORS: Readonly<Record<StubApi, ErrorWriter>> = {
  'openai.chat': OPENAI_ERRORS,
  'openai.responses': OPENAI_ERRORS,
  'openai.embeddings': OPENAI_ERRORS,
  'anthropic.messages': { body: anthropicError, event: anthropicErrorEvent },
  'gemini.generate': { body: geminiError, event: geminiErrorEvent },
  'gemini.embed': { body: geminiError, event: geminiErrorEvent },
  'openai.images': OPENAI_ERRORS,
  'openai.transcriptions': OPENAI_ERRORS,
  'mistral.chat': OPENAI_ERRORS,
  'mistral.embeddings': OPENAI_ERRORS,
  'cohere.chat': COHERE_ERRORS,
  'cohere.embed': COHERE_ERRORS,
  'cohere.rerank': COHERE_ERRORS,
  'bedrock.converse': BEDROCK_ERRORS,
  'bedrock.invoke.anthropic': BEDROCK_ERRORS,
  'bedrock.invoke.nova': BEDROCK_ERRORS,
  'bedrock.invoke': BEDROCK_ERRORS,
}

const sendJson = (outgoing: ServerResponse, status: number, body: unknown): void => {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const sendError = (outgoing: ServerResponse, api: StubApi, error: StubError): void => {
  outgoing.setHeader('x-should-retry', error.retryable === true ? 'true' : 'false')
  if (error.retryable === true) outgoing.setHeader('retry-after-ms', '1')
  sendJson(outgoing, error.status, ERRORS[api].body(error))
}

const sendEvents = (outgoing: ServerResponse, api: StubApi, answer: StubAnswer, events: WireEvent[]): void => {
  const cut = answer.abortAfterChunks ?? answer.errorAfterChunks ?? answer.stallAfterChunks ?? events.length
  const isAws = api.startsWith('bedrock.')
  const type = isAws ? 'application/vnd.amazon.eventstream' : 'text/event-stream'
  outgoing.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' })
  const failure: StubError = { status: 529, type: 'overloaded_error', message: 'stubbed overload' }
  const sent =
    answer.errorAfterChunks === undefined ? events.slice(0, cut) : [...events.slice(0, cut), ERRORS[api].event(failure)]
  const bytes = isAws ? Buffer.concat(sent.map(encodeAwsEvent)) : sent.map(encodeEvent).join('')
  if (answer.abortAfterChunks !== undefined) outgoing.write(bytes, () => outgoing.destroy())
  else if (answer.stallAfterChunks !== undefined) outgoing.write(bytes)
  else outgoing.end(bytes)
}
