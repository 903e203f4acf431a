/** What the package adds to an app: minified and compressed, with everything it depends on and without its peers. */
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { directoryOf, manifestOf } from './build-packages.ts'

export const SIZE_BYTES_MAX = 60_000

const MAIN = '.'

/** Bytes of entry points as one app bundles them. */
const bytesOf = async (entries: readonly string[]): Promise<number> => {
  const { exports, peerDependencies = {} } = manifestOf('instrumentation')
  const peers = Object.keys(peerDependencies)
  const directory = directoryOf('instrumentation')
  const bundle = await rolldown({
    cwd: directory,
    input: entries.map((entry) => join(directory, exports[entry] ?? '')),
    platform: 'node',
    external: (id) => id.startsWith('node:') || peers.some((peer) => id === peer || id.startsWith(`${peer}/`)),
  })
  const { output } = await bundle.generate({ format: 'esm', minify: true })
  await bundle.close()
  return output.reduce((bytes, file) => bytes + (file.type === 'chunk' ? gzipSync(file.code).length : 0), 0)
}

/** By entry point: the main one alone, and each other one with it, as an app has them that uses one framework. */
export const bundleBytes = async (): Promise<Readonly<Record<string, number>>> => {
  const sizes: [string, number][] = []
  for (const entry of Object.keys(manifestOf('instrumentation').exports)) {
    sizes.push([entry, await bytesOf(entry === MAIN ? [MAIN] : [MAIN, entry])])
  }
  return Object.fromEntries(sizes)
}

/** Everything at once, which no app needs. */
export const bundleBytesOfAll = (): Promise<number> => bytesOf(Object.keys(manifestOf('instrumentation').exports))
