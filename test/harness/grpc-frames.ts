/** OTLP/gRPC calls as frames of our own making: what a client library would compress, check or refuse is sent as it is. */
import { type ClientHttp2Session, constants } from 'node:http2'

const PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const PREFIX_BYTES = 5
const { HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH, HTTP2_HEADER_CONTENT_TYPE, HTTP2_HEADER_TE } = constants

/** A message with its prefix: compressed or not, and its length. */
const frameOf = (message: Buffer, compressed: boolean): Buffer => {
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt8(compressed ? 1 : 0, 0)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

export interface GrpcAnswer {
  /** 0 = OK. */
  readonly status: number
  readonly message: Buffer
}

/** One unary call. `encoding` is what `message` is compressed with, or `identity`. Rejects if there is no status. */
export const callGrpc = (session: ClientHttp2Session, message: Buffer, encoding: string): Promise<GrpcAnswer> =>
  new Promise((resolve, reject) => {
    const compressed = encoding !== 'identity'
    const stream = session.request({
      [HTTP2_HEADER_METHOD]: 'POST',
      [HTTP2_HEADER_PATH]: PATH,
      [HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      [HTTP2_HEADER_TE]: 'trailers',
      ...(compressed ? { 'grpc-encoding': encoding } : {}),
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
      else resolve({ status, message: Buffer.concat(chunks).subarray(PREFIX_BYTES) })
    })
    stream.end(frameOf(message, compressed))
  })
