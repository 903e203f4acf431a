import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { admitEverybody } from '#src/otlp/admission.ts'
import { FaultyFileSystem } from '../wal/faulty-file-system.ts'
import { TemporaryDirectory } from '../wal/wal-fixture.ts'
import { sendProtobuf } from './http-client.ts'
import { decodeMessage } from './otlp-schema.ts'
import { startReceiver } from './receiver-fixture.ts'
import { encodeRequest, hex, spanOf } from './requests.ts'

describe('a request that is sent again', () => {
  const body = encodeRequest([spanOf(), spanOf({ spanId: hex('00') })])

  test('is answered as the first time and stored once, one after the other or at once', async () => {
    await using receiver = await startReceiver()
    const answers = await Promise.all(Array.from({ length: 8 }, () => sendProtobuf(receiver.port, body)))
    answers.push(await sendProtobuf(receiver.port, gzipSync(body), { 'content-encoding': 'gzip' }))
    for (const answer of answers) {
      expect(answer.code).toBe(200)
      expect(decodeMessage('ExportTraceServiceResponse', answer.body)).toMatchObject({
        partialSuccess: { rejectedSpans: '1' },
      })
    }
    expect(receiver.wal.durableLsn).toBe(1n)
    expect(receiver.counted.get('duplicate')).toBe(8)
  })

  test('is recognised after a restart, and for 15 minutes only', async () => {
    await using directory = await TemporaryDirectory.create()
    let now = 1_790_000_000_000
    const clock = { now: () => now }
    const settings = { at: directory.path, clock, log: { clock } }
    {
      await using receiver = await startReceiver(settings)
      await sendProtobuf(receiver.port, body)
    }
    now += 14 * 60_000
    {
      await using receiver = await startReceiver(settings)
      expect((await sendProtobuf(receiver.port, body)).code).toBe(200)
      expect(receiver.wal.durableLsn).toBe(1n)
      now += 2 * 60_000
      expect((await sendProtobuf(receiver.port, body)).code).toBe(200)
      expect(receiver.wal.durableLsn).toBe(2n)
    }
  })

  test('is stored if the first attempt was not', async () => {
    const faulty = new FaultyFileSystem()
    await using receiver = await startReceiver({ log: { fileSystem: faulty.fileSystem } })
    faulty.failWhen((operation, path) => (operation === 'writeAt' && path.includes('.seg') ? 'ENOSPC' : undefined))
    const refused = await Promise.all(Array.from({ length: 3 }, () => sendProtobuf(receiver.port, body)))
    expect(refused.map(({ code }) => code)).toEqual([503, 503, 503])
    faulty.heal()
    await sendProtobuf(receiver.port, body)
    expect(receiver.wal.durableLsn).toBe(1n)
  })

  test('by another sender is another request', async () => {
    await using directory = await TemporaryDirectory.create()
    for (const authority of ['a', 'b']) {
      await using receiver = await startReceiver({ at: directory.path, admit: admitEverybody(authority) })
      await sendProtobuf(receiver.port, body)
      expect(receiver.wal.durableLsn).toBe(authority === 'a' ? 1n : 2n)
    }
  })
})
