import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FaultyFileSystem } from './faulty-file-system.ts'
import { appendText, openTestWal, readAll, TemporaryDirectory, textsOf } from './wal-fixture.ts'

const SLOT_BYTES = 512

describe('cursors', () => {
  test('start at zero, survive a restart, and never move backwards', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    for (let count = 0; count < 5; count += 1) await appendText(wal, 'x')
    expect(wal.cursor('evidence')).toBe(0n)
    await wal.advanceCursor('evidence', 2n)
    await wal.advanceCursor('mirror', 1n)
    await Promise.all([wal.advanceCursor('evidence', 4n), wal.advanceCursor('evidence', 3n)])
    await wal.close()
    const again = await openTestWal(directory.path)
    expect([again.cursor('evidence'), again.cursor('mirror')]).toEqual([4n, 1n])
    expect(again.recovery.anomalies).toEqual([])
    await again.close()
  })

  test('may not pass the durable end', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    await expect(wal.advanceCursor('evidence', 1n)).rejects.toThrow('BUG')
    expect(wal.failed).toBe(false)
    await wal.close()
  })

  test('fall back to the older slot if the newer one is damaged, and say so', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    for (let count = 0; count < 3; count += 1) await appendText(wal, 'x')
    for (const lsn of [1n, 2n, 3n]) await wal.advanceCursor('evidence', lsn)
    await wal.close()
    const path = join(directory.path, 'cursors')
    const content = await readFile(path)
    // Advances alternate between the slots, beginning with the second.
    content[SLOT_BYTES + 20] = 0xff
    await writeFile(path, content)
    const again = await openTestWal(directory.path)
    expect(again.cursor('evidence')).toBe(2n)
    expect(again.recovery.anomalies).toEqual(['cursor_corrupt'])
    await again.advanceCursor('evidence', 3n)
    await again.close()
    const third = await openTestWal(directory.path)
    expect(third.cursor('evidence')).toBe(3n)
    expect(third.recovery.anomalies).toEqual([])
    await third.close()
  })

  test('that are lost beside records are an anomaly', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    await appendText(wal, 'x')
    await wal.advanceCursor('evidence', 1n)
    await wal.close()
    await writeFile(join(directory.path, 'cursors'), 'short')
    const again = await openTestWal(directory.path)
    expect(again.cursor('evidence')).toBe(0n)
    expect(again.recovery.anomalies).toEqual(['cursor_corrupt'])
    await again.close()
  })
})

describe('deletion', () => {
  const texts = Array.from({ length: 6 }, (_, index) => `${index}`.padEnd(3_000, '.'))

  test('waits for the slowest consumer and for the retention, and keeps the newest segment', async () => {
    await using directory = await TemporaryDirectory.create()
    let now = 0
    const wal = await openTestWal(directory.path, { clock: { now: () => now }, retainAfterAckMs: 1_000 })
    wal.registerConsumers(['evidence', 'mirror'])
    for (const text of texts) await appendText(wal, text)
    await wal.advanceCursor('evidence', 6n)
    now = 5_000
    await wal.advanceCursor('mirror', 2n)
    expect(wal.firstLsn).toBe(1n)
    now = 6_000
    await wal.advanceCursor('mirror', 3n)
    expect(wal.firstLsn).toBe(3n)
    now = 99_000
    await wal.advanceCursor('mirror', 6n)
    now = 199_000
    await wal.advanceCursor('mirror', 6n)
    expect(wal.firstLsn).toBe(6n)
    await wal.close()
    const again = await openTestWal(directory.path)
    expect(textsOf(await readAll(again, again.firstLsn))).toEqual(texts.slice(5))
    expect(again.recovery).toMatchObject({ lostRecords: 0n, anomalies: [] })
    expect(await appendText(again, 'next')).toBe(7n)
    await again.close()
  })

  test('never happens while no consumer is registered', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path, { retainAfterAckMs: 0 })
    for (const text of texts) await appendText(wal, text)
    await wal.advanceCursor('evidence', 6n)
    expect(wal.firstLsn).toBe(1n)
    await wal.close()
  })

  test('comes only after the cursor is on disk', async () => {
    await using directory = await TemporaryDirectory.create()
    const faulty = new FaultyFileSystem()
    const wal = await openTestWal(directory.path, { retainAfterAckMs: 0, fileSystem: faulty.fileSystem })
    wal.registerConsumers(['evidence'])
    for (const text of texts) await appendText(wal, text)
    faulty.operations.length = 0
    await wal.advanceCursor('evidence', 1n)
    const steps = faulty.operations.map((step) => step.replace(directory.path, ''))
    expect(steps).toEqual(['writeAt /cursors', 'sync /cursors', 'remove /00000000000000000001.seg', 'syncDirectory '])
    await wal.close()
  })
})
