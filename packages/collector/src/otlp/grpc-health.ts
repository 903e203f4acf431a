/**
 * `grpc.health.v1.Health`: what `/readyz` says, for probes that speak gRPC. Takes no token, as `/readyz` takes none. The
 * messages have one field each and are written by hand.
 */
import {
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  status as Status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { WireError, WireReader } from './wire-reader.ts'

const PATH = '/grpc.health.v1.Health'
const SERVICE_TAG = 10
/** The whole server, and the one service that it has. */
const SERVICES: ReadonlySet<string | undefined> = new Set(['', 'opentelemetry.proto.collector.trace.v1.TraceService'])
/** How soon a watcher hears of a change. */
const WATCH_MS = 1_000

const STATUSES = { serving: 1, notServing: 2, serviceUnknown: 3 } as const
type Serving = keyof typeof STATUSES

const raw = (bytes: Buffer): Buffer => bytes
const method = (name: string, responseStream: boolean) => ({
  path: `${PATH}/${name}`,
  requestStream: false,
  responseStream,
  requestSerialize: raw,
  requestDeserialize: raw,
  responseSerialize: raw,
  responseDeserialize: raw,
})

export const HEALTH_SERVICE: ServiceDefinition = { Check: method('Check', false), Watch: method('Watch', true) }

const answerOf = (serving: Serving): Buffer => Buffer.from([8, STATUSES[serving]])

/** Undefined if the message is malformed. */
const serviceOf = (message: Buffer): string | undefined => {
  const reader = new WireReader(message)
  let service = ''
  try {
    while (reader.pos < message.length) {
      const tag = reader.tag(message.length)
      if (tag !== SERVICE_TAG) {
        reader.skip(tag, message.length)
        continue
      }
      const end = reader.payloadEnd(message.length)
      service = message.toString('utf8', reader.pos, end)
      reader.pos = end
    }
    return service
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

type Watcher = ServerWritableStream<Buffer, Buffer>

export class GrpcHealth {
  readonly #isReady: () => boolean
  readonly #watchers = new Map<Watcher, { readonly timer: NodeJS.Timeout; readonly isKnown: boolean }>()

  constructor(isReady: () => boolean) {
    this.#isReady = isReady
  }

  readonly implementation: UntypedServiceImplementation = {
    Check: (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
      if (SERVICES.has(serviceOf(call.request))) callback(null, answerOf(this.#serving()))
      else callback({ code: Status.NOT_FOUND, details: 'there is no such service here' })
    },
    Watch: (call: Watcher) => this.#watch(call),
  }

  /** Says that nothing is served any more, and ends who watches. */
  close(): void {
    for (const [watcher, { isKnown }] of this.#watchers) {
      if (isKnown) watcher.write(answerOf('notServing'))
      watcher.end()
      this.#forget(watcher)
    }
  }

  #serving(): Serving {
    return this.#isReady() ? 'serving' : 'notServing'
  }

  #watch(call: Watcher): void {
    const isKnown = SERVICES.has(serviceOf(call.request))
    let said: Serving | undefined
    const tell = (): void => {
      const serving = isKnown ? this.#serving() : 'serviceUnknown'
      if (serving !== said) call.write(answerOf(serving))
      said = serving
    }
    this.#watchers.set(call, { timer: setInterval(tell, WATCH_MS).unref(), isKnown })
    call.on('cancelled', () => this.#forget(call))
    tell()
  }

  #forget(watcher: Watcher): void {
    clearInterval(this.#watchers.get(watcher)?.timer)
    this.#watchers.delete(watcher)
  }
}
