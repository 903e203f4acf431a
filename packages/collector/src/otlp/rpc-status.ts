/**
 * Bodies of answers. Success is `ExportTraceServiceResponse` with `partial_success` unset unless spans were rejected;
 * every error is a `google.rpc.Status`, both in the encoding of the request. Messages never hold values of the request.
 */
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
} as const

export interface RpcStatus {
  readonly code: number
  readonly message: string
  /** Byte offset or JSON path of the first mistake of a malformed request. */
  readonly field?: string
}

export interface PartialSuccess {
  readonly rejectedSpans: number
  readonly errorMessage: string
}

const BAD_REQUEST_TYPE = 'type.googleapis.com/google.rpc.BadRequest'
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

const encodeStatus = ({ code, message, field }: RpcStatus): Buffer => {
  const parts = [varintField(1, code), textField(2, shorten(message))]
  if (field !== undefined) {
    const violation = Buffer.concat([textField(1, shorten(field)), textField(2, shorten(message))])
    const badRequest = bytesField(1, violation)
    parts.push(bytesField(3, Buffer.concat([textField(1, BAD_REQUEST_TYPE), bytesField(2, badRequest)])))
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
