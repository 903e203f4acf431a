import { nodeFileSystem, type WalFile, type WalFileSystem } from '#src/wal/index.ts'

export type FaultyOperation = 'writeAt' | 'sync' | 'truncate' | 'open' | 'freeBytes'

/** Real files, with errors on demand: `failNext` decides per operation and path whether the real call is made. */
export class FaultyFileSystem {
  readonly operations: string[] = []
  freeBytes: number | undefined
  /** Every fsync waits for it: a disk that hangs. */
  held: Promise<void> | undefined
  #fault: ((operation: FaultyOperation, path: string) => string | undefined) | undefined

  /** The function returns an error code such as EIO, or undefined to let the call through. */
  failWhen(fault: (operation: FaultyOperation, path: string) => string | undefined): void {
    this.#fault = fault
  }

  heal(): void {
    this.#fault = undefined
  }

  get fileSystem(): WalFileSystem {
    return {
      ...nodeFileSystem,
      open: async (path, mode) => {
        this.#check('open', path)
        return this.#wrap(await nodeFileSystem.open(path, mode), path)
      },
      freeBytes: async (path) => {
        this.#check('freeBytes', path)
        return this.freeBytes ?? (await nodeFileSystem.freeBytes(path))
      },
      rename: async (from, to) => {
        this.operations.push(`rename ${to}`)
        await nodeFileSystem.rename(from, to)
      },
      remove: async (path) => {
        this.operations.push(`remove ${path}`)
        await nodeFileSystem.remove(path)
      },
      syncDirectory: async (path) => {
        this.operations.push(`syncDirectory ${path}`)
        await nodeFileSystem.syncDirectory(path)
      },
    }
  }

  #check(operation: FaultyOperation, path: string): void {
    this.operations.push(`${operation} ${path}`)
    const code = this.#fault?.(operation, path)
    if (code !== undefined) throw Object.assign(new Error(`${code} on ${operation}`), { code, errno: -5 })
  }

  #wrap(file: WalFile, path: string): WalFile {
    return {
      writeAt: async (buffers, position) => {
        try {
          this.#check('writeAt', path)
        } catch (error) {
          // A failing disk takes part of the bytes first.
          const part = Buffer.concat([...buffers])
          await file.writeAt([part.subarray(0, part.length >>> 1)], position)
          throw error
        }
        await file.writeAt(buffers, position)
      },
      sync: async () => {
        this.#check('sync', path)
        await this.held
        await file.sync()
      },
      truncate: async (bytes) => {
        this.#check('truncate', path)
        await file.truncate(bytes)
      },
      readAt: (position, length, into) => file.readAt(position, length, into),
      size: () => file.size(),
      close: () => file.close(),
    }
  }
}
