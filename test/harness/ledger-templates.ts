/**
 * Data directories with migrated databases, made once in a run of the tests and copied for every ledger: an engine opens
 * a schema in a sixth of the time that it takes to make it. Whoever prepares such a database runs `prepareDatabase` on it
 * as on any other, which applies what it lacks; nothing but the empty schema is taken from here.
 */
import { randomBytes } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { connect, migrate } from '@outlay/clickhouse'
import { startEmbeddedClickHouse } from '@outlay/embedded-clickhouse'

/** The directory of this run, set by `template-directory.ts`. Without it every database is migrated where it is used. */
export const TEMPLATES_VARIABLE = 'OUTLAY_TEST_TEMPLATES'

const DRAFT_BYTES = 4
const nameOf = (database: number): string => `outlay_ready${database}`

/** A copy shares no inode with its template: the engine appends to files and replaces links. */
const copyDirectory = (from: string, to: string): Promise<void> =>
  cp(from, to, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE })

/** The template with that many databases: the one with a database less, and one more. */
const templateOf = async (directory: string, databases: number): Promise<string> => {
  const path = `${directory}/${databases}`
  if (existsSync(path)) return path
  const draft = `${path}-${randomBytes(DRAFT_BYTES).toString('hex')}`
  if (databases === 1) await mkdir(draft, { recursive: true })
  else await copyDirectory(await templateOf(directory, databases - 1), draft)
  const engine = await startEmbeddedClickHouse({ dataDir: draft, port: 0 })
  const client = connect({ url: engine.url, ...engine.credentials.migrator, database: 'default' })
  try {
    await migrate(client, { database: nameOf(databases) })
  } finally {
    await client.close()
    await engine.close()
  }
  try {
    await rename(draft, path)
  } catch (error) {
    // Another worker was faster: theirs is as good.
    if (!existsSync(path)) throw error
    await rm(draft, { recursive: true })
  }
  return path
}

/** Fills an empty data directory, before its engine opens it; answers which databases it holds. */
export const fillFromTemplate = async (dataDirectory: string, databases: number): Promise<readonly string[]> => {
  const templates = process.env[TEMPLATES_VARIABLE]
  if (templates === undefined || databases === 0) return []
  await copyDirectory(await templateOf(templates, databases), dataDirectory)
  return Array.from({ length: databases }, (_, index) => nameOf(index + 1))
}
