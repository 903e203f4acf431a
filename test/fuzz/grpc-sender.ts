/** Bodies to an OTLP/gRPC server as frames of our own making: a client library would refuse to send broken gzip. */
import { connect } from 'node:http2'
import { gunzipSync, inflateSync } from 'node:zlib'
import type { FuzzCase } from '../../packages/collector/test/fuzz/fuzz-case.ts'
import { decodeMessage } from '../../packages/collector/test/otlp/otlp-schema.ts'
import { callGrpc } from '../harness/grpc-frames.ts'
import type { Sender } from './http-sender.ts'

/** OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. */
const ALLOWED: ReadonlySet<number> = new Set([0, 3, 8])
const UNIMPLEMENTED = 12
const INTERNAL = 13

const inflates = ({ contentEncoding, wire }: FuzzCase): boolean => {
  try {
    if (contentEncoding === 'gzip') gunzipSync(wire)
    else inflateSync(wire)
    return true
  } catch {
    return false
  }
}

/** Compression is the library's: it answers INTERNAL, which clients do not retry, to what does not inflate. */
const isAllowed = (status: number, fuzzCase: FuzzCase): boolean => {
  if (status === UNIMPLEMENTED) return fuzzCase.contentEncoding === 'zstd'
  if (status === INTERNAL) return fuzzCase.contentEncoding !== 'identity' && !inflates(fuzzCase)
  return ALLOWED.has(status)
}

export const createGrpcSender = (port: number): Sender => {
  const session = connect(`http://127.0.0.1:${port}`)
  // Streams that are under way report it.
  session.on('error', () => undefined)
  return {
    send: async (fuzzCase) => {
      const { status, message } = await callGrpc(session, fuzzCase.wire, fuzzCase.contentEncoding)
      if (!isAllowed(status, fuzzCase)) throw new Error(`answered gRPC ${status}`)
      if (status === 0) decodeMessage('ExportTraceServiceResponse', message)
      return status
    },
    close: () => session.destroy(),
  }
}
