/** L7: every queue of the receive path at its bound: it refuses or forgets, and never grows. */
import { gzipSync } from 'node:zlib'
import { limits, systemClock } from '@outlay/core'
import { describe, expect, test, vi } from 'vitest'
import { DuplicateWindow } from '#src/otlp/duplicate-window.ts'
import { Inflater } from '#src/otlp/inflate.ts'
import { hashBody } from '#src/wal/index.ts'
import { FaultyFileSystem } from '../wal/faulty-file-system.ts'
import { appendText, bodyOf, META, openTestWal, TemporaryDirectory } from '../wal/wal-fixture.ts'
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

  test('of bytes that wait for a commit refuses the first byte beyond 512 MiB, and takes all again when they are answered', async () => {
    const faulty = new FaultyFileSystem()
    let nowMs = 0
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path, { fileSystem: faulty.fileSystem, clock: { now: () => nowMs } })
    const disk = Promise.withResolvers<undefined>()
    faulty.held = disk.promise
    // Every record refers to the same bytes: what is counted is not what is in memory here.
    const largest = Buffer.alloc(limits.requestBodyBytesMax)
    const append = (bytes: number, bodyHash = hashBody(largest.subarray(0, 1))) =>
      wal.append({ body: largest.subarray(0, bytes), bodyHash, spanCount: 1, meta: META })
    const first = append(1)
    const overhead = wal.stats().pendingBytes - 1
    const waiting = Array.from({ length: 7 }, () => append(limits.requestBodyBytesMax - overhead))
    const left = limits.inFlightBytesMax - wal.stats().pendingBytes
    expect(await append(left - overhead + 1)).toEqual({ status: 'retryable', reason: 'full' })
    waiting.push(append(left - overhead))
    expect(wal.stats().pendingBytes).toBe(limits.inFlightBytesMax)
    expect(await append(1)).toEqual({ status: 'retryable', reason: 'full' })
    // A disk that is full then spares writing all of it.
    faulty.freeBytes = 0
    nowMs += 60_000
    disk.resolve(undefined)
    expect(await first).toEqual({ status: 'durable', lsn: 1n })
    expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(new Set(['retryable']))
    expect(wal.stats().pendingBytes).toBe(0)
    faulty.freeBytes = undefined
    nowMs += 60_000
    expect(await append(1)).toEqual({ status: 'durable', lsn: 2n })
    await wal.close()
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

  test('of remembered bodies learns the newest from the log', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    for (const text of ['a', 'b', 'c', 'd']) await appendText(wal, text)
    const window = new DuplicateWindow({ clock: systemClock, entriesMax: 3 })
    await window.rebuild(wal)
    expect(window.size).toBe(3)
    const isKnown = async (text: string): Promise<boolean> => {
      const identity = { authority: 'local', bodyHash: hashBody(bodyOf(text)), spanCount: 1 }
      return (await window.appendOnce(identity, () => Promise.resolve({ status: 'retryable', reason: 'full' })))
        .duplicate
    }
    expect([await isKnown('a'), await isKnown('b'), await isKnown('d')]).toEqual([false, true, true])
    await wal.close()
  })

  test('of remembered bodies costs a request no more when it is full', async () => {
    const entriesMax = 100_000
    const window = new DuplicateWindow({ clock: { now: () => 0 }, entriesMax })
    const bodyHash = Buffer.alloc(16)
    let appended = 0
    const msOf = async (requests: number): Promise<number> => {
      const started = performance.now()
      for (const last = appended + requests; appended < last; appended += 1) {
        bodyHash.writeUInt32LE(appended)
        const identity = { authority: 'local', bodyHash, spanCount: 1 }
        await window.appendOnce(identity, () => Promise.resolve({ status: 'durable', lsn: 1n }))
      }
      return performance.now() - started
    }
    const filling = await msOf(entriesMax)
    expect(await msOf(3 * entriesMax)).toBeLessThan(3 * 5 * filling)
    expect(window.size).toBe(entriesMax)
  })
})
