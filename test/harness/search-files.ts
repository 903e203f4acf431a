/** Looks for text in every file below some directories, while their owner goes on working there. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const WALKS_MAX = 100

interface Found {
  /** Files that were read. */
  readonly searched: number
  /** Those that hold the text. */
  readonly holding: readonly string[]
}

/**
 * The engine merges parts and drops the old ones at any time: what a vanished file held may stand in one that was not
 * listed yet. Such a walk proves nothing and starts again; only an undisturbed one counts.
 */
export const searchFiles = (directories: readonly string[], text: string): Found => {
  for (let walk = 1; ; walk += 1) {
    try {
      const files = directories.flatMap(filesBelow)
      return { searched: files.length, holding: files.filter((file) => readFileSync(file).includes(text)) }
    } catch (error) {
      const vanished = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (!vanished || walk === WALKS_MAX) throw error
    }
  }
}

const filesBelow = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
