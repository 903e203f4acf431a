/**
 * The socket side of OTLP/HTTP: HTTP/1.1, and under TLS also HTTP/2 where the client chooses it (ALPN). Requests of both look
 * alike to whoever answers them, because Node's compatibility API gives an HTTP/2 stream the shape of an HTTP/1.1 request.
 * Knows how old each connection is: old ones are closed, so that clients spread over replicas.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type ServerHttp2Session,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Clock, limits } from '@outlay/core'
import type { TlsFiles } from '#src/tls/tls-files.ts'

const REQUESTS_PER_CONNECTION_MAX = 10_000
const CONNECTION_AGE_MS_MAX = 10 * 60_000
const STREAMS_MAX = 256
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
/** Longer than the load balancer's, or it would reuse connections that are just being closed. */
const IDLE_TIMEOUT_MS = 75_000

/** How often a timeout is looked at before it is over. */
const TIMEOUT_LOOKS = 4

/** In milliseconds. */
export interface HttpTimeouts {
  /** For the headers of a request. */
  readonly headersMs?: number
  /** For a whole request. */
  readonly requestMs?: number
  /** Of a connection without requests. */
  readonly idleMs?: number
}

export interface HttpListenerSettings {
  readonly tls: TlsFiles | undefined
  readonly timeouts: HttpTimeouts
  readonly clock: Clock
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => void
  /** What is no HTTP, over a connection that is not encrypted or was decrypted. */
  readonly onClientError: (error: Error, socket: Duplex) => void
  /** One more connection than there may be was closed as it opened: nobody could be told why. */
  readonly onConnectionRefused: () => void
}

interface Connection {
  readonly sinceMs: number
  requests: number
}

export class HttpListener {
  readonly #settings: HttpListenerSettings
  readonly #server: Server | Http2SecureServer
  readonly #sockets = new Set<Socket>()
  readonly #connections = new WeakMap<object, Connection>()

  constructor(settings: HttpListenerSettings) {
    this.#settings = settings
    this.#server = this.#createServer()
  }

  async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    return { port: (this.#server.address() as AddressInfo).port }
  }

  /** Resolves when no connection is left; they end with `closeConnections`. */
  stopListening(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  closeConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Counts the request on its connection; true if the connection should end with it. */
  isLastRequest(request: IncomingMessage): boolean {
    const connection = this.#connections.get(sessionOf(request) ?? request.socket)
    if (connection === undefined) return false
    connection.requests += 1
    const ageMs = this.#settings.clock.now() - connection.sinceMs
    return connection.requests >= REQUESTS_PER_CONNECTION_MAX || ageMs > CONNECTION_AGE_MS_MAX
  }

  #createServer(): Server | Http2SecureServer {
    const { tls, timeouts, onRequest, onClientError, onConnectionRefused } = this.#settings
    const { headersMs = HEADERS_TIMEOUT_MS, requestMs = REQUEST_TIMEOUT_MS, idleMs = IDLE_TIMEOUT_MS } = timeouts
    const http1: Http1Options = {
      maxHeaderSize: limits.headerBytesMax,
      // Node wants the part within the whole.
      headersTimeout: Math.min(headersMs, requestMs),
      requestTimeout: requestMs,
      // Node looks every 30 seconds by default: the times above would hold only to that.
      connectionsCheckingInterval: Math.ceil(Math.min(headersMs, requestMs) / TIMEOUT_LOOKS),
      keepAliveTimeout: idleMs,
    }
    const server = tls === undefined ? createServer({ ...http1, noDelay: true }) : secureServer(tls, http1)
    server.maxConnections = limits.connectionsMax
    server.on('drop', onConnectionRefused)
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    const opened = tls === undefined ? 'connection' : 'secureConnection'
    server.on(opened, (connection: object) => this.#remember(connection))
    server.on('session', (session: ServerHttp2Session) => this.#remember(session))
    server.on('request', (request: unknown, response: unknown) =>
      onRequest(request as IncomingMessage, response as ServerResponse, false),
    )
    server.on('checkContinue', (request: unknown, response: unknown) =>
      onRequest(request as IncomingMessage, response as ServerResponse, true),
    )
    server.on('clientError', (error: Error, socket: Duplex) => {
      // Where not even the handshake succeeded there is nobody to talk HTTP to.
      if (this.#connections.has(socket)) onClientError(error, socket)
      else socket.destroy()
    })
    return server
  }

  #remember(connection: object): void {
    this.#connections.set(connection, { sinceMs: this.#settings.clock.now(), requests: 0 })
  }
}

interface Http1Options {
  readonly maxHeaderSize: number
  readonly headersTimeout: number
  readonly requestTimeout: number
  readonly connectionsCheckingInterval: number
  readonly keepAliveTimeout: number
}

const secureServer = (tls: TlsFiles, http1: Http1Options): Http2SecureServer => {
  const server = createSecureServer({
    ...tls.context,
    ...http1,
    allowHTTP1: true,
    requestCert: tls.requiresClientCertificate,
    rejectUnauthorized: true,
    settings: { maxConcurrentStreams: STREAMS_MAX, maxHeaderListSize: limits.headerBytesMax },
  })
  server.setTimeout(http1.keepAliveTimeout)
  // A session that breaks is noticed by its streams.
  server.on('sessionError', () => undefined)
  server.on('stream', (stream) => {
    // HTTP/1.1 has this timeout built in.
    const timer = setTimeout(() => {
      if (!stream.readableEnded) stream.close(constants.NGHTTP2_CANCEL)
    }, http1.requestTimeout).unref()
    stream.on('close', () => clearTimeout(timer))
  })
  tls.watch((context) => server.setSecureContext(context))
  return server
}

/** Of a request over HTTP/2; undefined for one over HTTP/1.1. */
export const sessionOf = (request: IncomingMessage): ServerHttp2Session | undefined =>
  request.httpVersionMajor === 2
    ? ((request as unknown as Http2ServerRequest).stream.session as ServerHttp2Session | undefined)
    : undefined

/** Ends a stream whose request is not read to its end; HTTP/1.1 closes the connection for that. */
export const endUnreadStream = (request: IncomingMessage): void => {
  if (request.httpVersionMajor === 2)
    (request as unknown as Http2ServerRequest).stream.close(constants.NGHTTP2_NO_ERROR)
}
