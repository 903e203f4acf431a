/**
 * OTLP/HTTP on one port: protobuf and JSON, on `node:http` and `node:http2` without a framework. An answer of 200 means that the stripped
 * request is fsynced in the log.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { availableParallelism } from 'node:os'
import type { Duplex } from 'node:stream'
import { limits } from '@outlay/core'
import type { TlsFiles } from '#src/tls/tls-files.ts'
import { within } from '#src/within.ts'
import { Cors, type CorsSettings } from './cors.ts'
import { type HttpAnswer, internalError, parseContentType } from './http-answer.ts'
import { exchange, type ExchangeSettings } from './http-exchange.ts'
import { endUnreadStream, HttpListener, type HttpTimeouts, sessionOf } from './http-listener.ts'
import { CONTENT_ENCODINGS, type ContentEncoding, Inflater } from './inflate.ts'
import { discardBody } from './read-body.ts'
import type { OtlpServer, Reception } from './reception.ts'
import { errorBody, RPC_CODES } from './rpc-status.ts'

const TRACE_PATH = '/v1/traces'
/** An unread body up to this size is read away, so that the connection can be used again. */
const UNREAD_BYTES_MAX = 64 * 1024
const NO_CONTENT = 204
const INFLATE_QUEUE_MAX = 1_024

export interface OtlpHttpSettings {
  readonly tracePath?: string
  /** Absent = not encrypted. */
  readonly tls?: TlsFiles | undefined
  /** Encodings of bodies that are taken; by default all that we know. */
  readonly encodings?: readonly ContentEncoding[]
  readonly timeouts?: HttpTimeouts
  /** Absent = no page of a browser may send. */
  readonly cors?: CorsSettings
}

class HttpReceiver implements OtlpServer {
  readonly #reception: Reception
  readonly #exchange: ExchangeSettings
  readonly #listener: HttpListener
  readonly #underWay = new Set<Promise<void>>()
  #draining = false
  #drainedBy: number | undefined

  constructor(reception: Reception, settings: OtlpHttpSettings) {
    this.#reception = reception
    this.#exchange = {
      ...reception,
      inflater: new Inflater({
        bodyBytesMax: reception.bodyBytesMax,
        ratioMax: limits.inflationRatioMax,
        ratioFreeBytes: limits.inflationRatioFreeBytes,
        zstdFramesMax: limits.zstdFramesMax,
        concurrencyMax: 2 * availableParallelism(),
        queueMax: INFLATE_QUEUE_MAX,
      }),
      tracePath: settings.tracePath ?? TRACE_PATH,
      cors: new Cors(settings.cors),
      encodings: settings.encodings ?? CONTENT_ENCODINGS,
      isDraining: () => this.#draining,
    }
    this.#listener = new HttpListener({
      tls: settings.tls,
      timeouts: settings.timeouts ?? {},
      clock: reception.clock,
      onRequest: (request, response, expectsContinue) => this.#start(request, response, expectsContinue),
      onClientError: answerClientError,
      onConnectionRefused: () => reception.metrics.refused('connections'),
    })
  }

  listen(address: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }> {
    return this.#listener.listen(address)
  }

  async drain(longestMs: number = limits.shutdownRequestsMs): Promise<void> {
    this.#draining = true
    this.#drainedBy ??= performance.now() + longestMs
    await within(Math.max(0, this.#drainedBy - performance.now()), Promise.all(this.#underWay))
  }

  async close(): Promise<void> {
    const closed = this.#listener.stopListening()
    await this.drain()
    this.#listener.closeConnections()
    await closed
  }

  #start(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const work = this.#answer(request, response, expectsContinue)
    this.#underWay.add(work)
    void work.finally(() => this.#underWay.delete(work))
  }

  /** Never rejects. */
  async #answer(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): Promise<void> {
    const startedMs = performance.now()
    // A connection that breaks is noticed by whoever reads or writes it.
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    const encoding = parseContentType(request.headers['content-type'])
    let answer: HttpAnswer | undefined
    try {
      answer = await exchange(this.#exchange, request, { response, expectsContinue })
    } catch (error) {
      this.#reception.onInternalError(error)
      answer = internalError(encoding ?? 'json')
    }
    if (answer === undefined) return
    if (answer.refusal !== undefined) this.#reception.metrics.refused(answer.refusal)
    const durationSeconds = (performance.now() - startedMs) / 1_000
    this.#reception.metrics.requestFinished({
      transport: 'http',
      encoding: encoding ?? 'unknown',
      code: answer.code,
      durationSeconds,
    })
    await this.#send(request, response, answer)
  }

  async #send(request: IncomingMessage, response: ServerResponse, answer: HttpAnswer): Promise<void> {
    const unread = hasUnreadBody(request)
    const isLast = this.#listener.isLastRequest(request) || this.#draining
    const session = sessionOf(request)
    const close = session === undefined && (unread || isLast)
    response.writeHead(answer.code, {
      ...this.#exchange.cors.headersOf(request),
      ...answer.headers,
      ...(answer.code === NO_CONTENT ? {} : { 'content-length': String(answer.body.length) }),
      ...(close ? { connection: 'close' } : {}),
    })
    // Streams that are open still get their answers.
    if (isLast) session?.close()
    if (!unread) {
      response.end(answer.body)
      return
    }
    response.write(answer.body)
    await discardBody(request)
    response.end()
    endUnreadStream(request)
  }
}

/** Whether so much of the body is outstanding that the connection is not worth keeping. */
const hasUnreadBody = (request: IncomingMessage): boolean => {
  if (request.complete) return false
  const announced = request.headers['content-length']
  // Over HTTP/2 a body may come without a word about it.
  if (announced === undefined) return request.httpVersionMajor === 2 || 'transfer-encoding' in request.headers
  return Number(announced) > UNREAD_BYTES_MAX
}

const CLIENT_ERRORS: Readonly<Record<string, { readonly code: number; readonly phrase: string }>> = {
  HPE_HEADER_OVERFLOW: { code: 431, phrase: 'Request Header Fields Too Large' },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 408, phrase: 'Request Timeout' },
}

/** What is not even HTTP gets a status of ours as well, and no connection. */
const answerClientError = (error: Error, socket: Duplex): void => {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (!socket.writable || code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const known = CLIENT_ERRORS[code] ?? { code: 400, phrase: 'Bad Request' }
  const body = errorBody('json', { code: RPC_CODES.invalidArgument, message: known.phrase })
  const head = `HTTP/1.1 ${known.code} ${known.phrase}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`
  socket.end(Buffer.concat([Buffer.from(`${head}\r\nconnection: close\r\n\r\n`), body]))
}

/**
 * The HTTP receiver in front of a log.
 *
 * ```ts
 * const server = createOtlpHttpServer(await openReception({ wal }))
 * const { port } = await server.listen({ host: '127.0.0.1', port: 4318 })
 * ```
 */
export const createOtlpHttpServer = (reception: Reception, settings: OtlpHttpSettings = {}): OtlpServer =>
  new HttpReceiver(reception, settings)
