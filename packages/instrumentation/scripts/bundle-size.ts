/** What the package adds to an app: minified and compressed, with everything it depends on and without its peers. */
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { directoryOf, manifestOf } from './build-packages.ts'

export const SIZE_BYTES_MAX = 60_000

/** Every entry point together. */
export const bundleBytes = async (): Promise<number> => {
  const directory = directoryOf('instrumentation')
  const { exports, peerDependencies = {} } = manifestOf('instrumentation')
  const peers = Object.keys(peerDependencies)
  const bundle = await rolldown({
    cwd: directory,
    input: Object.values(exports).map((entry) => join(directory, entry)),
    platform: 'node',
    external: (id) => id.startsWith('node:') || peers.some((peer) => id === peer || id.startsWith(`${peer}/`)),
  })
  const { output } = await bundle.generate({ format: 'esm', minify: true })
  await bundle.close()
  return output.reduce((bytes, file) => bytes + (file.type === 'chunk' ? gzipSync(file.code).length : 0), 0)
}
