import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Layers of docs/architecture.md: imports go down only, and never sideways. */
const LAYERS: Readonly<Record<string, number>> = {
  core: 0,
  semconv: 1,
  pricing: 1,
  clickhouse: 2,
  'embedded-clickhouse': 2,
  collector: 3,
  dashboards: 3,
  panel: 3,
  cli: 4,
}
/** Run inside the user's process, or only in tests and the demo: light, with a short list of what they may use. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  instrumentation: ['semconv', 'core'],
  testkit: ['core'],
}
/** The command assembles everything, the demo's sample agents included. */
const CLI_ALSO_USES = new Set(['instrumentation', 'testkit'])

const packagesDirectory = join(import.meta.dirname, '../../packages')
const packages = readdirSync(packagesDirectory)

const sourcesOf = (name: string): readonly string[] =>
  readdirSync(join(packagesDirectory, name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(packagesDirectory, name, 'src', file))

const importsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'@outlay\/([a-z-]+)[^']*'/g)].map(
    ([, imported]) => imported ?? '',
  )

const mayImport = (importer: string, imported: string): boolean => {
  const allowed = BESIDE[importer]
  if (allowed) return allowed.includes(imported)
  if (importer === 'cli' && CLI_ALSO_USES.has(imported)) return true
  const [from, to] = [LAYERS[importer], LAYERS[imported]]
  return from !== undefined && to !== undefined && to < from
}

describe('the package graph', () => {
  test('every package has a place in it', () => {
    const placed = [...Object.keys(LAYERS), ...Object.keys(BESIDE)]
    expect(packages.toSorted()).toEqual(placed.toSorted())
  })

  test.each(packages)('%s imports only packages of lower layers', (name) => {
    const refused = sourcesOf(name).flatMap((file) =>
      importsOf(file)
        .filter((imported) => imported !== name && !mayImport(name, imported))
        .map((imported) => `${file.slice(packagesDirectory.length)} imports ${imported}`),
    )
    expect(refused).toEqual([])
  })

  test.each(packages)('%s has a README', (name) => {
    expect(readdirSync(join(packagesDirectory, name))).toContain('README.md')
  })
})
