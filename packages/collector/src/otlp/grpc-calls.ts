/**
 * Every gRPC call of the trace service, from its metadata to its status: who sends is settled before the message is read,
 * and every end is counted, also those that grpc-js decides by itself (too large, deadline, broken compression).
 */
import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  status as Status,
} from '@grpc/grpc-js'
import type { Admission, Credentials } from './admission.ts'
import { namesOf } from './certificate-names.ts'
import { type GrpcStatus, grpcStatus } from './grpc-status.ts'
import type { Reception } from './reception.ts'
import { QUOTA_MESSAGE } from './rpc-status.ts'

type Admitted = Extract<Admission, { status: 'admitted' }>
type Refused = Exclude<Admission, Admitted>

export class GrpcCalls {
  readonly #reception: Reception
  readonly #path: string
  readonly #admitted = new WeakMap<Metadata, Admitted>()

  constructor(reception: Reception, path: string) {
    this.#reception = reception
    this.#path = path
  }

  /** Must be the first of the server: only then it sees the ends that the library decides. */
  readonly interceptor: ServerInterceptor = (method, call) => {
    if (method.path !== this.#path) return new ServerInterceptingCall(call)
    const finish = this.#countEnd(call)
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, nextMetadata) => {
            const admission = this.#reception.admit(credentialsOf(metadata, call))
            if (admission.status !== 'admitted') {
              this.#reception.metrics.refused(admission.status === 'over_quota' ? 'quota' : 'auth')
              const afterMs = admission.status === 'over_quota' ? admission.answerAfterMs : 0
              if (afterMs === 0) call.sendStatus(refusalOf(admission))
              else setTimeout(() => call.sendStatus(refusalOf(admission)), afterMs)
              return
            }
            this.#admitted.set(metadata, admission)
            nextMetadata(metadata)
          },
          onCancel: () => finish(Status.CANCELLED),
        }),
    })
  }

  /** Of a call that reached its handler. */
  admissionOf(metadata: Metadata): Admitted {
    const admission = this.#admitted.get(metadata)
    if (admission === undefined) throw new Error('BUG: a gRPC call passed without admission')
    return admission
  }

  /** Counts the first status of the call, from whomever it comes. */
  #countEnd(call: ServerInterceptingCallInterface): (code: Status) => void {
    const { metrics } = this.#reception
    const startedMs = performance.now()
    let ended = false
    const finish = (code: Status): void => {
      if (ended) return
      ended = true
      const durationSeconds = (performance.now() - startedMs) / 1_000
      metrics.requestFinished({ transport: 'grpc', encoding: 'protobuf', code, durationSeconds })
    }
    const send = call.sendStatus.bind(call)
    call.sendStatus = (given) => {
      // Ours carry details, or are OK: what has none was decided by the library.
      const byLibrary = (given.code ?? Status.OK) !== Status.OK && given.metadata?.get(DETAILS).length !== 1
      const said = byLibrary ? translated(given) : given
      if (byLibrary && !ended && said.code === Status.RESOURCE_EXHAUSTED) metrics.refused('too_large')
      finish(said.code ?? Status.OK)
      send(said)
    }
    return finish
  }
}

type PartialStatus = Parameters<ServerInterceptingCallInterface['sendStatus']>[0]

const DETAILS = 'grpc-status-details-bin'

/** A message that cannot be decompressed is a mistake of the sender, not of ours. */
const translated = (given: PartialStatus): PartialStatus =>
  given.code === Status.INTERNAL && (given.details ?? '').startsWith('Failed to decompress')
    ? grpcStatus({ code: Status.INVALID_ARGUMENT, message: 'the message is not a complete compressed stream' })
    : given

const refusalOf = (refused: Refused): GrpcStatus => {
  switch (refused.status) {
    case 'unauthenticated':
      return grpcStatus({ code: Status.UNAUTHENTICATED, message: refused.message })
    case 'forbidden':
      return grpcStatus({ code: Status.PERMISSION_DENIED, message: refused.message })
    case 'over_quota': {
      const { retrySeconds } = refused
      return grpcStatus({ code: Status.RESOURCE_EXHAUSTED, message: QUOTA_MESSAGE, retrySeconds })
    }
  }
}

const credentialsOf = (metadata: Metadata, call: ServerInterceptingCallInterface): Credentials => ({
  header: (name) => {
    const values = metadata.get(name)
    return values.length === 1 && typeof values[0] === 'string' ? values[0] : undefined
  },
  certificateNames: () => namesOf(call.getAuthContext().sslPeerCertificate?.subjectaltname),
})
