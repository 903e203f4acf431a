/**
 * Builds what is published: this package and the two that it needs. Types by `tsc -b`; code by a bundler, since the compiler
 * leaves imports by `#src/*.ts` as they are. Each package's `prepack` runs it too.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { licensesOf } from './third-party-licenses.ts'

const packages = join(import.meta.dirname, '../..')
const compiler = join(packages, '../node_modules/typescript/bin/tsc')

/** In the order in which they need each other. */
export const PUBLISHED = ['core', 'semconv', 'instrumentation'] as const
export type PublishedPackage = (typeof PUBLISHED)[number]

export const directoryOf = (name: PublishedPackage): string => join(packages, name)

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

export const manifestOf = (name: PublishedPackage): Manifest =>
  JSON.parse(readFileSync(join(directoryOf(name), 'package.json'), 'utf8')) as Manifest

/**
 * Modules that stay imports: of Node, and of what the app installs with the package. The SDK of OpenTelemetry is built in: each
 * of its versions wants one range of the api and no other, and an app has the api that its own SDK wants.
 */
const isInstalled = (name: PublishedPackage): ((id: string) => boolean) => {
  const { dependencies = {}, peerDependencies = {} } = manifestOf(name)
  const installed = [...Object.keys(dependencies), ...Object.keys(peerDependencies)]
  return (id) => id.startsWith('node:') || installed.some((each) => id === each || id.startsWith(`${each}/`))
}

/** One module per entry point and what they share, as published by `publishConfig.exports`. */
const buildCode = async (name: PublishedPackage): Promise<void> => {
  const directory = directoryOf(name)
  const entries = Object.values(manifestOf(name).exports)
  const bundle = await rolldown({
    cwd: directory,
    input: Object.fromEntries(entries.map((entry) => [entry.replace(/^\.\/src\/|\.ts$/g, ''), entry])),
    platform: 'node',
    external: isInstalled(name),
  })
  const dist = join(directory, 'dist')
  const { output } = await bundle.write({ dir: dist, format: 'esm', chunkFileNames: 'shared-[hash].js' })
  await bundle.close()
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  const licenses = licensesOf(modules)
  if (licenses !== '') writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licenses)
}

export const buildPackages = async (): Promise<void> => {
  execFileSync(process.execPath, [compiler, '-b', join(directoryOf('instrumentation'), 'tsconfig.build.json')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  await Promise.all(PUBLISHED.map(buildCode))
}

if (import.meta.main) await buildPackages()
