/** The data directory: space on its disk, and who may read it. */
import { readdir, stat, statfs } from 'node:fs/promises'
import { limits } from '@outlay/core'
import { type Line, ok, problem, warning } from './diagnosis.ts'

const MIB = 1024 * 1024
/** Below it the log answers 503. */
const RESERVE_BYTES = 256 * MIB
const OTHERS = 0o077

const gib = (bytes: number): string => `${(bytes / (1024 * MIB)).toFixed(1)} GiB`

const diskLine = async (directory: string): Promise<Line> => {
  const { bavail, bsize } = await statfs(directory)
  const free = bavail * bsize
  if (free < RESERVE_BYTES)
    return problem('files', 'disk', `${gib(free)} free`, 'make room: below 256 MiB the log takes nothing')
  const said = `${gib(free)} free`
  return free < limits.walBytesMax
    ? warning(
        'files',
        'disk',
        `${said}, and the log may grow to ${gib(limits.walBytesMax)}`,
        'make room, or an outage of the database ends early with 503',
      )
    : ok('files', 'disk', said)
}

const modeOf = async (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ mode }) => mode & 0o777,
    () => undefined,
  )

/** Evidence and credentials: nobody but the collector's user has any business there. */
const privatePaths = async (dataDirectory: string, logDirectory: string): Promise<readonly string[]> => {
  const inLog = await readdir(logDirectory).catch(() => [])
  const inSealed = await readdir(`${logDirectory}/sealed`).catch(() => [])
  const inQuarantine = await readdir(`${logDirectory}/quarantine`).catch(() => [])
  return [
    `${dataDirectory}/engine`,
    `${dataDirectory}/engine/credentials.json`,
    logDirectory,
    ...inLog.map((name) => `${logDirectory}/${name}`),
    ...inSealed.map((name) => `${logDirectory}/sealed/${name}`),
    ...inQuarantine.map((name) => `${logDirectory}/quarantine/${name}`),
  ]
}

const permissionLine = async (dataDirectory: string, logDirectory: string): Promise<Line> => {
  const paths = await privatePaths(dataDirectory, logDirectory)
  const open: string[] = []
  for (const path of paths) {
    const mode = await modeOf(path)
    if (mode !== undefined && (mode & OTHERS) !== 0) open.push(`${path} (${mode.toString(8).padStart(4, '0')})`)
  }
  if (open.length === 0) return ok('files', 'permissions', `${paths.length} directories and files are private`)
  return problem(
    'files',
    'permissions',
    `others may reach ${open.slice(0, 5).join(', ')}${open.length > 5 ? ` and ${open.length - 5} more` : ''}`,
    'chmod 700 the directories and 600 the files: they hold evidence of calls, and credentials',
  )
}

export const checkFiles = async (dataDirectory: string, logDirectory: string): Promise<readonly Line[]> => {
  const directory = (await modeOf(logDirectory)) === undefined ? dataDirectory : logDirectory
  if ((await modeOf(directory)) === undefined) {
    return [
      warning(
        'files',
        'directory',
        `${dataDirectory} does not exist`,
        'start the collector once, or name its directory with --data-dir',
      ),
    ]
  }
  return [await diskLine(directory), await permissionLine(dataDirectory, logDirectory)]
}
