/**
 * Bodies of answers. Success is `ExportTraceServiceResponse` with `partial_success` unset unless spans were rejected;
 * every error is a `google.rpc.Status`, both in the encoding of the request. Messages never hold values of the request.
 */
import type { TransientReason } from './receive-metrics.ts'
import { varintBytes, writeVarint } from './wire-reader.ts'

export type RequestEncoding = 'protobuf' | 'json'

export const CONTENT_TYPES: Readonly<Record<RequestEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
}

/** Codes of google.rpc.Code that answers use. */
export const RPC_CODES = {
  invalidArgument: 3,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const

export const RETRY_MESSAGES: Readonly<Record<TransientReason, string>> = {
  memory: 'too many bytes in flight; try again',
  wal_full: 'the log is full; try again',
  wal_failed: 'the log cannot be written; try again',
  draining: 'the collector is shutting down; try again',
}

export const QUOTA_MESSAGE = 'the quota of the token is used up; try again'

export interface RpcStatus {
  readonly code: number
  readonly message: string
  /** Byte offset or JSON path of the first mistake of a malformed request. */
  readonly field?: string
  /** How long a sender should wait, for transports that have no header for it. */
  readonly retrySeconds?: number
}

export interface PartialSuccess {
  readonly rejectedSpans: number
  readonly errorMessage: string
}

const BAD_REQUEST_TYPE = 'type.googleapis.com/google.rpc.BadRequest'
const RETRY_INFO_TYPE = 'type.googleapis.com/google.rpc.RetryInfo'
/** Keeps answers below the size from which they would have to be compressed. */
const MESSAGE_CHARACTERS_MAX = 512

const shorten = (message: string): string =>
  message.length <= MESSAGE_CHARACTERS_MAX ? message : `${message.slice(0, MESSAGE_CHARACTERS_MAX - 1)}…`

const varintField = (field: number, value: number): Buffer => {
  const buffer = Buffer.alloc(varintBytes(field * 8) + varintBytes(value))
  writeVarint(buffer, value, writeVarint(buffer, field * 8, 0))
  return buffer
}

const bytesField = (field: number, payload: Buffer): Buffer => {
  const tag = field * 8 + 2
  const head = Buffer.alloc(varintBytes(tag) + varintBytes(payload.length))
  writeVarint(head, payload.length, writeVarint(head, tag, 0))
  return Buffer.concat([head, payload])
}

const textField = (field: number, text: string): Buffer => bytesField(field, Buffer.from(text))

const detailField = (type: string, message: Buffer): Buffer =>
  bytesField(3, Buffer.concat([textField(1, type), bytesField(2, message)]))

/** `google.rpc.Status`; in gRPC it travels in the metadata `grpc-status-details-bin`. */
export const encodeStatus = ({ code, message, field, retrySeconds }: RpcStatus): Buffer => {
  const parts = [varintField(1, code), textField(2, shorten(message))]
  if (field !== undefined) {
    const violation = Buffer.concat([textField(1, shorten(field)), textField(2, shorten(message))])
    parts.push(detailField(BAD_REQUEST_TYPE, bytesField(1, violation)))
  }
  if (retrySeconds !== undefined) {
    const delay = bytesField(1, varintField(1, retrySeconds))
    parts.push(detailField(RETRY_INFO_TYPE, delay))
  }
  return Buffer.concat(parts)
}

const statusJson = ({ code, message, field }: RpcStatus): string => {
  const description = shorten(message)
  const fieldViolations = field === undefined ? [] : [{ field: shorten(field), description }]
  const details = field === undefined ? [] : [{ '@type': BAD_REQUEST_TYPE, fieldViolations }]
  return JSON.stringify({ code, message: description, ...(field === undefined ? {} : { details }) })
}

export const errorBody = (encoding: RequestEncoding, status: RpcStatus): Buffer =>
  encoding === 'protobuf' ? encodeStatus(status) : Buffer.from(statusJson(status))

/** Without partial success: 0 bytes in protobuf, `{}` in JSON. 64-bit counts are strings in JSON. */
export const successBody = (encoding: RequestEncoding, partial: PartialSuccess | undefined): Buffer => {
  if (encoding === 'json') {
    if (partial === undefined) return Buffer.from('{}')
    const { rejectedSpans, errorMessage } = partial
    return Buffer.from(
      JSON.stringify({
        partialSuccess: { rejectedSpans: String(rejectedSpans), errorMessage: shorten(errorMessage) },
      }),
    )
  }
  if (partial === undefined) return Buffer.alloc(0)
  const parts = [varintField(1, partial.rejectedSpans), textField(2, shorten(partial.errorMessage))]
  return bytesField(1, Buffer.concat(parts))
}
