/** The program of a Rust crate in this repository, built once per content of it and version of Rust. */
import { execFile } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Missing, preparedFolder } from './prepared-folder.ts'
import { readSources } from './read-sources.ts'

interface CargoCrate {
  /** Name of its folder in the cache. */
  readonly name: string
  readonly directory: string
  readonly program: string
}

/** A cold build takes three minutes on two cores. */
const BUILD_MS_MAX = 1_200_000
const OUTPUT_MAX = 64 * 1024 ** 2
const NO_REGISTRY =
  /could(?: not|n't) (?:resolve|connect)|failed to connect|connection refused|timed? ?out|network failure/i
const RUST_VERSION = /^rust-version = "(\d+)\.(\d+)"$/m

const run = promisify(execFile)

/** Of packages in Cargo.lock only, and without asking an absent registry for long. */
const cargo = (directory: string, args: readonly string[]): Promise<unknown> =>
  run('cargo', args, {
    cwd: directory,
    timeout: BUILD_MS_MAX,
    maxBuffer: OUTPUT_MAX,
    env: { ...process.env, CARGO_NET_RETRY: '1', CARGO_TERM_COLOR: 'never' },
  })

/** What is built along the way takes a gigabyte, and nobody needs it again. */
const buildInto = async ({ directory, program }: CargoCrate, folder: string): Promise<string | undefined> => {
  const target = join(folder, 'target')
  try {
    await cargo(directory, ['build', '--locked', '--quiet', '--target-dir', target])
    copyFileSync(join(target, 'debug', program), join(folder, program))
    return undefined
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string }
    if (!NO_REGISTRY.test(stderr)) throw error
    return `a registry of crates (${stderr.trim().split('\n').at(-1)?.trim() ?? ''})`
  } finally {
    rmSync(target, { recursive: true, force: true })
  }
}

const numbersOf = (match: RegExpExecArray | null): readonly [major: number, minor: number] => [
  Number(match?.[1] ?? 0),
  Number(match?.[2] ?? 0),
]

/** Undefined without cargo, compiler and linker, or where they are older than Cargo.toml asks for. */
const usableVersion = async (directory: string): Promise<string | undefined> => {
  try {
    await run('cc', ['--version'])
    await run('cargo', ['--version'], { cwd: directory })
    const version = (await run('rustc', ['--version'], { cwd: directory })).stdout.trim()
    const [major, minor] = numbersOf(/(\d+)\.(\d+)/.exec(version))
    const [majorMin, minorMin] = numbersOf(RUST_VERSION.exec(readFileSync(join(directory, 'Cargo.toml'), 'utf8')))
    return major > majorMin || (major === majorMin && minor >= minorMin) ? version : undefined
  } catch {
    return undefined
  }
}

/** The path of the program. Rejects where it does not build: a registry that answers must have every locked package. */
export const buildCargoCrate = async (crate: CargoCrate): Promise<string | Missing> => {
  const version = await usableVersion(crate.directory)
  if (version === undefined) return { missing: 'cargo with the Rust that Cargo.toml asks for, and a C compiler' }
  const folder = await preparedFolder({
    name: crate.name,
    madeFrom: [version, ...readSources(crate.directory, ['.rs', '.toml', '.lock'])],
    prepare: (place) => buildInto(crate, place),
  })
  return typeof folder === 'string' ? join(folder, crate.program) : folder
}
