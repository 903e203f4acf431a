/**
 * The file-system seam of the log: everything that can fail on a disk goes through here, so that tests can make it fail.
 * Positions are explicit; a write either wrote every byte or throws.
 */
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises'

export interface WalFile {
  /** Writes all bytes at `position` or throws. */
  writeAt(buffers: readonly Buffer[], position: number): Promise<void>
  /** Reads up to `length` bytes, into memory of the caller where it gives some; fewer only at the end of the file. */
  readAt(position: number, length: number, into?: Buffer): Promise<Buffer>
  truncate(bytes: number): Promise<void>
  /** `fdatasync`. */
  sync(): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}

/** `r` read, `r+` read and write an existing file, `wx` create exclusively. */
export type OpenMode = 'r' | 'r+' | 'wx'

export interface WalFileSystem {
  open(path: string, mode: OpenMode): Promise<WalFile>
  readFile(path: string): Promise<Buffer>
  rename(from: string, to: string): Promise<void>
  /** Hard link; fails with EEXIST if `to` exists. */
  link(from: string, to: string): Promise<void>
  /** Removes a file; a missing one is no error. */
  remove(path: string): Promise<void>
  list(directory: string): Promise<string[]>
  makeDirectory(path: string): Promise<void>
  syncDirectory(path: string): Promise<void>
  exists(path: string): Promise<boolean>
  /** Bytes an unprivileged process may still write. */
  freeBytes(path: string): Promise<number>
}

const FILE_MODE = 0o600
const DIRECTORY_MODE = 0o700
/** Linux writes at most 1024 buffers per call. */
const WRITEV_BUFFERS_MAX = 1_024

class NodeFile implements WalFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async writeAt(buffers: readonly Buffer[], position: number): Promise<void> {
    let at = position
    for (let first = 0; first < buffers.length; first += WRITEV_BUFFERS_MAX) {
      at = await this.#writeSome(buffers.slice(first, first + WRITEV_BUFFERS_MAX), at)
    }
  }

  async #writeSome(buffers: Buffer[], position: number): Promise<number> {
    const total = buffers.reduce((sum, buffer) => sum + buffer.length, 0)
    let { bytesWritten } = await this.#handle.writev(buffers, position)
    // A short write is legal (signals, nearly full disk): finish it, so that the error shows itself.
    if (bytesWritten < total) {
      const rest = Buffer.concat(buffers)
      while (bytesWritten < total) {
        const step = await this.#handle.write(rest, bytesWritten, total - bytesWritten, position + bytesWritten)
        if (step.bytesWritten === 0) throw Object.assign(new Error('write made no progress'), { code: 'EIO' })
        bytesWritten += step.bytesWritten
      }
    }
    return position + total
  }

  async readAt(position: number, length: number, into?: Buffer): Promise<Buffer> {
    const buffer = into ?? Buffer.allocUnsafe(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(buffer, filled, length - filled, position + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  }

  async truncate(bytes: number): Promise<void> {
    await this.#handle.truncate(bytes)
  }

  async sync(): Promise<void> {
    await this.#handle.datasync()
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

export const nodeFileSystem: WalFileSystem = {
  open: async (path, mode) => new NodeFile(await open(path, mode, FILE_MODE)),
  readFile: (path) => readFile(path),
  rename,
  link,
  remove: (path) => rm(path, { force: true }),
  list: (directory) => readdir(directory),
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true, mode: DIRECTORY_MODE })
  },
  syncDirectory: async (path) => {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  exists: (path) =>
    stat(path).then(
      () => true,
      () => false,
    ),
  freeBytes: async (path) => {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  },
}

/** The `code` of a Node system error, or empty. */
export const errorCodeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** An error of the operating system, as opposed to a mistake of a caller. */
export const isSystemError = (error: unknown): boolean => error instanceof Error && 'errno' in error

/** The disk or the quota is full: the one kind of write error that may pass. */
export const isOutOfSpace = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(errorCodeOf(error))

/**
 * Replaces or creates a file so that after a crash either the old or the whole new content is there:
 * temporary file → fsync → rename → fsync of the directory.
 */
export const writeFileAtomically = async (
  fileSystem: WalFileSystem,
  directory: string,
  name: string,
  content: readonly Buffer[],
): Promise<void> => {
  const temporary = `${directory}/${name}.tmp`
  await fileSystem.remove(temporary)
  const file = await fileSystem.open(temporary, 'wx')
  try {
    await file.writeAt(content, 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await fileSystem.rename(temporary, `${directory}/${name}`)
  await fileSystem.syncDirectory(directory)
}
