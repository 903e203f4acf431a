/** `quarantine/`: what was refused, kept with the reason. Nothing in it is ever read back by the log or deleted. */
import { type WalFileSystem, writeFileAtomically } from './file-system.ts'

export interface Quarantine {
  readonly count: number
  /** Content and reason are durable when resolved. The same content under the same name is kept once. */
  put(name: string, content: Buffer, reason: object): Promise<void>
  /** The same, but only once per name: damage found again at a later start is already kept. */
  putOnce(name: string, content: () => Promise<Buffer>, reason: object): Promise<void>
}

const NAME_BYTES_MAX = 120

/** Names come from units and segments; they may never leave the directory. */
const fileNameOf = (name: string): string => {
  const safe = name.replaceAll(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_')
  return safe.slice(0, NAME_BYTES_MAX)
}

export const openQuarantine = (fileSystem: WalFileSystem, directory: string): Quarantine => {
  let count = 0
  const write = async (file: string, content: Buffer, reason: object): Promise<void> => {
    await writeFileAtomically(fileSystem, directory, `${file}.bin`, [content])
    await writeFileAtomically(fileSystem, directory, `${file}.reason.json`, [
      Buffer.from(`${JSON.stringify({ ...reason, bytes: content.length })}\n`),
    ])
    count += 1
  }
  return {
    get count() {
      return count
    },
    put: async (name, content, reason) => {
      const base = fileNameOf(name)
      let file = base
      for (let copy = 2; await fileSystem.exists(`${directory}/${file}.bin`); copy += 1) {
        if (content.equals(await fileSystem.readFile(`${directory}/${file}.bin`))) break
        file = `${base}.${copy}`
      }
      await write(file, content, reason)
    },
    putOnce: async (name, content, reason) => {
      const file = fileNameOf(name)
      if (await fileSystem.exists(`${directory}/${file}.reason.json`)) return
      await write(file, await content(), reason)
    },
  }
}
