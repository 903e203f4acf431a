/** Programs of a Go module in this repository, built once per content of it and version of Go. */
import { execFile } from 'node:child_process'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { type Missing, preparedFolder } from './prepared-folder.ts'
import { readSources } from './read-sources.ts'

interface GoModule {
  /** Name of its folder in the cache. */
  readonly name: string
  readonly directory: string
  /** Packages of main, its own or of modules that it requires. */
  readonly packages: readonly string[]
}

/** A cold build takes minutes on two cores. */
const BUILD_MS_MAX = 1_200_000
const OUTPUT_MAX = 64 * 1024 ** 2
const NO_REGISTRY = /no such host|connection refused|network is unreachable|i\/o timeout|module lookup disabled/

const go = (directory: string, args: readonly string[]): Promise<{ readonly stdout: string }> =>
  promisify(execFile)('go', args, {
    cwd: directory,
    timeout: BUILD_MS_MAX,
    maxBuffer: OUTPUT_MAX,
    // Of the versions in go.sum, with the Go that is here; without a C compiler.
    env: { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off', CGO_ENABLED: '0' },
  })

const buildInto = async ({ directory, packages }: GoModule, folder: string): Promise<string | undefined> => {
  try {
    await go(directory, ['build', '-trimpath', '-ldflags=-s -w', '-o', `${folder}/`, ...packages])
    return undefined
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string }
    if (!NO_REGISTRY.test(stderr)) throw error
    return `a Go module proxy (${stderr.trim().split('\n').at(-1) ?? ''})`
  }
}

/** Undefined without a Go, or with one that is older than go.mod asks for and may not fetch another. */
const usableVersion = async (directory: string): Promise<string | undefined> => {
  try {
    return (await go(directory, ['version'])).stdout.trim()
  } catch {
    return undefined
  }
}

/**
 * The folder in which each program stands under the name of its package. Rejects where they do not build: a registry that
 * answers must have every pinned module.
 */
export const buildGoModule = async (module: GoModule): Promise<string | Missing> => {
  const version = await usableVersion(module.directory)
  if (version === undefined) return { missing: `a Go that go.mod of ${basename(module.directory)} is content with` }
  return preparedFolder({
    name: module.name,
    madeFrom: [version, ...module.packages, ...readSources(module.directory, ['.go', '.mod', '.sum'])],
    prepare: (folder) => buildInto(module, folder),
  })
}
