/**
 * Folders that take minutes to make and are made once per content of what they are made from, below `.cache`, which git
 * ignores. A prepared one is found by its last file, so that one that was left half-made, or is being made by another
 * run, is never used.
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const CACHE = join(import.meta.dirname, '../../.cache')
const READY = 'ready'
const KEY_LENGTH = 16

/** Why a folder cannot be had on this machine. */
export interface Missing {
  readonly missing: string
}

interface Preparation {
  /** Folder of its own below the cache. */
  readonly name: string
  /** All that decides what is made. */
  readonly madeFrom: readonly string[]
  /** Makes it; resolves with what the machine lacks, if so. Rejects where it should have worked. */
  readonly prepare: (folder: string) => Promise<string | undefined>
}

/** The folder, made now or found. Others of the same name, made from something else, are removed. */
export const preparedFolder = async ({ name, madeFrom, prepare }: Preparation): Promise<string | Missing> => {
  const parent = join(CACHE, name)
  const key = createHash('sha256').update(madeFrom.join('\n')).digest('hex').slice(0, KEY_LENGTH)
  const entries = existsSync(parent) ? readdirSync(parent) : []
  const ready = entries.find((entry) => entry.startsWith(key) && existsSync(join(parent, entry, READY)))
  if (ready !== undefined) return join(parent, ready)
  for (const entry of entries) {
    if (!entry.startsWith(key)) rmSync(join(parent, entry), { recursive: true, force: true })
  }
  const folder = join(parent, `${key}-${randomUUID()}`)
  mkdirSync(folder, { recursive: true })
  let isReady = false
  try {
    const missing = await prepare(folder)
    if (missing !== undefined) return { missing }
    writeFileSync(join(folder, READY), '')
    isReady = true
    return folder
  } finally {
    if (!isReady) rmSync(folder, { recursive: true, force: true })
  }
}
