/** Outcomes → HTTP answers (collector §3.3). A transient fault never answers 500: clients would drop the data. */
import type { Admission } from './admission.ts'
import type { IntakeOutcome } from './trace-intake.ts'
import type { RefusalReason, TransientReason } from './receive-metrics.ts'
import {
  CONTENT_TYPES,
  errorBody,
  QUOTA_MESSAGE,
  type RequestEncoding,
  RETRY_MESSAGES,
  RPC_CODES,
  successBody,
} from './rpc-status.ts'

export interface HttpAnswer {
  readonly code: number
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
  /** For the counter of refusals. */
  readonly refusal?: RefusalReason
}

interface Refused {
  readonly code: number
  readonly rpcCode: number
  readonly message: string
  readonly field?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly refusal?: RefusalReason
}

const refuse = (encoding: RequestEncoding, refused: Refused): HttpAnswer => {
  const { code, rpcCode, message, field, refusal } = refused
  const status = { code: rpcCode, message, ...(field === undefined ? {} : { field }) }
  return {
    code,
    body: errorBody(encoding, status),
    headers: { 'content-type': CONTENT_TYPES[encoding], ...refused.headers },
    ...(refusal === undefined ? {} : { refusal }),
  }
}

export const wrongPath = (encoding: RequestEncoding, tracePath: string): HttpAnswer =>
  refuse(encoding, {
    code: 404,
    rpcCode: RPC_CODES.unimplemented,
    message: `only traces are taken here, at ${tracePath}`,
  })

export const wrongMethod = (encoding: RequestEncoding): HttpAnswer =>
  refuse(encoding, {
    code: 405,
    rpcCode: RPC_CODES.unimplemented,
    message: 'traces are sent with POST',
    headers: { allow: 'POST' },
  })

/** Of everything but `admitted`: what a sender is told before its body is read. */
export const notAdmitted = (
  encoding: RequestEncoding,
  admission: Exclude<Admission, { status: 'admitted' }>,
): HttpAnswer => {
  switch (admission.status) {
    case 'unauthenticated':
      return refuse(encoding, {
        code: 401,
        rpcCode: RPC_CODES.unauthenticated,
        message: admission.message,
        headers: { 'www-authenticate': 'Bearer realm="outlay"' },
        refusal: 'auth',
      })
    case 'forbidden':
      return refuse(encoding, {
        code: 403,
        rpcCode: RPC_CODES.permissionDenied,
        message: admission.message,
        refusal: 'auth',
      })
    case 'over_quota':
      return refuse(encoding, {
        code: 429,
        rpcCode: RPC_CODES.resourceExhausted,
        message: QUOTA_MESSAGE,
        headers: { 'retry-after': String(admission.retrySeconds) },
        refusal: 'quota',
      })
  }
}

/** The encoding of the request is not known, so the answer is JSON. */
export const wrongContentType = (): HttpAnswer =>
  refuse('json', {
    code: 415,
    rpcCode: RPC_CODES.invalidArgument,
    message: 'the content type must be application/x-protobuf or application/json',
  })

export const malformed = (encoding: RequestEncoding, message: string, field?: string): HttpAnswer =>
  refuse(encoding, {
    code: 400,
    rpcCode: RPC_CODES.invalidArgument,
    message,
    ...(field === undefined ? {} : { field }),
  })

export const tooLarge = (encoding: RequestEncoding, bytesMax: number): HttpAnswer =>
  refuse(encoding, {
    code: 413,
    rpcCode: RPC_CODES.resourceExhausted,
    message: `the body exceeds ${bytesMax} bytes or inflates too far`,
    refusal: 'too_large',
  })

export const tryAgain = (encoding: RequestEncoding, reason: TransientReason, retryAfterSeconds: number): HttpAnswer =>
  refuse(encoding, {
    code: 503,
    rpcCode: RPC_CODES.unavailable,
    message: RETRY_MESSAGES[reason],
    headers: { 'retry-after': String(retryAfterSeconds) },
    refusal: reason,
  })

/** A mistake of ours. Says nothing about it: the text of an unexpected error may quote the request. */
export const internalError = (encoding: RequestEncoding): HttpAnswer =>
  refuse(encoding, { code: 500, rpcCode: RPC_CODES.internal, message: 'internal error' })

export const answerOf = (
  encoding: RequestEncoding,
  outcome: IntakeOutcome,
  retryAfterSeconds: () => number,
): HttpAnswer => {
  switch (outcome.status) {
    case 'accepted':
      return {
        code: 200,
        body: successBody(encoding, outcome.partial),
        headers: { 'content-type': CONTENT_TYPES[encoding] },
      }
    case 'malformed':
      return malformed(encoding, outcome.message, outcome.field)
    case 'retryable':
      return tryAgain(encoding, outcome.reason, outcome.reason === 'draining' ? 1 : retryAfterSeconds())
  }
}

/** By MIME type; parameters such as a charset do not matter. */
export const parseContentType = (header: string | undefined): RequestEncoding | undefined => {
  const type = (header ?? '').split(';', 1)[0]?.trim().toLowerCase()
  if (type === CONTENT_TYPES.protobuf) return 'protobuf'
  return type === CONTENT_TYPES.json ? 'json' : undefined
}
