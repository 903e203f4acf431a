/** Jars that Maven fetches, once per content of the file that names them. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Missing, preparedFolder } from './prepared-folder.ts'

interface MavenPackages {
  /** Name of the folder in the cache. */
  readonly name: string
  /** Path of the `pom.xml`. */
  readonly pom: string
  /** Profiles of it, each fetched into a folder of its own. Without any, all jars stand in the folder itself. */
  readonly profiles?: readonly string[]
}

const FETCH_MS_MAX = 600_000

const run = promisify(execFile)

/** Maven writes its errors to stdout. */
const firstError = (error: unknown): string => {
  const { stdout = '', message } = error as { readonly stdout?: string; readonly message: string }
  return /\[ERROR\].*/.exec(stdout)?.[0] ?? message
}

const fetchJars = async (pom: string, folder: string, options: readonly string[]): Promise<string | undefined> => {
  const wanted = [`-DoutputDirectory=${folder}`, '-DincludeScope=runtime', ...options]
  try {
    const args = ['--quiet', '--batch-mode', '--file', pom, 'dependency:copy-dependencies', ...wanted]
    await run('mvn', args, { timeout: FETCH_MS_MAX })
    return undefined
  } catch (error) {
    return `a Maven repository (${firstError(error)})`
  }
}

const fetchAll = async ({ pom, profiles }: MavenPackages, folder: string): Promise<string | undefined> => {
  if (profiles === undefined) return fetchJars(pom, folder, [])
  for (const profile of profiles) {
    const missing = await fetchJars(pom, join(folder, profile), ['--activate-profiles', profile])
    if (missing !== undefined) return missing
  }
  return undefined
}

/** What is not to be found on the PATH, if so. */
export const missingTool = async (tools: readonly string[]): Promise<Missing | undefined> => {
  for (const tool of tools) {
    const isThere = await run(tool, ['--version']).then(
      () => true,
      () => false,
    )
    if (!isThere) return { missing: `${tool} on the PATH` }
  }
  return undefined
}

/** The folder with the jars. */
export const fetchMavenPackages = async (packages: MavenPackages): Promise<string | Missing> => {
  const lacking = await missingTool(['java', 'mvn'])
  if (lacking !== undefined) return lacking
  return preparedFolder({
    name: packages.name,
    madeFrom: [readFileSync(packages.pom, 'utf8'), ...(packages.profiles ?? [])],
    prepare: (folder) => fetchAll(packages, folder),
  })
}
