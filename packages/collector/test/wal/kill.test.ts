import { describe, expect, test } from 'vitest'
import { openTestWal, readAll, TemporaryDirectory } from './wal-fixture.ts'
import { startWriter } from './writer-process.ts'

const ROUNDS = 12

describe('kill -9', () => {
  test('at random moments, over and over on one directory, never loses an acked record and never repeats an lsn', async () => {
    await using directory = await TemporaryDirectory.create()
    const acked = new Map<bigint, string>()
    const epochs = new Set<bigint>()
    let cursor = 0n
    for (let round = 0; round < ROUNDS; round += 1) {
      const writer = startWriter(directory.path, `r${round}`)
      await writer.acks(1 + Math.floor(Math.random() * 300))
      await writer.kill()
      for (const [lsn, text] of writer.acked) {
        expect(acked.has(lsn)).toBe(false)
        acked.set(lsn, text)
      }
      const wal = await openTestWal(directory.path)
      expect(epochs.has(wal.epoch)).toBe(false)
      epochs.add(wal.epoch)
      const stored = new Map((await readAll(wal)).map(({ lsn, body }) => [lsn, body.toString().replaceAll('.', '')]))
      for (const [lsn, text] of acked) expect(stored.get(lsn)).toBe(text)
      expect([...stored.keys()]).toEqual(Array.from({ length: stored.size }, (_, index) => BigInt(index + 1)))
      expect(wal.recovery).toMatchObject({ lostRecords: 0n, corruptSegments: [], anomalies: [], staleLockBroken: true })
      expect(wal.cursor('evidence')).toBe(cursor)
      cursor = wal.durableLsn
      await wal.advanceCursor('evidence', cursor)
      if (round === 0) await wal.seal('unit-of-round-0', Buffer.from('payload'), { rows: 1 })
      expect((await wal.sealedUnits()).map(({ name }) => name)).toEqual(['unit-of-round-0'])
      await wal.close()
    }
  })
})
