/** Bodies to an OTLP/gRPC server as frames of our own making: a client library would refuse to send broken gzip. */
import { type ClientHttp2Session, connect, constants } from 'node:http2'
import { gunzipSync, inflateSync } from 'node:zlib'
import type { FuzzCase } from '../../packages/collector/test/fuzz/fuzz-case.ts'
import { decodeMessage } from '../../packages/collector/test/otlp/otlp-schema.ts'
import type { Sender } from './http-sender.ts'

const PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const PREFIX_BYTES = 5
const { HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH, HTTP2_HEADER_CONTENT_TYPE, HTTP2_HEADER_TE } = constants

/** A message with its prefix: compressed or not, and its length. */
const frameOf = (wire: Buffer, compressed: boolean): Buffer => {
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt8(compressed ? 1 : 0, 0)
  prefix.writeUInt32BE(wire.length, 1)
  return Buffer.concat([prefix, wire])
}

interface GrpcAnswer {
  readonly status: number
  readonly body: Buffer
}

const answerTo = (session: ClientHttp2Session, { contentEncoding, wire }: FuzzCase): Promise<GrpcAnswer> =>
  new Promise((resolve, reject) => {
    const compressed = contentEncoding !== 'identity'
    const stream = session.request({
      [HTTP2_HEADER_METHOD]: 'POST',
      [HTTP2_HEADER_PATH]: PATH,
      [HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      [HTTP2_HEADER_TE]: 'trailers',
      ...(compressed ? { 'grpc-encoding': contentEncoding } : {}),
    })
    const chunks: Buffer[] = []
    let status = Number.NaN
    const readStatus = (headers: object): void => {
      if ('grpc-status' in headers) status = Number(headers['grpc-status'])
    }
    stream.on('response', readStatus)
    stream.on('trailers', readStatus)
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('close', () => {
      if (Number.isNaN(status)) reject(new Error('the stream ended without a status'))
      else resolve({ status, body: Buffer.concat(chunks) })
    })
    stream.end(frameOf(wire, compressed))
  })

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
      const { status, body } = await answerTo(session, fuzzCase)
      if (!isAllowed(status, fuzzCase)) throw new Error(`answered gRPC ${status}`)
      if (status === 0) decodeMessage('ExportTraceServiceResponse', body.subarray(PREFIX_BYTES))
      return status
    },
    close: () => session.destroy(),
  }
}
