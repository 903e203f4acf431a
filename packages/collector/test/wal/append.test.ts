import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hashBody, RECORD_FLAGS } from '#src/wal/index.ts'
import { appendText, bodyOf, META, openTestWal, readAll, TemporaryDirectory, textsOf } from './wal-fixture.ts'

const ALL = { recordsMax: 1_000, bytesMax: 1_000_000 }

describe('an open log', () => {
  test('gives back what was appended, with its place, time, count, hash and sender', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path, { clock: { now: () => 1_790_000_000_123 } })
    const meta = { authority: 'acme', tenant: 'acme', tokenId: 'ok_1', rulesetId: 'carriers@7', transport: 'http' }
    const body = bodyOf('stripped request')
    const outcome = await wal.append({ body, spanCount: 12, meta, flags: RECORD_FLAGS.fromJson })
    expect(outcome).toEqual({ status: 'durable', lsn: 1n })
    expect(await wal.read(1n, ALL)).toEqual([
      {
        walUuid: wal.uuid,
        lsn: 1n,
        receivedUnixNano: 1_790_000_000_123_000_000n,
        flags: RECORD_FLAGS.fromJson,
        spanCount: 12,
        bodyHash: hashBody(body),
        meta,
        body,
      },
    ])
    await wal.close()
  })

  test('numbers records from one without a hole, however many arrive at once, and groups their commits', async () => {
    await using directory = await TemporaryDirectory.create()
    const commits: number[] = []
    const wal = await openTestWal(directory.path, { onCommit: ({ records }) => commits.push(records) })
    const texts = Array.from({ length: 500 }, (_, index) => `record ${index}`)
    const lsns = await Promise.all(texts.map((text) => appendText(wal, text)))
    expect(lsns).toEqual(texts.map((_, index) => BigInt(index + 1)))
    expect(textsOf(await readAll(wal))).toEqual(texts)
    expect(commits.length).toBeLessThan(250)
    expect(commits.reduce((sum, records) => sum + records, 0)).toBe(500)
    expect(wal.stats().segments).toBeGreaterThan(1)
    await wal.close()
  })

  test('never lets the time of a record fall below that of the record before it', async () => {
    await using directory = await TemporaryDirectory.create()
    let now = 2_000
    const clock = { now: () => now }
    const wal = await openTestWal(directory.path, { clock })
    await appendText(wal, 'a')
    now = 1_000
    await appendText(wal, 'b')
    await wal.close()
    const again = await openTestWal(directory.path, { clock })
    await appendText(again, 'c')
    const times = (await readAll(again)).map(({ receivedUnixNano }) => receivedUnixNano)
    expect(times).toEqual([2_000_000_000n, 2_000_000_000n, 2_000_000_000n])
    await again.close()
  })

  test('takes a record that is larger than a segment and goes on in a new one', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    const large = 'x'.repeat(20_000)
    await appendText(wal, 'before')
    await appendText(wal, large)
    await appendText(wal, 'after')
    expect(textsOf(await readAll(wal))).toEqual(['before', large, 'after'])
    expect((await readdir(directory.path)).filter((name) => name.endsWith('.seg'))).toHaveLength(3)
    await wal.close()
  })

  test('reads no more than asked for, but always at least one record', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    for (const text of ['aaaa', 'bbbb', 'cccc']) await appendText(wal, text)
    expect(textsOf(await wal.read(1n, { recordsMax: 2, bytesMax: 1_000 }))).toEqual(['aaaa', 'bbbb'])
    expect(textsOf(await wal.read(2n, { recordsMax: 9, bytesMax: 1 }))).toEqual(['bbbb'])
    expect(textsOf(await wal.read(1n, { recordsMax: 9, bytesMax: 8 }))).toEqual(['aaaa', 'bbbb'])
    expect(await wal.read(4n, ALL)).toEqual([])
    await wal.close()
  })

  test('wakes a waiting reader once a record above its place is durable', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    let woken = false
    const waiting = (async () => {
      await wal.waitForRecords(1n)
      woken = true
    })()
    await appendText(wal, 'first')
    await wal.waitForRecords(0n)
    expect(woken).toBe(false)
    await appendText(wal, 'second')
    await waiting
    await wal.close()
  })

  test('lets a waiting reader go when its signal aborts or the log closes', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    const abort = new AbortController()
    const aborted = wal.waitForRecords(0n, abort.signal)
    const closed = wal.waitForRecords(0n)
    abort.abort(new Error('stop'))
    await expect(aborted).rejects.toThrow('stop')
    await Promise.all([expect(closed).rejects.toMatchObject({ code: 'E_WAL_CLOSED' }), wal.close()])
    expect(await wal.append({ body: bodyOf('late'), spanCount: 1, meta: META })).toEqual({
      status: 'retryable',
      reason: 'draining',
    })
  })

  test('commits what it accepted before it closes', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    const accepted = Promise.all([appendText(wal, 'a'), appendText(wal, 'b')])
    await wal.close()
    await accepted
    const again = await openTestWal(directory.path)
    expect(textsOf(await readAll(again))).toEqual(['a', 'b'])
    await again.close()
  })

  test('keeps its files to its owner', async () => {
    await using directory = await TemporaryDirectory.create()
    const path = join(directory.path, 'wal')
    const wal = await openTestWal(path)
    await appendText(wal, 'a')
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    for (const name of ['META', 'LOCK', 'cursors', '00000000000000000001.seg']) {
      expect((await stat(join(path, name))).mode & 0o777).toBe(0o600)
    }
    await wal.close()
  })

  test('writes records of the documented layout', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    const body = bodyOf('body')
    await wal.append({ body, spanCount: 3, meta: META })
    const file = await readFile(join(directory.path, '00000000000000000001.seg'))
    expect(file.toString('latin1', 0, 8)).toBe('OUTLAYWL')
    expect(file.toString('hex', 11, 27)).toBe(wal.uuid)
    expect(file.readBigUInt64LE(27)).toBe(wal.epoch)
    expect(file.readBigUInt64LE(35)).toBe(1n)
    const record = file.subarray(64)
    expect(record.readUInt32LE(0)).toBe(record.length - 8)
    expect(record.readBigUInt64LE(8)).toBe(1n)
    expect(record.readUInt16LE(24)).toBe(1)
    expect(record.readUInt32LE(28)).toBe(3)
    expect(record.subarray(32, 48)).toEqual(hashBody(body))
    expect(record.subarray(50 + record.readUInt16LE(48))).toEqual(body)
    await wal.close()
  })
})

describe('the identity of a log', () => {
  test('keeps its uuid over restarts and counts every start', async () => {
    await using directory = await TemporaryDirectory.create()
    const first = await openTestWal(directory.path)
    await first.close()
    const second = await openTestWal(directory.path)
    expect(second.uuid).toBe(first.uuid)
    expect(second.epoch).toBe(first.epoch + 1n)
    await second.close()
  })
})
