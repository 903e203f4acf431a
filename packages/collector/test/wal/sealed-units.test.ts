import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openTestWal, TemporaryDirectory } from './wal-fixture.ts'

describe('sealed units', () => {
  test('come back after a restart, unchanged and in the order of their sealing', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    const manifest = { token: `${wal.uuid}:1:1-9:spans`, rows: 3 }
    await wal.seal('uuid:1:10-19', [Buffer.from('later '), Buffer.from('bytes')], { rows: 2 })
    await wal.seal('uuid:1:1-9', Buffer.from([0, 255, 1]), manifest)
    await wal.close()
    const again = await openTestWal(directory.path)
    expect(await again.sealedUnits()).toEqual([
      { name: 'uuid:1:10-19', manifest: { rows: 2 }, payload: Buffer.from('later bytes') },
      { name: 'uuid:1:1-9', manifest, payload: Buffer.from([0, 255, 1]) },
    ])
    await again.seal('third', Buffer.alloc(0), {})
    expect((await again.sealedUnits()).map(({ name }) => name)).toEqual(['uuid:1:10-19', 'uuid:1:1-9', 'third'])
    await again.removeSealed('uuid:1:10-19')
    await again.removeSealed('uuid:1:10-19')
    expect((await again.sealedUnits()).map(({ name }) => name)).toEqual(['uuid:1:1-9', 'third'])
    await again.close()
  })

  test('are sealed once: their bytes never change', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    await wal.seal('unit', Buffer.from('a'), {})
    await expect(wal.seal('unit', Buffer.from('b'), {})).rejects.toThrow('BUG')
    expect(wal.failed).toBe(false)
    await wal.close()
  })

  test('go to quarantine if any byte of them changed, and are reported as an anomaly', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    await wal.seal('unit', Buffer.from('payload'), { rows: 1 })
    await wal.close()
    const path = join(directory.path, 'sealed', 'unit.unit')
    const whole = await readFile(path)
    for (let offset = 0; offset < whole.length; offset += 1) {
      const damaged = Buffer.from(whole)
      damaged[offset] = (damaged[offset] ?? 0) ^ 1
      await writeFile(path, damaged)
      const again = await openTestWal(directory.path)
      expect(await again.sealedUnits()).toEqual([])
      expect(again.recovery.anomalies).toEqual(['unit_corrupt'])
      await again.close()
    }
    const kept = (await readdir(join(directory.path, 'quarantine'))).filter((name) => name.endsWith('.bin'))
    expect(kept).toHaveLength(whole.length)
  })

  test('cannot leave their directory by name', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    await wal.seal('../../escape', Buffer.from('a'), {})
    expect((await wal.sealedUnits()).map(({ name }) => name)).toEqual(['../../escape'])
    expect(await readdir(join(directory.path, 'sealed'))).toEqual(['..%2F..%2Fescape.unit'])
    await wal.close()
  })
})

describe('quarantine', () => {
  test('keeps content and reason side by side, also for a name that was used before', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    await wal.quarantine('../unit:1', Buffer.from('first'), { code: 33 })
    await wal.quarantine('../unit:1', Buffer.from('second'), { code: 32 })
    const path = join(directory.path, 'quarantine')
    expect((await readdir(path)).sort()).toEqual([
      '__unit_1.2.bin',
      '__unit_1.2.reason.json',
      '__unit_1.bin',
      '__unit_1.reason.json',
    ])
    expect(await readFile(join(path, '__unit_1.2.bin'), 'utf8')).toBe('second')
    expect(JSON.parse(await readFile(join(path, '__unit_1.reason.json'), 'utf8'))).toEqual({ code: 33, bytes: 5 })
    expect(wal.stats().quarantined).toBe(2)
    await wal.close()
  })
})
