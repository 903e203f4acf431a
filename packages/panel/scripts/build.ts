/** Builds the pages into `dist`, unless they are built from these very sources already. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const stamp = join(dist, '.sources')

/** Everything that ends up in the pages, and what decides how. */
const SOURCES = [
  'src/client',
  'src/shared',
  'scripts/build.ts',
  'package.json',
  '../core/src/money.ts',
  '../../pnpm-lock.yaml',
]

const filesOf = (path: string): readonly string[] =>
  path.includes('.')
    ? [path]
    : readdirSync(join(root, path), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
        .toSorted()

const digestOfSources = (): string => {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap(filesOf)) hash.update(file).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

const digest = digestOfSources()
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) {
  process.stderr.write('Building the pages of the panel…\n')
  const { build } = await import('vite')
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      outDir: dist,
      emptyOutDir: true,
      manifest: 'manifest.json',
      // Colours follow the theme by light-dark(), which older browsers lack.
      target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
      modulePreload: { polyfill: false },
      // The content security policy allows no data: script or style, and the icon shall be a file.
      assetsInlineLimit: 0,
      // The charts are one library; they are asked for only by pages that draw one.
      chunkSizeWarningLimit: 800,
      rolldownOptions: {
        input: { home: join(root, 'src/client/home.ts'), kpi: join(root, 'src/client/kpi.ts') },
      },
    },
  })
  writeFileSync(stamp, digest)
}
