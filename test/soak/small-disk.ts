/** A small disk of its own for the log, where this process may mount one, so that it can be filled. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync } from 'node:fs'
import { open } from 'node:fs/promises'

export interface SmallDisk {
  readonly path: string
  /** Leaves nothing free. */
  fill(): Promise<void>
  empty(): void
  close(): void
}

/** More than the reserve below which the log refuses. */
const SIZE = '640m'
const BLOCK_BYTES = 8 * 1024 * 1024

/** The disk, or why there is none. */
export const mountSmallDisk = (path: string): SmallDisk | { readonly refused: string } => {
  mkdirSync(path, { recursive: true })
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'outlay-soak', path], { encoding: 'utf8' })
  if (mounted.status !== 0) {
    return { refused: (mounted.error?.message ?? mounted.stderr).trim() || `mount ended with ${mounted.status}` }
  }
  const filler = `${path}/filler`
  return {
    path,
    fill: async () => {
      const file = await open(filler, 'w')
      try {
        const { bavail, bsize } = statfsSync(path)
        for (let left = bavail * bsize; left > 0; left -= BLOCK_BYTES) await file.write(Buffer.alloc(BLOCK_BYTES, 1))
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      } finally {
        await file.close()
      }
    },
    empty: () => rmSync(filler, { force: true }),
    close: () => {
      spawnSync('umount', ['--lazy', path])
    },
  }
}
