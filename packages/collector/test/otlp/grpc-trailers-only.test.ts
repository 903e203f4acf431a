/** P11: what goes over the wire when gRPC refuses. Some senders of Java retry only what comes as headers alone. */
import { once } from 'node:events'
import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2'
import { describe, expect, test } from 'vitest'
import { FaultyFileSystem } from '../wal/faulty-file-system.ts'
import { type ReceiverSettings, startReceiver } from './receiver-fixture.ts'
import { encodeRequest, spanOf } from './requests.ts'

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const request = encodeRequest([spanOf()])

interface Frames {
  readonly headers: IncomingHttpHeaders
  /** The headers end the stream: nothing follows. */
  readonly isAlone: boolean
  readonly bytes: number
  readonly trailers: number
}

interface Call {
  readonly message?: Buffer
  readonly path?: string
  readonly more?: Readonly<Record<string, string>>
  readonly compressed?: number
}

const framesOf = async (
  session: ClientHttp2Session,
  { message = request, path = EXPORT, more = {}, compressed = 0 }: Call,
): Promise<Frames> => {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...more,
  })
  let [bytes, trailers] = [0, 0]
  stream.on('data', (chunk: Buffer) => (bytes += chunk.length))
  stream.on('trailers', () => (trailers += 1))
  const prefix = Buffer.alloc(5)
  prefix.writeUInt8(compressed, 0)
  prefix.writeUInt32BE(message.length, 1)
  stream.end(Buffer.concat([prefix, message]))
  const closed = once(stream, 'close')
  const [headers, flags] = (await once(stream, 'response')) as [IncomingHttpHeaders, number]
  await closed
  return { headers, isAlone: (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0, bytes, trailers }
}

const failingDisk = (): ReceiverSettings => {
  const faulty = new FaultyFileSystem()
  faulty.failWhen((operation, path) => (operation === 'writeAt' && path.includes('.seg') ? 'ENOSPC' : undefined))
  return { log: { fileSystem: faulty.fileSystem } }
}

const refusals: readonly (readonly [string, string, () => ReceiverSettings, Call])[] = [
  ['a broken message', '3', () => ({}), { message: Buffer.from([0x0a, 0xff]) }],
  ['a message that is too large', '8', () => ({ bodyBytesMax: request.length - 1 }), {}],
  ['no room in memory', '14', () => ({ inFlightBytesMax: request.length - 1 }), {}],
  ['a full log', '14', failingDisk, {}],
  ['a sender that is not known', '16', () => ({ admit: () => ({ status: 'unauthenticated', message: 'who?' }) }), {}],
  ['a sender that may not', '7', () => ({ admit: () => ({ status: 'forbidden', message: 'no' }) }), {}],
  ['a quota', '8', () => ({ admit: () => ({ status: 'over_quota', retrySeconds: 2, answerAfterMs: 0 }) }), {}],
  ['an unknown method', '12', () => ({}), { path: '/opentelemetry.proto.collector.logs.v1.LogsService/Export' }],
  ['an unknown compression', '12', () => ({}), { more: { 'grpc-encoding': 'zstd' }, compressed: 1 }],
]

describe('P11: Trailers-Only', () => {
  test.each(refusals)('%s is one frame of headers and nothing else', async (_, status, settings, call) => {
    await using receiver = await startReceiver(settings())
    const session = connect(`http://127.0.0.1:${await receiver.listenGrpc()}`)
    const { headers, ...rest } = await framesOf(session, call)
    session.destroy()
    expect(headers).toMatchObject({ ':status': 200, 'content-type': 'application/grpc+proto', 'grpc-status': status })
    expect(rest).toEqual({ isAlone: true, bytes: 0, trailers: 0 })
    // When to come back is in the same frame.
    expect(headers['grpc-status-details-bin'] !== undefined || status !== '14').toBe(true)
  })

  test('an answer that is no refusal has a message and trailers', async () => {
    await using receiver = await startReceiver()
    const session = connect(`http://127.0.0.1:${await receiver.listenGrpc()}`)
    const { isAlone, bytes, trailers } = await framesOf(session, {})
    session.destroy()
    expect([isAlone, bytes, trailers]).toEqual([false, 5, 1])
  })
})
