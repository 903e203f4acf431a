import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'
import { gzipSync } from 'node:zlib'
import { Client, credentials } from '@grpc/grpc-js'
import { describe, expect, test, vi } from 'vitest'
import { FaultyFileSystem } from '../wal/faulty-file-system.ts'
import { sendGrpc } from './grpc-client.ts'
import { startReceiver } from './receiver-fixture.ts'
import { encodeRequest, rawField, spanOf } from './requests.ts'

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
const HEALTH = '/grpc.health.v1.Health'
const request = encodeRequest([spanOf()])

/** One call on a connection of our own: what a client would decide by itself is left to the server. Answers its status. */
const callRaw = async (
  session: ClientHttp2Session,
  headers: Record<string, string>,
  { message, compressed = 0 }: { readonly message: Buffer; readonly compressed?: number },
): Promise<string> => {
  const stream = session.request({
    ':method': 'POST',
    ':path': EXPORT,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  })
  const frame = Buffer.alloc(5)
  frame.writeUInt8(compressed, 0)
  frame.writeUInt32BE(message.length, 1)
  stream.end(Buffer.concat([frame, message]))
  const [answer] = (await once(stream, 'response')) as [Record<string, string>]
  stream.resume()
  return answer['grpc-status'] ?? 'no status'
}

describe('P11: a deadline of the client', () => {
  test('that passes before the commit is DEADLINE_EXCEEDED and counted so, though the spans may be stored', async () => {
    const faulty = new FaultyFileSystem()
    await using receiver = await startReceiver({ log: { fileSystem: faulty.fileSystem } })
    const session = connect(`http://127.0.0.1:${await receiver.listenGrpc()}`)
    const disk = Promise.withResolvers<undefined>()
    faulty.held = disk.promise
    expect(await callRaw(session, { 'grpc-timeout': '50m' }, { message: request })).toBe('4')
    disk.resolve(undefined)
    await vi.waitUntil(() => receiver.wal.durableLsn === 1n)
    expect(receiver.counted.get('request grpc 4')).toBe(1)
    expect(receiver.counted.has('request grpc 0')).toBe(false)
    session.destroy()
  })

  test('that a message ends before is an answer as always', async () => {
    await using receiver = await startReceiver()
    const deadline = Date.now() + 60_000
    expect((await sendGrpc(await receiver.listenGrpc(), request, { deadline })).code).toBe(0)
  })
})

describe('P6: compression over gRPC', () => {
  const zipped = gzipSync(request)
  const REFUSED = '3'

  test.each([
    ['that is no gzip', Buffer.from('no gzip'), 'gzip', REFUSED],
    ['that is cut', zipped.subarray(0, -9), 'gzip', REFUSED],
    ['with a wrong checksum', Buffer.concat([zipped.subarray(0, -8), Buffer.alloc(8)]), 'gzip', REFUSED],
    ['with garbage behind it', Buffer.concat([zipped, Buffer.from('garbage')]), 'gzip', REFUSED],
    ['of several members', Buffer.concat([zipped, gzipSync(request)]), 'gzip', 'no status'],
    ['that its header does not name', zipped, 'identity', REFUSED],
    ['that nobody offers', zipped, 'br', '12'],
  ])('%s', async (_, message, encoding, status) => {
    await using receiver = await startReceiver()
    const session = connect(`http://127.0.0.1:${await receiver.listenGrpc()}`)
    expect(await callRaw(session, { 'grpc-encoding': encoding }, { message, compressed: 1 })).toBe(status)
    expect(receiver.counted.get(`request grpc ${status === 'no status' ? 0 : status}`)).toBe(1)
    expect(receiver.wal.durableLsn).toBe(status === 'no status' ? 1n : 0n)
    session.destroy()
  })
})

describe('a gRPC connection', () => {
  test('is told to go when it is old, and a request under way gets its answer', async () => {
    const faulty = new FaultyFileSystem()
    const connections = { ageMsMax: 50, ageGraceMs: 60_000 }
    await using receiver = await startReceiver({ log: { fileSystem: faulty.fileSystem }, grpc: { connections } })
    const session = connect(`http://127.0.0.1:${await receiver.listenGrpc()}`)
    const disk = Promise.withResolvers<undefined>()
    faulty.held = disk.promise
    const goAway = once(session, 'goaway')
    const answer = callRaw(session, {}, { message: request })
    await goAway
    disk.resolve(undefined)
    expect(await answer).toBe('no status')
    expect(receiver.counted.get('request grpc 0')).toBe(1)
  })
})

describe('grpc.health.v1', () => {
  const named = (service: string): Buffer => rawField(1, Buffer.from(service))
  const [SERVING, NOT_SERVING, UNKNOWN] = [1, 2, 3].map((status) => Buffer.from([8, status]))

  test('says what /readyz says, without a token, of the server and of its service', async () => {
    let ready = true
    const admit = () => ({ status: 'unauthenticated', message: 'a token is required' }) as const
    await using receiver = await startReceiver({ admit, grpc: { isReady: () => ready } })
    const port = await receiver.listenGrpc()
    const check = (message: Buffer) => sendGrpc(port, message, { path: `${HEALTH}/Check` })
    for (const service of [Buffer.alloc(0), named('opentelemetry.proto.collector.trace.v1.TraceService')])
      expect((await check(service)).body).toEqual(SERVING)
    expect((await check(named('other'))).code).toBe(5)
    expect((await check(Buffer.from([0xff]))).code).toBe(5)
    ready = false
    expect((await check(Buffer.alloc(0))).body).toEqual(NOT_SERVING)
    expect(receiver.counted.size).toBe(0)
  })

  test('tells who watches when the server closes, and does not wait for them', async () => {
    await using receiver = await startReceiver()
    const client = new Client(`127.0.0.1:${await receiver.listenGrpc()}`, credentials.createInsecure())
    const raw = (bytes: Buffer): Buffer => bytes
    const watch = (service: Buffer): { readonly said: Buffer[]; readonly ended: Promise<unknown> } => {
      const call = client.makeServerStreamRequest(`${HEALTH}/Watch`, raw, raw, service)
      const said: Buffer[] = []
      call.on('data', (bytes: Buffer) => said.push(bytes))
      return { said, ended: once(call, 'end') }
    }
    const server = watch(Buffer.alloc(0))
    const other = watch(named('other'))
    await vi.waitUntil(() => server.said.length + other.said.length === 2)
    await receiver.grpc.close()
    await Promise.all([server.ended, other.ended])
    client.close()
    expect(server.said).toEqual([SERVING, NOT_SERVING])
    expect(other.said).toEqual([UNKNOWN])
  })
})
