/** S9, the part that needs no network: what is installed is what was looked at. Known weaknesses: `npm run audit`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../..')

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolution: Readonly<Record<string, string>> }>>
}

const manifests = ['.', 'test', 'packages', 'examples']
  .flatMap((directory) => [directory, ...readdirSync(join(root, directory)).map((name) => `${directory}/${name}`)])
  .filter((directory) => existsSync(join(root, directory, 'package.json')))

describe('dependencies', () => {
  test('are named by one version each, never by a range or an address', () => {
    const loose = manifests.flatMap((directory) => {
      const manifest = JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8')) as Manifest
      const { dependencies, devDependencies, optionalDependencies } = manifest
      return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
        .filter(([, version]) => !/^(workspace:\*|(npm:[@\w/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?)$/.test(version))
        .map(([name, version]) => `${directory}: ${name} ${version}`)
    })
    expect(loose).toEqual([])
  })

  test('come from the registry alone, and are refused where their bytes are others than those that were locked', () => {
    const { packages } = parse(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')) as Lock
    const unsure = Object.entries(packages)
      .filter(
        ([, { resolution }]) => !resolution['integrity']?.startsWith('sha512-') || Object.keys(resolution).length > 1,
      )
      .map(([name]) => name)
    expect(Object.keys(packages).length).toBeGreaterThan(100)
    expect(unsure).toEqual([])
  })
})
