import { randomHex } from '@outlay/core'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A name and a password for HTTP Basic authentication. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** The three identities of the endpoint, from least to most able. */
export interface EngineCredentials {
  /** Read only, guarded. Has no password: loopback is its boundary. */
  readonly reader: Credentials
  /** Inserts into `outlay*`, swaps price tables, reads anything. */
  readonly collector: Credentials
  /** Everything inside `outlay*` databases. */
  readonly migrator: Credentials
}

/** Where a running engine can be reached, as another process of the same user finds it. */
export interface PublishedEngine {
  readonly url: string
  readonly pid: number
  readonly credentials: EngineCredentials
}

export const createCredentials = (): EngineCredentials => ({
  reader: { username: 'reader', password: '' },
  collector: { username: 'collector', password: randomHex(24) },
  migrator: { username: 'migrator', password: randomHex(24) },
})

const fileOf = (dataDir: string): string => join(dataDir, 'credentials.json')

/** Written by the engine process once it owns the directory; readable by its user only. */
export const publishEngine = async (dataDir: string, engine: PublishedEngine): Promise<void> => {
  const draft = `${fileOf(dataDir)}.${engine.pid}`
  await writeFile(draft, `${JSON.stringify(engine, undefined, 2)}\n`, { mode: 0o600 })
  await rename(draft, fileOf(dataDir))
}

export const unpublishEngine = (dataDir: string): Promise<void> => rm(fileOf(dataDir), { force: true })

/**
 * How to reach the engine that owns `dataDir`, or undefined when none was published there.
 * After a crash of both processes the file may outlive its engine: a refused connection then means "not running".
 */
export const readPublishedEngine = async (dataDir: string): Promise<PublishedEngine | undefined> => {
  try {
    return JSON.parse(await readFile(fileOf(dataDir), 'utf8')) as PublishedEngine
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
