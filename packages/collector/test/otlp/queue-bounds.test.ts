/** L7: every queue of the receive path at its bound: it refuses or forgets, and never grows. */
import { gzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { DuplicateWindow } from '#src/otlp/duplicate-window.ts'
import { Inflater } from '#src/otlp/inflate.ts'
import { hashBody } from '#src/wal/index.ts'
import { FaultyFileSystem } from '../wal/faulty-file-system.ts'
import { statusOf } from './answers.ts'
import { sendGrpc } from './grpc-client.ts'
import { sendProtobuf } from './http-client.ts'
import { loggedSpans, startReceiver } from './receiver-fixture.ts'
import { encodeRequest, spanOf } from './requests.ts'

const named = (name: string): Buffer => encodeRequest([spanOf({ name })])

describe('L7: a queue at its bound', () => {
  test('of requests that wait for their turn asks for a retry, over both transports, and loses none that waits', async () => {
    const faulty = new FaultyFileSystem()
    const turns = { workingMax: 1, waitingMax: 1 }
    await using receiver = await startReceiver({ turns, log: { fileSystem: faulty.fileSystem } })
    const port = await receiver.listenGrpc()
    const disk = Promise.withResolvers<undefined>()
    faulty.held = disk.promise
    const taken = [sendProtobuf(receiver.port, named('works')), sendProtobuf(receiver.port, named('waits'))]
    const size = named('works').length + named('waits').length
    await vi.waitUntil(() => receiver.counted.get('in flight') === size)
    const refused = await sendProtobuf(receiver.port, named('one too many'))
    expect([refused.code, statusOf(refused.body)['code'], refused.headers['retry-after']]).toEqual([
      503,
      14,
      expect.stringMatching(/^[123]$/),
    ])
    expect(await sendGrpc(port, named('one too many'))).toMatchObject({ code: 14, said: { RetryInfo: {} } })
    disk.resolve(undefined)
    expect((await Promise.all(taken)).map(({ code }) => code)).toEqual([200, 200])
    expect((await loggedSpans(receiver.wal)).toSorted()).toEqual(['waits', 'works'])
    expect([receiver.counted.get('refused memory'), receiver.counted.get('in flight')]).toEqual([2, 0])
  })

  test('of bodies to inflate says that it is busy', async () => {
    const inflater = new Inflater({
      bodyBytesMax: 1_000,
      ratioMax: 200,
      ratioFreeBytes: 1_000,
      zstdFramesMax: 1,
      concurrencyMax: 1,
      queueMax: 2,
    })
    const wire = gzipSync('body')
    const results = await Promise.all(Array.from({ length: 5 }, () => inflater.inflate('gzip', wire)))
    expect(results.map(({ status }) => status).toSorted()).toEqual(['busy', 'busy', 'inflated', 'inflated', 'inflated'])
    expect((await inflater.inflate('gzip', wire)).status).toBe('inflated')
  })

  test('of remembered bodies forgets the oldest', async () => {
    const window = new DuplicateWindow({ clock: { now: () => 0 }, entriesMax: 3 })
    const append = async (name: string): Promise<boolean> => {
      const identity = { authority: 'local', bodyHash: hashBody(Buffer.from(name)), spanCount: 1 }
      return (await window.appendOnce(identity, () => Promise.resolve({ status: 'durable', lsn: 1n }))).duplicate
    }
    for (const name of ['a', 'b', 'c', 'd']) expect(await append(name)).toBe(false)
    expect(window.size).toBe(3)
    expect([await append('d'), await append('a')]).toEqual([true, false])
    expect(window.size).toBe(3)
  })
})
