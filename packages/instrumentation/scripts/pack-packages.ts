/** Tarballs as the registry would get them. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildPackages, directoryOf, PUBLISHED, type PublishedPackage } from './build-packages.ts'

export type Tarballs = Readonly<Record<PublishedPackage, string>>

/** The version of pnpm that installs the workspace also packs it. */
const pnpm = (): string => {
  const toolchain = readFileSync(join(import.meta.dirname, '../../../scripts/toolchain.mjs'), 'utf8')
  const name = /'(pnpm@[\d.]+)'/.exec(toolchain)?.[1]
  if (name === undefined) throw new Error('BUG: scripts/toolchain.mjs names no pnpm')
  return name
}

/** Builds and packs every published package into `directory`. */
export const packPackages = async (directory: string): Promise<Tarballs> => {
  await buildPackages()
  const packed = PUBLISHED.map((name): [PublishedPackage, string] => {
    const tarball = join(directory, `${name}.tgz`)
    // Built once for all of them, not by the `prepack` of each.
    execFileSync('npx', ['--yes', pnpm(), 'pack', '--config.ignore-scripts=true', '--out', tarball], {
      cwd: directoryOf(name),
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return [name, tarball]
  })
  return Object.fromEntries(packed) as Record<PublishedPackage, string>
}
