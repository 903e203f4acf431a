/**
 * Where a running collector takes upkeep from: a socket in the directory of its log, which only its user may enter. Nothing
 * listens on a port, and no key is needed. A path that is too long for a socket lies in a private temporary directory.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SOCKET_NAME = 'upkeep.sock'
const POINTER_NAME = 'upkeep.path'
/** Of `sun_path`, with its end, on the systems with the shortest. */
const SOCKET_PATH_BYTES_MAX = 103
const PRIVATE = 0o600

/** The path to listen on. What an earlier process has left there is removed: the caller owns the log. */
export const prepareSocket = async (walDirectory: string): Promise<string> => {
  const inLog = join(walDirectory, SOCKET_NAME)
  const fits = Buffer.byteLength(inLog) <= SOCKET_PATH_BYTES_MAX
  const path = fits ? inLog : join(await mkdtemp(join(tmpdir(), 'outlay-')), SOCKET_NAME)
  await rm(path, { force: true })
  await writeFile(join(walDirectory, POINTER_NAME), path, { mode: PRIVATE })
  return path
}

export const removeSocket = async (walDirectory: string, path: string): Promise<void> => {
  await rm(join(walDirectory, POINTER_NAME), { force: true })
  await rm(path, { force: true })
}

/** Undefined where the owner of the log offers none. */
export const findSocket = async (walDirectory: string): Promise<string | undefined> => {
  try {
    return await readFile(join(walDirectory, POINTER_NAME), 'utf8')
  } catch {
    return undefined
  }
}
