/**
 * Real clients written in Go, built from the module beside this file once per content of it and version of Go: a stock
 * OpenTelemetry Collector, telemetrygen, and programs with the OpenTelemetry SDK and ClickHouse's driver.
 */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Missing, preparedFolder } from '../harness/prepared-folder.ts'

const HERE = import.meta.dirname
const TELEMETRYGEN = 'github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen'
const OWN_PROGRAMS = ['sdk-sender', 'sql-client', 'stock-collector'] as const
/** A cold build of all of them takes two minutes on two cores. */
const BUILD_MS_MAX = 1_200_000
const OUTPUT_MAX = 64 * 1024 ** 2
const NO_REGISTRY = /no such host|connection refused|network is unreachable|i\/o timeout|module lookup disabled/

export type GoProgram = (typeof OWN_PROGRAMS)[number] | 'telemetrygen'
/** Where each program is; or what this machine lacks. */
export type GoPrograms = { readonly paths: Readonly<Record<GoProgram, string>> } | Missing

const go = (args: readonly string[]): Promise<{ readonly stdout: string }> =>
  promisify(execFile)('go', args, {
    cwd: HERE,
    timeout: BUILD_MS_MAX,
    maxBuffer: OUTPUT_MAX,
    // Of the versions in go.sum, with the Go that is here; without a C compiler.
    env: { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off', CGO_ENABLED: '0' },
  })

const readSources = (): readonly string[] =>
  readdirSync(HERE, { recursive: true, encoding: 'utf8' })
    .filter((file) => ['.go', '.mod', '.sum'].includes(extname(file)))
    .toSorted()
    .map((file) => `${file}\n${readFileSync(join(HERE, file), 'utf8')}`)

const build = async (folder: string): Promise<string | undefined> => {
  try {
    const packages = [...OWN_PROGRAMS.map((name) => `./${name}`), TELEMETRYGEN]
    await go(['build', '-trimpath', '-ldflags=-s -w', '-o', `${folder}/`, ...packages])
    return undefined
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string }
    if (!NO_REGISTRY.test(stderr)) throw error
    return `a Go module proxy (${stderr.trim().split('\n').at(-1) ?? ''})`
  }
}

/** Undefined without a Go, or with one that is older than go.mod asks for and may not fetch another. */
const usableVersion = async (): Promise<string | undefined> => {
  try {
    return (await go(['version'])).stdout.trim()
  } catch {
    return undefined
  }
}

/** Rejects where the programs do not build: a registry that answers must have every pinned module. */
export const prepareGoPrograms = async (): Promise<GoPrograms> => {
  const version = await usableVersion()
  if (version === undefined) return { missing: 'a Go that go.mod of test/clients-go is content with' }
  const folder = await preparedFolder({ name: 'clients-go', madeFrom: [version, ...readSources()], prepare: build })
  if (typeof folder !== 'string') return folder
  const names: readonly GoProgram[] = [...OWN_PROGRAMS, 'telemetrygen']
  const paths = Object.fromEntries(names.map((name) => [name, join(folder, name)])) as Record<GoProgram, string>
  return { paths }
}
