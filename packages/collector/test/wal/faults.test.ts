import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FaultyFileSystem } from './faulty-file-system.ts'
import {
  appendText,
  bodyOf,
  crashCopy,
  META,
  openTestWal,
  readAll,
  TemporaryDirectory,
  textsOf,
} from './wal-fixture.ts'

const isSegment = (path: string): boolean => path.includes('.seg')
const record = (text: string) => ({ body: bodyOf(text), spanCount: 1, meta: META })

describe('a disk that fails', () => {
  test.each(['sync', 'writeAt'] as const)(
    'EIO on %s is final: no ack, no second try, durable end unchanged',
    async (broken) => {
      await using directory = await TemporaryDirectory.create()
      const faulty = new FaultyFileSystem()
      const failures: unknown[] = []
      const onFailed = (error: unknown): unknown => failures.push(error)
      const wal = await openTestWal(directory.path, { fileSystem: faulty.fileSystem, onFailed })
      await appendText(wal, 'durable')
      faulty.failWhen((operation, path) => (operation === broken && isSegment(path) ? 'EIO' : undefined))
      const outcomes = await Promise.all([wal.append(record('a')), wal.append(record('b'))])
      expect(outcomes).toEqual([{ status: 'failed' }, { status: 'failed' }])
      faulty.heal()
      expect(await wal.append(record('c'))).toEqual({ status: 'failed' })
      expect(wal.failed).toBe(true)
      expect(wal.stats().failed).toBe(true)
      expect(failures).toHaveLength(1)
      expect(wal.durableLsn).toBe(1n)
      expect(textsOf(await readAll(wal))).toEqual(['durable'])
      await using copy = await crashCopy(directory.path)
      const again = await openTestWal(copy.path)
      expect(textsOf(await readAll(again)).slice(0, 1)).toEqual(['durable'])
      await again.close()
      await wal.close()
    },
  )

  test('an fsync that fails on a cursor fails the log: nothing may be deleted or acked on its account', async () => {
    await using directory = await TemporaryDirectory.create()
    const faulty = new FaultyFileSystem()
    const wal = await openTestWal(directory.path, { fileSystem: faulty.fileSystem })
    await appendText(wal, 'a')
    wal.registerConsumers(['evidence'])
    faulty.failWhen((operation, path) => (operation === 'sync' && path.endsWith('cursors') ? 'EIO' : undefined))
    await expect(wal.advanceCursor('evidence', 1n)).rejects.toThrow('EIO')
    expect(wal.cursor('evidence')).toBe(0n)
    expect(wal.failed).toBe(true)
    await wal.close()
  })
})

describe('a disk that is full', () => {
  test('ENOSPC refuses the whole group, leaves no trace of it, and passes without a restart', async () => {
    await using directory = await TemporaryDirectory.create()
    const faulty = new FaultyFileSystem()
    const wal = await openTestWal(directory.path, { fileSystem: faulty.fileSystem })
    await appendText(wal, 'before')
    const before = await readFile(join(directory.path, '00000000000000000001.seg'))
    faulty.failWhen((operation, path) => (operation === 'writeAt' && isSegment(path) ? 'ENOSPC' : undefined))
    const full = { status: 'retryable', reason: 'full' }
    expect(await Promise.all([wal.append(record('a')), wal.append(record('b'))])).toEqual([full, full])
    expect(await readFile(join(directory.path, '00000000000000000001.seg'))).toEqual(before)
    faulty.heal()
    expect(await appendText(wal, 'after')).toBe(2n)
    expect(textsOf(await readAll(wal))).toEqual(['before', 'after'])
    await wal.close()
  })

  test('ENOSPC while a segment is created refuses and passes as well', async () => {
    await using directory = await TemporaryDirectory.create()
    const faulty = new FaultyFileSystem()
    const wal = await openTestWal(directory.path, { fileSystem: faulty.fileSystem })
    faulty.failWhen((operation, path) => (operation === 'writeAt' && isSegment(path) ? 'ENOSPC' : undefined))
    expect(await wal.append(record('a'))).toEqual({ status: 'retryable', reason: 'full' })
    faulty.heal()
    expect(await appendText(wal, 'b')).toBe(1n)
    await wal.close()
  })

  test('a group that cannot be taken back after ENOSPC fails the log', async () => {
    await using directory = await TemporaryDirectory.create()
    const faulty = new FaultyFileSystem()
    const wal = await openTestWal(directory.path, { fileSystem: faulty.fileSystem })
    await appendText(wal, 'before')
    faulty.failWhen((operation) => ({ writeAt: 'ENOSPC', truncate: 'EIO' })[operation as 'writeAt'])
    expect(await wal.append(record('a'))).toEqual({ status: 'failed' })
    await wal.close()
  })

  test('refuses before the disk does, once free space is below the reserve', async () => {
    await using directory = await TemporaryDirectory.create()
    const faulty = new FaultyFileSystem()
    let now = 0
    const clock = { now: () => now }
    faulty.freeBytes = 10_000
    const wal = await openTestWal(directory.path, { fileSystem: faulty.fileSystem, clock, reserveBytes: 9_000 })
    await appendText(wal, 'a')
    expect(await wal.append(record('x'.repeat(900)))).toEqual({ status: 'retryable', reason: 'full' })
    faulty.freeBytes = 20_000
    now += 2_000
    expect(await appendText(wal, 'x'.repeat(900))).toBe(2n)
    await wal.close()
  })
})

describe('a log at its configured size', () => {
  test('refuses until consumers have passed and the retention has elapsed, then goes on', async () => {
    await using directory = await TemporaryDirectory.create()
    let now = 0
    const clock = { now: () => now }
    const wal = await openTestWal(directory.path, { clock, bytesMax: 10_000, retainAfterAckMs: 60_000 })
    wal.registerConsumers(['evidence'])
    const text = 'x'.repeat(3_000)
    for (let count = 0; count < 3; count += 1) await appendText(wal, text)
    const full = { status: 'retryable', reason: 'full' }
    expect(await wal.append(record(text))).toEqual(full)
    await wal.advanceCursor('evidence', 3n)
    expect(await wal.append(record(text))).toEqual(full)
    now = 60_000
    expect(await appendText(wal, text)).toBe(4n)
    expect(wal.firstLsn).toBe(3n)
    await wal.close()
  })
})
