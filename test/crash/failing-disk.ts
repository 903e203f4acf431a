/**
 * Preloaded into a real process (`--import`): from the moment on at which the file named in the query of this module's URL
 * exists, every fsync of a segment fails, as a disk that dies under the log.
 */
import { existsSync } from 'node:fs'
import { nodeFileSystem } from '../../packages/collector/src/wal/index.ts'

const armedBy = new URL(import.meta.url).searchParams.get('armed') ?? ''
const real = { ...nodeFileSystem }

Object.assign(nodeFileSystem, {
  open: async (...[path, mode]: Parameters<typeof real.open>) => {
    const file = await real.open(path, mode)
    if (!path.endsWith('.seg')) return file
    return Object.assign(Object.create(file) as typeof file, {
      writeAt: (...write: Parameters<typeof file.writeAt>) => file.writeAt(...write),
      close: () => file.close(),
      sync: async () => {
        if (existsSync(armedBy)) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', errno: -5 })
        await file.sync()
      },
    })
  },
} satisfies Partial<typeof nodeFileSystem>)
