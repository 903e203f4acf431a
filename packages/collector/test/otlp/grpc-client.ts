import {
  type ChannelCredentials,
  Client,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js'
import { decodeMessage, type Plain } from './otlp-schema.ts'

const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'

export interface GrpcAnswer {
  /** 0 = OK. */
  readonly code: number
  readonly details: string
  readonly body: Buffer
  /** Details of the status, by the last word of their type. */
  readonly said: Readonly<Record<string, Plain>>
}

const raw = (bytes: Buffer): Buffer => bytes
const BYTES_MAX = 256 * 1024 * 1024

const saidOf = (error: ServiceError): Record<string, Plain> => {
  const [packed] = error.metadata.get('grpc-status-details-bin')
  if (!Buffer.isBuffer(packed)) return {}
  const { details = [] } = decodeMessage('RpcStatus', packed) as { details?: { typeUrl: string; value: string }[] }
  return Object.fromEntries(
    details.map(({ typeUrl, value }) => {
      const type = typeUrl.split('.').at(-1) ?? ''
      return [type, decodeMessage(type, Buffer.from(value, 'hex'))]
    }),
  )
}

interface GrpcSending {
  readonly path?: string
  readonly gzip?: boolean
  readonly headers?: Readonly<Record<string, string>>
  readonly credentials?: ChannelCredentials
  /** Milliseconds since the epoch. */
  readonly deadline?: number
}

/** One unary call with the given bytes. */
export const sendGrpc = (
  port: number,
  body: Buffer,
  { path = TRACES, gzip = false, headers = {}, ...call }: GrpcSending = {},
): Promise<GrpcAnswer> => {
  const client = new Client(
    `${call.credentials ? 'localhost' : '127.0.0.1'}:${port}`,
    call.credentials ?? credentials.createInsecure(),
    {
      'grpc.max_send_message_length': BYTES_MAX,
      ...(gzip ? { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip } : {}),
    },
  )
  return new Promise((resolve) => {
    const metadata = new Metadata()
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
    const options = call.deadline === undefined ? {} : { deadline: call.deadline }
    client.makeUnaryRequest(path, raw, raw, body, metadata, options, (error, answer) => {
      client.close()
      if (error === null) resolve({ code: 0, details: '', body: answer ?? Buffer.alloc(0), said: {} })
      else resolve({ code: error.code, details: error.details, body: Buffer.alloc(0), said: saidOf(error) })
    })
  })
}
