/**
 * OTLP/gRPC: the one method of the trace service, on raw bytes. Decompression, size limits and unknown services are
 * grpc-js; everything behind the bytes is the same as for HTTP. An OK means that the stripped request is fsynced in the log.
 */
import {
  logVerbosity,
  Server,
  type ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  setLogVerbosity,
  status as Status,
} from '@grpc/grpc-js'
import { limits } from '@outlay/core'
import type { TlsFiles } from '#src/tls/tls-files.ts'
import { within } from '#src/within.ts'
import { grpcCredentials } from './grpc-credentials.ts'
import { GrpcCalls } from './grpc-calls.ts'
import { GrpcHealth, HEALTH_SERVICE } from './grpc-health.ts'
import { type GrpcRefusal, grpcStatus } from './grpc-status.ts'
import type { OtlpServer, Reception } from './reception.ts'
import type { TransientReason } from './receive-metrics.ts'
import { RETRY_MESSAGES, successBody } from './rpc-status.ts'
import { type IntakeOutcome, sharerOf } from './trace-intake.ts'

// What goes wrong is reported by whoever asked; a line of the library's own on stderr would be a second voice.
setLogVerbosity(logVerbosity.NONE)

const EXPORT_PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const STREAMS_MAX = 256
const CONNECTION_AGE_MS_MAX = 10 * 60_000
const CONNECTION_GRACE_MS = 30_000
const CONNECTION_IDLE_MS_MAX = 5 * 60_000
const KEEPALIVE_MS = 2 * 60_000
const KEEPALIVE_TIMEOUT_MS = 20_000
/** A shut-down that waits for clients which never hang up ends here. */
const SHUTDOWN_MS_MAX = 5_000

const raw = (bytes: Buffer): Buffer => bytes
const TRACE_SERVICE = {
  Export: {
    path: EXPORT_PATH,
    requestStream: false,
    responseStream: false,
    requestSerialize: raw,
    requestDeserialize: raw,
    responseSerialize: raw,
    responseDeserialize: raw,
  },
} as const

type Call = ServerUnaryCall<Buffer, Buffer>
type Answer = { readonly body: Buffer } | { readonly status: GrpcRefusal; readonly refusal?: TransientReason }

export interface OtlpGrpcSettings {
  /** Absent = not encrypted. */
  readonly tls?: TlsFiles | undefined
  readonly connections?: GrpcConnections
  /** What the health service says; by default that the server listens and does not drain. */
  readonly isReady?: () => boolean
}

/** Times in milliseconds. */
export interface GrpcConnections {
  /** Requests at once on one connection. */
  readonly streamsMax?: number
  /** Then a connection ends, so that clients spread over replicas. */
  readonly ageMsMax?: number
  /** For the requests that are under way then. */
  readonly ageGraceMs?: number
  readonly idleMsMax?: number
  /** A quiet connection is asked whether it still lives, this often and for so long. */
  readonly pingEveryMs?: number
  readonly pingTimeoutMs?: number
}

class GrpcReceiver implements OtlpServer {
  readonly #reception: Reception
  readonly #server: Server
  readonly #calls: GrpcCalls
  readonly #credentials: ServerCredentials
  readonly #health: GrpcHealth
  readonly #underWay = new Set<Promise<void>>()
  #draining = false
  #drainedBy: number | undefined

  constructor(reception: Reception, { tls, connections = {}, isReady = () => true }: OtlpGrpcSettings) {
    this.#reception = reception
    this.#credentials = grpcCredentials(tls)
    this.#health = new GrpcHealth(() => !this.#draining && isReady())
    this.#calls = new GrpcCalls(reception, EXPORT_PATH)
    this.#server = new Server({
      interceptors: [this.#calls.interceptor],
      'grpc.max_receive_message_length': reception.bodyBytesMax,
      'grpc.max_concurrent_streams': connections.streamsMax ?? STREAMS_MAX,
      'grpc.max_connection_age_ms': connections.ageMsMax ?? CONNECTION_AGE_MS_MAX,
      'grpc.max_connection_age_grace_ms': connections.ageGraceMs ?? CONNECTION_GRACE_MS,
      'grpc.max_connection_idle_ms': connections.idleMsMax ?? CONNECTION_IDLE_MS_MAX,
      'grpc.keepalive_time_ms': connections.pingEveryMs ?? KEEPALIVE_MS,
      'grpc.keepalive_timeout_ms': connections.pingTimeoutMs ?? KEEPALIVE_TIMEOUT_MS,
      'grpc.keepalive_permit_without_calls': 1,
    })
    this.#server.addService(HEALTH_SERVICE, this.#health.implementation)
    this.#server.addService(TRACE_SERVICE, {
      Export: (call: Call, callback: sendUnaryData<Buffer>) => {
        const work = this.#answer(call, callback)
        this.#underWay.add(work)
        void work.finally(() => this.#underWay.delete(work))
      },
    })
  }

  listen({ host, port }: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }> {
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, this.#credentials, (error, bound) => {
        if (error) reject(withSystemCode(error))
        else resolve({ port: bound })
      })
    })
  }

  async drain(longestMs: number = limits.shutdownRequestsMs): Promise<void> {
    this.#draining = true
    this.#drainedBy ??= performance.now() + longestMs
    await within(Math.max(0, this.#drainedBy - performance.now()), Promise.all(this.#underWay))
  }

  async close(): Promise<void> {
    await this.drain()
    this.#health.close()
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => this.#server.forceShutdown(), SHUTDOWN_MS_MAX)
      this.#server.tryShutdown(() => {
        clearTimeout(force)
        resolve()
      })
    })
  }

  /** Never rejects. */
  async #answer(call: Call, callback: sendUnaryData<Buffer>): Promise<void> {
    let answer: Answer
    try {
      answer = await this.#take(call)
    } catch (error) {
      this.#reception.onInternalError(error)
      // Says nothing about it: the text of an unexpected error may quote the request.
      answer = { status: { code: Status.INTERNAL, message: 'internal error' } }
    }
    if ('body' in answer) {
      callback(null, answer.body)
      return
    }
    if (answer.refusal !== undefined) this.#reception.metrics.refused(answer.refusal)
    callback(grpcStatus(answer.status))
  }

  async #take({ request: body, metadata, cancelled }: Call): Promise<Answer> {
    const { budget, intake, metrics, turns } = this.#reception
    const { sender, spend } = this.#calls.admissionOf(metadata)
    // Its deadline passed while the message was read: nobody waits for an answer any more.
    if (cancelled) return { status: { code: Status.DEADLINE_EXCEEDED, message: 'the deadline passed' } }
    if (this.#draining) return this.#tryAgain('draining')
    spend('bytes', body.length)
    const share = budget.open(sharerOf(sender))
    try {
      if (!share.take(body.length)) return this.#tryAgain('memory')
      metrics.bodyBytes('inflated', body.length)
      const outcome = await turns.take(sharerOf(sender), body.length, () =>
        intake.accept({ body, encoding: 'protobuf', transport: 'grpc', sender }),
      )
      if (outcome === undefined) return this.#tryAgain('memory')
      if (outcome.status === 'accepted') spend('spans', outcome.spanCount)
      return this.#answerOf(outcome)
    } finally {
      share.release()
    }
  }

  #answerOf(outcome: IntakeOutcome): Answer {
    switch (outcome.status) {
      case 'accepted':
        return { body: successBody('protobuf', outcome.partial) }
      case 'malformed':
        return { status: { code: Status.INVALID_ARGUMENT, message: outcome.message, field: outcome.field } }
      case 'retryable':
        return this.#tryAgain(outcome.reason)
    }
  }

  #tryAgain(reason: TransientReason): Answer {
    const retrySeconds = reason === 'draining' ? 1 : this.#reception.retryAfterSeconds()
    return { status: { code: Status.UNAVAILABLE, message: RETRY_MESSAGES[reason], retrySeconds }, refusal: reason }
  }
}

/** grpc-js puts what the system said into the text of its own error. */
const withSystemCode = (error: Error): Error =>
  Object.assign(error, { code: /\bE[A-Z]{4,}\b/.exec(error.message)?.[0] ?? '' })

/**
 * The gRPC receiver in front of a log.
 *
 * ```ts
 * const server = createOtlpGrpcServer(await openReception({ wal }))
 * const { port } = await server.listen({ host: '127.0.0.1', port: 4317 })
 * ```
 */
export const createOtlpGrpcServer = (reception: Reception, settings: OtlpGrpcSettings = {}): OtlpServer =>
  new GrpcReceiver(reception, settings)
