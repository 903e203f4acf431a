import { copyFile, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Wal } from '#src/wal/index.ts'
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

const FIRST_SEGMENT = '00000000000000000001.seg'

/** A closed log with these texts; `segments` is where it starts a new one. */
const writeLog = async (directory: string, texts: readonly string[]): Promise<Wal> => {
  const wal = await openTestWal(directory)
  for (const text of texts) await appendText(wal, text)
  await wal.close()
  return wal
}

const segmentsIn = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.endsWith('.seg')).sort()

const flipBit = async (path: string, offset: number): Promise<void> => {
  const content = await readFile(path)
  content[offset] = (content[offset] ?? 0) ^ 0x10
  await writeFile(path, content)
}

describe('a torn tail', () => {
  test('is cut at the last whole record, wherever the write broke off', async () => {
    await using directory = await TemporaryDirectory.create()
    await writeLog(directory.path, ['first', 'second'])
    const whole = await readFile(join(directory.path, FIRST_SEGMENT))
    const secondStart = 64 + whole.readUInt32LE(64) + 8
    for (let bytes = secondStart; bytes < whole.length; bytes += 1) {
      await using copy = await crashCopy(directory.path)
      await truncate(join(copy.path, FIRST_SEGMENT), bytes)
      const wal = await openTestWal(copy.path)
      expect(textsOf(await readAll(wal))).toEqual(['first'])
      expect(wal.recovery).toMatchObject({ truncatedBytes: bytes - secondStart, lostRecords: 0n, corruptSegments: [] })
      expect(await appendText(wal, 'third')).toBe(2n)
      expect(textsOf(await readAll(wal))).toEqual(['first', 'third'])
      await wal.close()
      const again = await openTestWal(copy.path)
      expect(textsOf(await readAll(again))).toEqual(['first', 'third'])
      expect(again.recovery).toMatchObject({ truncatedBytes: 0, lostRecords: 0n, corruptSegments: [] })
      await again.close()
    }
  })

  test.each([
    ['zeros', Buffer.alloc(5_000)],
    ['noise', Buffer.from('noise, not a record '.repeat(20))],
  ])('of %s is cut and counted', async (_, tail) => {
    await using directory = await TemporaryDirectory.create()
    await writeLog(directory.path, ['kept'])
    const path = join(directory.path, FIRST_SEGMENT)
    await writeFile(path, Buffer.concat([await readFile(path), tail]))
    const wal = await openTestWal(directory.path)
    expect(textsOf(await readAll(wal))).toEqual(['kept'])
    expect(wal.recovery.truncatedBytes).toBe(tail.length)
    await wal.close()
  })

  test('that is a whole record with a wrong checksum is kept in quarantine, since it may have been acked', async () => {
    await using directory = await TemporaryDirectory.create()
    await writeLog(directory.path, ['kept', 'damaged'])
    const path = join(directory.path, FIRST_SEGMENT)
    await flipBit(path, (await readFile(path)).length - 1)
    const wal = await openTestWal(directory.path)
    expect(textsOf(await readAll(wal))).toEqual(['kept'])
    expect(wal.recovery.corruptSegments).toEqual([FIRST_SEGMENT])
    expect(await readdir(join(directory.path, 'quarantine'))).toContain(`${FIRST_SEGMENT}.tail.bin`)
    await wal.close()
  })
})

describe('damage in the middle', () => {
  test('of the last segment costs exactly the damaged record, whichever byte of it flips', async () => {
    await using directory = await TemporaryDirectory.create()
    await writeLog(directory.path, ['first', 'second', 'third'])
    const whole = await readFile(join(directory.path, FIRST_SEGMENT))
    const start = 64 + whole.readUInt32LE(64) + 8
    const end = start + whole.readUInt32LE(start) + 8
    for (let offset = start; offset < end; offset += 1) {
      await using copy = await crashCopy(directory.path)
      await flipBit(join(copy.path, FIRST_SEGMENT), offset)
      const wal = await openTestWal(copy.path)
      expect(textsOf(await readAll(wal))).toEqual(['first', 'third'])
      expect(wal.recovery.lost).toEqual([{ firstLsn: 2n, lastLsn: 2n }])
      expect(await readdir(join(copy.path, 'quarantine'))).toContain(`${FIRST_SEGMENT}.bin`)
      expect(await appendText(wal, 'fourth')).toBe(4n)
      await wal.close()
    }
  })

  test('of an older segment costs exactly the damaged record, at the latest when it is read', async () => {
    await using directory = await TemporaryDirectory.create()
    const texts = Array.from({ length: 6 }, (_, index) => `${index}`.padEnd(1_500, '.'))
    await writeLog(directory.path, texts)
    expect(await segmentsIn(directory.path)).toHaveLength(3)
    const size = (await readFile(join(directory.path, FIRST_SEGMENT))).length
    // Every header byte of the first record, then some of its body, then the second record.
    const offsets = [...Array.from({ length: 90 }, (_, index) => 64 + index), 800, size - 1_400, size - 1]
    for (const offset of offsets) {
      await using copy = await crashCopy(directory.path)
      await flipBit(join(copy.path, FIRST_SEGMENT), offset)
      const wal = await openTestWal(copy.path)
      const lost = offset < size - 1_550 ? 0 : 1
      expect(textsOf(await readAll(wal))).toEqual(texts.filter((_, index) => index !== lost))
      expect(wal.lostRanges()).toEqual([{ firstLsn: BigInt(lost + 1), lastLsn: BigInt(lost + 1) }])
      expect(wal.stats().lostRecords).toBe(1n)
      expect(await readdir(join(copy.path, 'quarantine'))).toContain(`${FIRST_SEGMENT}.bin`)
      await wal.close()
    }
  })

  test('between records of every size is found, however they lie to what is read at once', async () => {
    const atOnce = 256 * 1_024
    const sizes = [900, atOnce - 300, atOnce, 40, atOnce + 4_096, 3 * atOnce, 7, 2 * atOnce - 50, 60_000, atOnce - 1]
    const texts = [...sizes, ...sizes.toReversed()].map((size, index) => `${index}`.padEnd(size, `${index % 10}`))
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path, { segmentBytes: 3 * 1_024 ** 2 })
    const tenant = 'of a name that is longer than what is usual '.repeat(8)
    for (const [index, text] of texts.entries()) {
      const meta = { ...META, ...(index % 3 === 0 ? { tenant } : {}) }
      await wal.append({ body: bodyOf(text), spanCount: index, meta })
    }
    await wal.close()
    const [first = '', ...others] = await segmentsIn(directory.path)
    // Only of the last one are all checksums looked at.
    expect(others).not.toEqual([])
    const whole = await readFile(join(directory.path, first))
    let start = 64
    for (const index of texts.keys()) {
      const length = whole.readUInt32LE(start) + 8
      if (start + length >= whole.length) break
      await using copy = await crashCopy(directory.path)
      // The length is what a walk follows: only the checksum tells that it is wrong.
      await flipBit(join(copy.path, first), start + 2)
      const again = await openTestWal(copy.path)
      const headers: number[] = []
      await again.scanHeaders({}, ({ spanCount }) => headers.push(spanCount))
      const left = [...texts.keys()].filter((key) => key !== index)
      expect(headers).toEqual(left)
      expect(textsOf(await readAll(again)).map(Number.parseFloat)).toHaveLength(left.length)
      expect(again.lostRanges()).toEqual([{ firstLsn: BigInt(index + 1), lastLsn: BigInt(index + 1) }])
      await again.close()
      start += length
    }
  })

  test('in the header of a segment loses no record', async () => {
    await using directory = await TemporaryDirectory.create()
    await writeLog(directory.path, ['a', 'b'])
    await flipBit(join(directory.path, FIRST_SEGMENT), 30)
    const wal = await openTestWal(directory.path)
    expect(textsOf(await readAll(wal))).toEqual(['a', 'b'])
    expect(wal.recovery.corruptSegments).toEqual([FIRST_SEGMENT])
    await wal.close()
  })

  test('at the end of what can be read leaves a waiting reader asleep until something new comes', async () => {
    await using directory = await TemporaryDirectory.create()
    const texts = ['a', 'b'].map((text) => text.padEnd(3_000, '.'))
    await writeLog(directory.path, texts)
    const wal = await openTestWal(directory.path)
    await flipBit(join(directory.path, '00000000000000000002.seg'), 200)
    expect(await wal.read(2n, { recordsMax: 9, bytesMax: 9_999 })).toEqual([])
    let woken = false
    const waiting = (async () => {
      await wal.waitForRecords(1n)
      woken = true
    })()
    await wal.waitForRecords(0n)
    expect(woken).toBe(false)
    await appendText(wal, 'c')
    await waiting
    expect(textsOf(await wal.read(2n, { recordsMax: 9, bytesMax: 9_999 }))).toEqual(['c'])
    await wal.close()
  })

  test('makes a missing segment a counted gap', async () => {
    await using directory = await TemporaryDirectory.create()
    const texts = Array.from({ length: 6 }, (_, index) => `${index}`.padEnd(1_500, '.'))
    await writeLog(directory.path, texts)
    const [, middle] = await segmentsIn(directory.path)
    await rm(join(directory.path, middle ?? ''))
    const wal = await openTestWal(directory.path)
    expect(textsOf(await readAll(wal))).toEqual([...texts.slice(0, 2), ...texts.slice(4)])
    expect(wal.recovery.lost).toEqual([{ firstLsn: 3n, lastLsn: 4n }])
    await wal.close()
  })

  test('by a segment that claims lsns of another one sets the file aside, unread and unchanged', async () => {
    await using directory = await TemporaryDirectory.create()
    await writeLog(directory.path, ['a', 'b', 'c'])
    await copyFile(join(directory.path, FIRST_SEGMENT), join(directory.path, '00000000000000000002.seg'))
    const wal = await openTestWal(directory.path)
    expect(textsOf(await readAll(wal))).toEqual(['a', 'b', 'c'])
    expect(await readdir(join(directory.path, 'quarantine'))).toEqual(['00000000000000000002.seg'])
    expect(await appendText(wal, 'd')).toBeGreaterThan(3n)
    await wal.close()
  })
})

describe('lost or damaged side files', () => {
  test.each(['missing', 'corrupt'] as const)('a %s META starts a new uuid; old records keep theirs', async (how) => {
    await using directory = await TemporaryDirectory.create()
    const before = await writeLog(directory.path, ['old'])
    const path = join(directory.path, 'META')
    await (how === 'missing' ? rm(path) : flipBit(path, 12))
    const wal = await openTestWal(directory.path)
    await appendText(wal, 'new')
    expect(wal.uuid).not.toBe(before.uuid)
    expect(wal.epoch).toBeGreaterThan(before.epoch)
    expect(wal.recovery.anomalies).toEqual([`meta_${how}`])
    const first = await wal.read(1n, { recordsMax: 9, bytesMax: 9_999 })
    expect(first.map(({ walUuid, lsn }) => [walUuid, lsn])).toEqual([[before.uuid, 1n]])
    const second = await wal.read(2n, { recordsMax: 9, bytesMax: 9_999 })
    expect(second.map(({ walUuid, lsn }) => [walUuid, lsn])).toEqual([[wal.uuid, 2n]])
    await wal.close()
  })

  test('an emptied directory is a new log', async () => {
    await using directory = await TemporaryDirectory.create()
    const before = await writeLog(directory.path, ['old'])
    await rm(directory.path, { recursive: true })
    const wal = await openTestWal(directory.path)
    expect(wal.uuid).not.toBe(before.uuid)
    expect(wal.recovery).toMatchObject({ anomalies: [], records: 0 })
    expect(await appendText(wal, 'new')).toBe(1n)
    await wal.close()
  })

  test('a log of a newer format is refused instead of misread', async () => {
    await using directory = await TemporaryDirectory.create()
    await writeLog(directory.path, ['a'])
    const path = join(directory.path, 'META')
    const content = await readFile(path)
    content.writeUInt16LE(2, 8)
    await writeFile(path, content)
    await expect(openTestWal(directory.path)).rejects.toMatchObject({ code: 'E_WAL_FORMAT' })
  })

  test('leftovers of unfinished renames do no harm', async () => {
    await using directory = await TemporaryDirectory.create()
    await writeLog(directory.path, ['a'])
    await writeFile(join(directory.path, 'META.tmp'), 'half')
    await writeFile(join(directory.path, 'sealed', 'x.unit.tmp'), 'half')
    const wal = await openTestWal(directory.path)
    expect(textsOf(await readAll(wal))).toEqual(['a'])
    expect(await readdir(join(directory.path, 'sealed'))).toEqual([])
    await wal.close()
  })
})

describe('numbers that may never come back', () => {
  test('an lsn below a cursor is not given out again, even if its record is gone', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    for (const text of ['a', 'b', 'c']) await appendText(wal, text)
    wal.registerConsumers(['evidence'])
    await wal.advanceCursor('evidence', 3n)
    await wal.close()
    const path = join(directory.path, FIRST_SEGMENT)
    await truncate(path, (await readFile(path)).length - 1)
    const again = await openTestWal(directory.path)
    expect(await appendText(again, 'd')).toBe(4n)
    expect(again.cursor('evidence')).toBe(3n)
    expect(textsOf(await again.read(4n, { recordsMax: 9, bytesMax: 999 }))).toEqual(['d'])
    expect(again.lostRanges()).toEqual([{ firstLsn: 3n, lastLsn: 3n }])
    await again.close()
  })

  test('an epoch is not given out again by a META restored from a backup', async () => {
    await using directory = await TemporaryDirectory.create()
    await writeLog(directory.path, ['a'])
    await copyFile(join(directory.path, 'META'), join(directory.path, 'META.backup'))
    const second = await writeLog(directory.path, ['b'])
    await rename(join(directory.path, 'META.backup'), join(directory.path, 'META'))
    const third = await openTestWal(directory.path)
    expect(third.epoch).toBeGreaterThan(second.epoch)
    await third.close()
  })

  test('a start without records reuses the empty segment of the one before', async () => {
    await using directory = await TemporaryDirectory.create()
    await writeLog(directory.path, ['a'])
    await truncate(join(directory.path, FIRST_SEGMENT), 64)
    const wal = await openTestWal(directory.path)
    expect(await appendText(wal, 'b')).toBe(1n)
    expect(textsOf(await readAll(wal))).toEqual(['b'])
    expect(await segmentsIn(directory.path)).toEqual([FIRST_SEGMENT])
    await wal.close()
  })
})

describe('headers of the last minutes', () => {
  test('come back after a restart, without those that are older', async () => {
    await using directory = await TemporaryDirectory.create()
    let now = 1_000
    const clock = { now: () => now }
    const wal = await openTestWal(directory.path, { clock })
    for (const text of ['a', 'b', 'c']) {
      await appendText(wal, text.padEnd(2_500, '.'))
      now += 1_000
    }
    await wal.close()
    const again = await openTestWal(directory.path, { clock })
    const seen: bigint[] = []
    await again.scanHeaders({ receivedUnixNano: 2_000_000_000n }, (header) => seen.push(header.lsn))
    expect(seen).toEqual([2n, 3n])
    const behind: bigint[] = []
    await again.scanHeaders({ receivedUnixNano: 2_000_000_000n, lsn: 3n }, (header) => behind.push(header.lsn))
    expect(behind).toEqual([3n])
    await again.close()
  })
})
