import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A directory of its own for one test. Removed by `remove`, by `using`, and at the latest when the process exits. */
export interface TempDir extends Disposable, AsyncDisposable {
  readonly path: string
  /** Idempotent. */
  remove(): void
}

const live = new Set<string>()
let sweeping = false

const removeTree = (path: string): void => {
  live.delete(path)
  rmSync(path, { recursive: true, force: true, maxRetries: 3 })
}

/** A fresh empty directory: `using dir = tempDir()` or `const { path } = tempDir()`. */
export const tempDir = (prefix = 'outlay-'): TempDir => {
  const path = mkdtempSync(join(tmpdir(), prefix))
  live.add(path)
  if (!sweeping) {
    sweeping = true
    process.once('exit', () => {
      for (const left of live) removeTree(left)
    })
  }
  const remove = (): void => removeTree(path)
  return {
    path,
    remove,
    [Symbol.dispose]: remove,
    [Symbol.asyncDispose]: () => {
      remove()
      return Promise.resolve()
    },
  }
}
