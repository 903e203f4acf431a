import { expect, test } from 'vitest'
import { untilThereIsSpace } from '#src/pipeline/until-space.ts'
import { FaultyFileSystem } from '../wal/faulty-file-system.ts'
import { openTestWal, TemporaryDirectory } from '../wal/wal-fixture.ts'

const openOnFullDisk = async (directory: string) => {
  const disk = new FaultyFileSystem()
  const wal = await openTestWal(directory, { fileSystem: disk.fileSystem })
  disk.failWhen((operation, path) => (operation === 'writeAt' && path.includes('/sealed/') ? 'ENOSPC' : undefined))
  return { disk, wal }
}

test('a unit that finds the disk full is sealed once there is space, and the log goes on', async () => {
  await using directory = await TemporaryDirectory.create()
  const { disk, wal } = await openOnFullDisk(directory.path)
  let told = 0
  const onDiskFull = (): void => {
    told += 1
    disk.heal()
  }
  const patience = { signal: new AbortController().signal, onDiskFull }
  await untilThereIsSpace(patience, () => wal.seal('unit', Buffer.from('rows'), { rows: 1 }))
  expect(told).toBe(1)
  expect(wal.failed).toBe(false)
  expect((await wal.sealedUnits()).map(({ name, payload }) => [name, payload.toString()])).toEqual([['unit', 'rows']])
  await wal.close()
})

test('the wait for space ends with the collector', async () => {
  await using directory = await TemporaryDirectory.create()
  const { wal } = await openOnFullDisk(directory.path)
  const stop = new AbortController()
  const patience = { signal: stop.signal, onDiskFull: () => stop.abort() }
  await expect(untilThereIsSpace(patience, () => wal.seal('unit', Buffer.from('rows'), {}))).rejects.toThrow('aborted')
  await wal.close()
})
