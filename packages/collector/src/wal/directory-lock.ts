/**
 * `LOCK`: one process per directory. Node has no `flock`, so the lock is a file that is created exclusively (by hard
 * link, thus never seen half written) and that names its owner.
 *
 * Breaking a stale lock: whoever links `LOCK.break.<nonce of the stale owner>` alone has the right to rename that one
 * lock away, and removes the right only after its own lock is in place. A second breaker either loses the link or finds
 * another nonce in LOCK. A breaker that died is itself a stale owner of its right, broken the same way.
 */
import { OutlayError } from '@outlay/core'
import { errorCodeOf, type WalFileSystem } from './file-system.ts'
import { identifyThisProcess, isProvablyGone, type ProcessIdentity, parseProcessIdentity } from './process-identity.ts'

export const LOCK_NAME = 'LOCK'
/** Each level is one process that died within the few system calls of breaking a lock. */
const BREAK_DEPTH_MAX = 8

export interface DirectoryLock {
  readonly staleBroken: boolean
  release(): Promise<void>
}

const readOwner = async (
  fileSystem: WalFileSystem,
  path: string,
): Promise<ProcessIdentity | 'missing' | 'unreadable'> => {
  try {
    return parseProcessIdentity((await fileSystem.readFile(path)).toString('utf8')) ?? 'unreadable'
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return 'missing'
    throw error
  }
}

class LockFile {
  readonly #fileSystem: WalFileSystem
  readonly #directory: string
  readonly #candidate: string

  constructor(fileSystem: WalFileSystem, directory: string, candidate: string) {
    this.#fileSystem = fileSystem
    this.#directory = directory
    this.#candidate = candidate
  }

  /** True if `name` is ours now; `breaking` collects the rights to give back. */
  async take(name: string, breaking: string[], depth = 0): Promise<boolean> {
    const path = `${this.#directory}/${name}`
    if (await this.#link(path)) return true
    const owner = await readOwner(this.#fileSystem, path)
    if (owner === 'missing') return this.#link(path)
    if (owner === 'unreadable' || depth === BREAK_DEPTH_MAX || !(await isProvablyGone(owner))) return false
    const right = `${LOCK_NAME}.break.${owner.nonce}`
    if (!(await this.take(right, breaking, depth + 1))) return false
    breaking.push(right)
    const now = await readOwner(this.#fileSystem, path)
    if (typeof now !== 'object' || now.nonce !== owner.nonce) return false
    // Renamed first, so that the file of a live owner could never be removed by name.
    const stale = `${path}.stale.${owner.nonce}`
    await this.#fileSystem.rename(path, stale)
    await this.#fileSystem.remove(stale)
    return this.#link(path)
  }

  async #link(path: string): Promise<boolean> {
    try {
      await this.#fileSystem.link(this.#candidate, path)
      return true
    } catch (error) {
      if (errorCodeOf(error) === 'EEXIST') return false
      throw error
    }
  }
}

const refuse = async (fileSystem: WalFileSystem, directory: string): Promise<never> => {
  const owner = await readOwner(fileSystem, `${directory}/${LOCK_NAME}`)
  throw new OutlayError('E_WAL_LOCKED', 'another process owns this log', {
    where: directory,
    got: typeof owner === 'object' ? `process ${owner.pid}` : `a lock that is ${owner}`,
    want: 'one process per directory',
    fix: 'Stop the other process or give this one its own directory. If no such process exists, remove the file LOCK.',
  })
}

/** Fails with E_WAL_LOCKED while the owner may be alive. */
export const lockDirectory = async (fileSystem: WalFileSystem, directory: string): Promise<DirectoryLock> => {
  const self = await identifyThisProcess()
  const candidate = `${directory}/${LOCK_NAME}.${self.nonce}`
  const file = await fileSystem.open(candidate, 'wx')
  await file.writeAt([Buffer.from(JSON.stringify(self))], 0)
  await file.sync()
  await file.close()
  const breaking: string[] = []
  const lock = new LockFile(fileSystem, directory, candidate)
  try {
    if (!(await lock.take(LOCK_NAME, breaking))) await refuse(fileSystem, directory)
  } finally {
    await fileSystem.remove(candidate)
    for (const right of breaking) await fileSystem.remove(`${directory}/${right}`)
  }
  const path = `${directory}/${LOCK_NAME}`
  await fileSystem.syncDirectory(directory)
  return {
    staleBroken: breaking.length > 0,
    release: async () => {
      const owner = await readOwner(fileSystem, path)
      if (typeof owner === 'object' && owner.nonce === self.nonce) await fileSystem.remove(path)
    },
  }
}
