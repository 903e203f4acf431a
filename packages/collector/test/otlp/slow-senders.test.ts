/** L2: senders that take their time, say nothing, or flood a connection; those who behave are served beside them. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { tempDir } from '@outlay/testkit'
import { describe, expect, test, vi } from 'vitest'
import { TlsFiles } from '#src/tls/tls-files.ts'
import { issue } from '../tls/certificates.ts'
import { PROTOBUF } from './answers.ts'
import { sendGrpc } from './grpc-client.ts'
import { opening, pingFrame, resetRequest, settingsFrame } from './http2-frames.ts'
import { startReceiver } from './receiver-fixture.ts'
import { encodeRequest, spanOf } from './requests.ts'

const SHORT = { headersMs: 200, requestMs: 400 }
const body = encodeRequest([spanOf()])

/** Unlike `once` it does not mind errors: they are what is waited for. */
const next = (socket: Socket, event: 'close' | 'drain'): Promise<void> =>
  new Promise((resolve) => {
    socket.once(event, () => resolve())
  })

/** What came back until the connection ended, however it ended. */
const answerOn = async (socket: Socket): Promise<string> => {
  let answer = ''
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text))
  socket.on('error', () => undefined)
  if (!socket.closed) await next(socket, 'close')
  return answer
}

describe('L2: a connection over HTTP/1.1', () => {
  test.each([
    ['whose headers never end', 'POST /v1/traces HTTP/1.1\r\nhost: x\r\nx-more: '],
    ['that says nothing at all', ''],
  ])('%s is ended in time', async (_, text) => {
    await using receiver = await startReceiver({ http: { timeouts: SHORT } })
    const socket = connect(receiver.port, '127.0.0.1')
    if (text !== '') socket.write(text)
    expect(await answerOn(socket)).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('whose body never ends gives its memory back', async () => {
    await using receiver = await startReceiver({ http: { timeouts: SHORT } })
    const socket = connect(receiver.port, '127.0.0.1')
    socket.write(`POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: ${PROTOBUF}\r\ncontent-length: 1000000\r\n\r\nx`)
    const answer = answerOn(socket)
    await vi.waitUntil(() => receiver.counted.get('in flight') === 1_000_000)
    await answer
    await vi.waitUntil(() => receiver.counted.get('in flight') === 0)
    expect(receiver.wal.durableLsn).toBe(0n)
  })
})

describe('L2: a flood over HTTP/2', () => {
  const floods = [
    ['of requests that are taken back', (n: number) => resetRequest(2 * n + 1, '/v1/traces', PROTOBUF)],
    ['of pings whose answers nobody reads', pingFrame],
    ['of settings whose answers nobody reads', settingsFrame],
  ] as const
  const FRAMES = 200_000

  /** Writes for as long as the other end takes it; resolves when the connection is gone. */
  const flood = async (socket: Socket, frameOf: (n: number) => Buffer): Promise<void> => {
    socket.on('error', () => undefined)
    const closed = next(socket, 'close')
    socket.pause()
    socket.write(opening())
    for (let n = 0; n < FRAMES && !socket.destroyed; n += 1_000) {
      const frames = Buffer.concat(Array.from({ length: 1_000 }, (_, index) => frameOf(n + index)))
      if (!socket.write(frames)) await Promise.race([next(socket, 'drain'), closed])
    }
    // Its end is seen only by who reads.
    socket.resume()
    await closed
  }

  test.each(floods)('%s ends its connection, with TLS and over gRPC, and no other', async (_, frameOf) => {
    using directory = tempDir()
    const [certFile, keyFile] = [`${directory.path}/cert.pem`, `${directory.path}/key.pem`]
    const issued = issue('localhost', { altNames: ['DNS:localhost'] })
    writeFileSync(certFile, issued.cert)
    writeFileSync(keyFile, issued.key)
    const tls = await TlsFiles.open({ tls: { certFile, keyFile }, endpoint: 'OTLP/HTTP', onEvent: () => undefined })
    await using receiver = await startReceiver({ tls })
    const grpcPort = await receiver.listenGrpc()
    for (const port of [receiver.port, grpcPort]) {
      const socket = connectTls({ port, host: 'localhost', ALPNProtocols: ['h2'], rejectUnauthorized: false })
      await once(socket, 'secureConnect')
      await flood(socket, frameOf)
    }
    tls.close()
    expect(receiver.counted.get('in flight') ?? 0).toBe(0)
    expect(receiver.wal.durableLsn).toBe(0n)
  })

  test('leaves gRPC without TLS as it was for others', async () => {
    await using receiver = await startReceiver()
    const port = await receiver.listenGrpc()
    const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
    const flooding = flood(connect(port, '127.0.0.1'), (n) => resetRequest(2 * n + 1, path, 'application/grpc'))
    expect((await sendGrpc(port, body)).code).toBe(0)
    await flooding
    expect((await sendGrpc(port, encodeRequest([spanOf({ name: 'after' })]))).code).toBe(0)
  })
})
