import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { FaultyFileSystem } from '../wal/faulty-file-system.ts'
import { PROTOBUF, statusOf } from './answers.ts'
import { send, sendProtobuf } from './http-client.ts'
import { loggedSpans, startReceiver } from './receiver-fixture.ts'
import { encodeRequest, spanOf, textAttribute } from './requests.ts'

describe('P12: sizes', () => {
  const MIB = 1024 * 1024
  /** One attribute that will be dropped fills the request to exactly so many bytes. */
  const requestOfBytes = (bytes: number): Buffer => {
    const make = (filler: number) =>
      encodeRequest([spanOf({ attributes: [textAttribute('gen_ai.prompt', 'x'.repeat(filler))] })])
    const overhead = make(bytes - 1_000).length - (bytes - 1_000)
    const body = make(bytes - overhead)
    expect(body.length).toBe(bytes)
    return body
  }

  test.each(['announced', 'chunked', 'gzip'])('64 MiB %s is taken, one byte more is 413', async (how) => {
    await using receiver = await startReceiver()
    const transmit = (body: Buffer) => {
      // Huffman codes alone shrink the filler by a factor of eight: no bomb.
      const compressed = how === 'gzip' ? gzipSync(body, { level: 1, strategy: 2 }) : body
      const headers = { 'content-type': PROTOBUF, ...(how === 'gzip' ? { 'content-encoding': 'gzip' } : {}) }
      const length = how === 'chunked' ? {} : { 'content-length': `${compressed.length}` }
      return send(receiver.port, { body: compressed, headers: { ...headers, ...length } })
    }
    expect((await transmit(requestOfBytes(64 * MIB))).code).toBe(200)
    const refused = await transmit(requestOfBytes(64 * MIB + 1))
    expect([refused.code, statusOf(refused.body)['code']]).toEqual([413, 8])
    expect(refused.headers['retry-after']).toBeUndefined()
    expect(receiver.counted.get('refused too_large')).toBe(1)
    expect(receiver.counted.get('in flight')).toBe(0)
  })

  test.each([
    ['gzip', (body: Buffer) => gzipSync(body, { level: 9 })],
    ['zstd', (body: Buffer) => zstdCompressSync(body)],
  ] as const)(
    'a %s bomb is 413 at 200 times its size beyond 1 MiB; the same factor below 1 MiB is fine',
    async (encoding, compress) => {
      await using receiver = await startReceiver()
      const headers = { 'content-encoding': encoding }
      expect((await sendProtobuf(receiver.port, compress(requestOfBytes(MIB)), headers)).code).toBe(200)
      expect((await sendProtobuf(receiver.port, compress(requestOfBytes(8 * MIB)), headers)).code).toBe(413)
    },
  )

  test('frames of a zstd body are bounded together, not one by one', async () => {
    await using receiver = await startReceiver()
    const frame = zstdCompressSync(requestOfBytes(MIB), { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
    const headers = { 'content-encoding': 'zstd' }
    expect((await sendProtobuf(receiver.port, frame, headers)).code).toBe(200)
    expect((await sendProtobuf(receiver.port, Buffer.concat([frame, frame]), headers)).code).toBe(413)
  })

  test('headers beyond 16 KiB are 431', async () => {
    await using receiver = await startReceiver()
    const answer = await send(receiver.port, { headers: { 'x-large': 'x'.repeat(17_000) } })
    expect(answer.code).toBe(431)
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 3 })
  })
})

describe('overload', () => {
  test('is 503 before the body is read, with a Retry-After of 1 to 3 seconds', async () => {
    await using receiver = await startReceiver({ inFlightBytesMax: 10_000 })
    const answer = await sendProtobuf(receiver.port, Buffer.alloc(10_001))
    expect([answer.code, statusOf(answer.body)['code']]).toEqual([503, 14])
    expect(['1', '2', '3']).toContain(answer.headers['retry-after'])
    const chunked = await send(receiver.port, { body: Buffer.alloc(10_001), headers: { 'content-type': PROTOBUF } })
    expect(chunked.code).toBe(503)
    const bomb = gzipSync(encodeRequest([spanOf({ name: 'x'.repeat(20_000) })]))
    expect((await sendProtobuf(receiver.port, bomb, { 'content-encoding': 'gzip' })).code).toBe(503)
    expect((await sendProtobuf(receiver.port, encodeRequest([spanOf()]))).code).toBe(200)
    expect(receiver.counted.get('refused memory')).toBe(3)
  })

  test('a full log is 503, and passes', async () => {
    const faulty = new FaultyFileSystem()
    await using receiver = await startReceiver({ log: { fileSystem: faulty.fileSystem } })
    faulty.failWhen((operation, path) => (operation === 'writeAt' && path.includes('.seg') ? 'ENOSPC' : undefined))
    const refused = await sendProtobuf(receiver.port, encodeRequest([spanOf()]))
    expect([refused.code, statusOf(refused.body)['message']]).toEqual([503, 'the log is full; try again'])
    faulty.heal()
    expect((await sendProtobuf(receiver.port, encodeRequest([spanOf()]))).code).toBe(200)
    expect(receiver.wal.durableLsn).toBe(1n)
  })

  test('a failed log never says 200 again', async () => {
    const faulty = new FaultyFileSystem()
    await using receiver = await startReceiver({ log: { fileSystem: faulty.fileSystem } })
    faulty.failWhen((operation, path) => (operation === 'sync' && path.includes('.seg') ? 'EIO' : undefined))
    expect((await sendProtobuf(receiver.port, encodeRequest([spanOf()]))).code).toBe(503)
    faulty.heal()
    expect((await sendProtobuf(receiver.port, encodeRequest([spanOf()]))).code).toBe(503)
    expect(receiver.counted.get('refused wal_failed')).toBe(2)
  })

  test('draining answers 503 with Retry-After 1 and lets requests under way finish', async () => {
    await using receiver = await startReceiver()
    const underWay = sendProtobuf(receiver.port, encodeRequest([spanOf()]))
    expect((await underWay).code).toBe(200)
    await receiver.server.drain()
    const answer = await sendProtobuf(receiver.port, encodeRequest([spanOf({ name: 'late' })]))
    expect([answer.code, answer.headers['retry-after'], answer.headers.connection]).toEqual([503, '1', 'close'])
    expect(await loggedSpans(receiver.wal)).toEqual(['chat gpt-5'])
  })
})
