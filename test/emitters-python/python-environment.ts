/** Pythons with the emitters of `requirements/`, prepared once per content of those files and version of Python. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Missing, preparedFolder } from '../harness/prepared-folder.ts'

/** Sets of packages that cannot share one environment: each is a file below `requirements/`. */
const PACKAGE_SETS = ['main', 'openai-v2'] as const
export type PackageSet = (typeof PACKAGE_SETS)[number]

/** The interpreter of each set. */
type Pythons = Readonly<Record<PackageSet, string>>

const HERE = import.meta.dirname
const VERSION_MIN = { major: 3, minor: 11 }
const INSTALL_MS_MAX = 300_000
const TOOLS = 'tools'

const run = promisify(execFile)
const requirementsOf = (set: string): string => join(HERE, 'requirements', `${set}.txt`)
/** It installs in two seconds what takes pip half a minute of a core. */
const INSTALLER = requirementsOf('installer')

const inside = (root: string, environment: string, program: string): string =>
  process.platform === 'win32'
    ? join(root, environment, 'Scripts', `${program}.exe`)
    : join(root, environment, 'bin', program)

/** The version of `python3`, if it is new enough and can make environments. */
const usableVersion = async (): Promise<string | undefined> => {
  try {
    const script = 'import ensurepip, venv, platform; print(platform.python_version())'
    const version = (await run('python3', ['-c', script])).stdout.trim()
    const [major = 0, minor = 0] = version.split('.').map(Number)
    return major === VERSION_MIN.major && minor >= VERSION_MIN.minor ? version : undefined
  } catch {
    return undefined
  }
}

const WHEELS_ONLY = ['--only-binary', ':all:', '--require-hashes', '--quiet']

const lastLine = (error: unknown): string => {
  const { stderr = '', message } = error as { readonly stderr?: string; readonly message: string }
  return (stderr.trim() === '' ? message : stderr).trim().split('\n').at(-1) ?? ''
}

const pip = (root: string, args: readonly string[]): Promise<{ readonly stdout: string }> =>
  run(inside(root, TOOLS, 'python'), ['-m', 'pip', '--disable-pip-version-check', ...args], { timeout: INSTALL_MS_MAX })

/** Why not even the first package can be had, if so: then there is no registry. */
const installTools = async (root: string): Promise<string | undefined> => {
  await run('python3', ['-m', 'venv', join(root, TOOLS)])
  try {
    await pip(root, ['install', '--retries', '1', ...WHEELS_ONLY, '-r', INSTALLER])
    return undefined
  } catch (error) {
    return lastLine(error)
  }
}

/** A mirror that is configured for pip is none for the installer until it is told. */
const mirrorOf = async (root: string): Promise<readonly string[]> => {
  const configured = await pip(root, ['config', 'get', 'global.index-url']).catch(() => ({ stdout: '' }))
  const mirror = process.env['PIP_INDEX_URL'] ?? configured.stdout.trim()
  return mirror === '' ? [] : ['--default-index', mirror]
}

const installSet = async (root: string, set: PackageSet, mirror: readonly string[]): Promise<void> => {
  const uv = (args: readonly string[]): Promise<unknown> =>
    run(inside(root, TOOLS, 'uv'), [...args, '--quiet'], { timeout: INSTALL_MS_MAX })
  const python = inside(root, set, 'python')
  await uv(['venv', '--no-project', '--python', inside(root, TOOLS, 'python'), join(root, set)])
  await uv(['pip', 'install', ...WHEELS_ONLY, ...mirror, '--python', python, '-r', requirementsOf(set)])
}

const prepareAt = async (root: string): Promise<string | undefined> => {
  const failure = await installTools(root)
  if (failure !== undefined) return failure
  const mirror = await mirrorOf(root)
  for (const set of PACKAGE_SETS) await installSet(root, set, mirror)
  return undefined
}

const pythonsBelow = (root: string): Pythons => ({
  main: inside(root, 'main', 'python'),
  'openai-v2': inside(root, 'openai-v2', 'python'),
})

/** Rejects when the pins are wrong: a registry that answers must have every pinned package. */
export const preparePythonEnvironment = async (): Promise<Pythons | Missing> => {
  const version = await usableVersion()
  if (version === undefined) return { missing: 'python3 on the PATH, 3.11 or newer, with its venv module' }
  const pins = ['installer', ...PACKAGE_SETS].map((set) => readFileSync(requirementsOf(set), 'utf8'))
  const folder = await preparedFolder({
    name: 'python-emitters',
    madeFrom: [version, ...pins],
    prepare: async (root) => {
      const failure = await prepareAt(root)
      return failure === undefined ? undefined : `a Python package registry that pip can reach (${failure})`
    },
  })
  return typeof folder === 'string' ? pythonsBelow(folder) : folder
}
