import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeFileSystem, type Wal, type WalFileSystem } from '#src/wal/index.ts'
import { appendText, openTestWal, readAll, TemporaryDirectory, textsOf } from './wal-fixture.ts'
import { startWriter } from './writer-process.ts'

const lockFiles = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.startsWith('LOCK'))

/** The identity of a process that has ended and was reaped: nothing can be more gone. */
const deadOwner = async (nonce: string): Promise<string> => {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return JSON.stringify({ pid: child.pid, startTime: '1', bootId: '', nonce })
}

describe('the lock of a directory', () => {
  test('refuses a second log in the same process', async () => {
    await using directory = await TemporaryDirectory.create()
    const wal = await openTestWal(directory.path)
    await expect(openTestWal(directory.path)).rejects.toMatchObject({ code: 'E_WAL_LOCKED' })
    await wal.close()
    expect(await lockFiles(directory.path)).toEqual([])
  })

  test('refuses a second process and lets it in once the first was killed', async () => {
    await using directory = await TemporaryDirectory.create()
    const writer = startWriter(directory.path)
    await writer.acks(1)
    await expect(openTestWal(directory.path)).rejects.toMatchObject({
      code: 'E_WAL_LOCKED',
      message: expect.stringContaining(`process ${writer.pid}`),
    })
    await writer.kill()
    const wal = await openTestWal(directory.path)
    expect(wal.recovery.staleLockBroken).toBe(true)
    expect(await lockFiles(directory.path)).toEqual(['LOCK'])
    await wal.close()
  })

  test('is held against a process whose pid was given out again', async () => {
    await using directory = await TemporaryDirectory.create()
    const reused = { pid: process.pid, startTime: '1', bootId: '', nonce: '00000000000000aa' }
    await writeFile(join(directory.path, 'LOCK'), JSON.stringify(reused))
    const wal = await openTestWal(directory.path)
    expect(wal.recovery.staleLockBroken).toBe(true)
    await wal.close()
  })

  test('of another boot is stale, whatever runs under its pid now', async () => {
    await using directory = await TemporaryDirectory.create()
    const owner = { pid: process.pid, startTime: '', bootId: 'another-boot', nonce: '00000000000000ab' }
    await writeFile(join(directory.path, 'LOCK'), JSON.stringify(owner))
    const wal = await openTestWal(directory.path)
    await appendText(wal, 'a')
    expect(textsOf(await readAll(wal))).toEqual(['a'])
    await wal.close()
  })

  test('that cannot be read is respected, because its owner may be alive', async () => {
    await using directory = await TemporaryDirectory.create()
    await writeFile(join(directory.path, 'LOCK'), 'garbage')
    await expect(openTestWal(directory.path)).rejects.toMatchObject({ code: 'E_WAL_LOCKED' })
    expect(await readFile(join(directory.path, 'LOCK'), 'utf8')).toBe('garbage')
    expect(await lockFiles(directory.path)).toEqual(['LOCK'])
  })

  test('is broken by exactly one of many that find it stale at once', async () => {
    await using directory = await TemporaryDirectory.create()
    await writeFile(join(directory.path, 'LOCK'), await deadOwner('00000000000000ac'))
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => openTestWal(directory.path)))
    const winners = attempts.filter((attempt) => attempt.status === 'fulfilled')
    expect(winners).toHaveLength(1)
    for (const { value } of winners) await value.close()
  })

  test('is not taken from one who broke it between our look and our move', async () => {
    await using directory = await TemporaryDirectory.create()
    await writeFile(join(directory.path, 'LOCK'), await deadOwner('00000000000000af'))
    const winner: { wal?: Wal } = {}
    const fileSystem: WalFileSystem = {
      ...nodeFileSystem,
      readFile: async (path) => {
        const content = await nodeFileSystem.readFile(path)
        winner.wal ??= await openTestWal(directory.path)
        return content
      },
    }
    await expect(openTestWal(directory.path, { fileSystem })).rejects.toMatchObject({ code: 'E_WAL_LOCKED' })
    await winner.wal?.close()
    expect(await lockFiles(directory.path)).toEqual([])
  })

  test('is refused to others while one is breaking it', async () => {
    await using directory = await TemporaryDirectory.create()
    await writeFile(join(directory.path, 'LOCK'), await deadOwner('00000000000000b0'))
    const others: PromiseSettledResult<Wal>[] = []
    const fileSystem: WalFileSystem = {
      ...nodeFileSystem,
      rename: async (from, to) => {
        if (from.endsWith('LOCK')) others.push(...(await Promise.allSettled([openTestWal(directory.path)])))
        await nodeFileSystem.rename(from, to)
      },
    }
    const wal = await openTestWal(directory.path, { fileSystem })
    expect(others).toMatchObject([{ status: 'rejected', reason: { code: 'E_WAL_LOCKED' } }])
    await wal.close()
  })

  test('is broken even if the one who was breaking it died in between', async () => {
    await using directory = await TemporaryDirectory.create()
    await writeFile(join(directory.path, 'LOCK'), await deadOwner('00000000000000ad'))
    await writeFile(join(directory.path, 'LOCK.break.00000000000000ad'), await deadOwner('00000000000000ae'))
    const wal = await openTestWal(directory.path)
    expect(await lockFiles(directory.path)).toEqual(['LOCK'])
    await wal.close()
  })
})
