/** What the build left: hashed files, kept in memory, and which of them each page begins with. */
import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { OutlayError } from '@outlay/core'

export const DIST_DIRECTORY = join(import.meta.dirname, '../../dist')

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export interface BuiltFile {
  readonly bytes: Buffer
  readonly contentType: string
}

/** Paths of the files that a page begins with, each starting with `/`. */
export interface PageFiles {
  readonly script: string
  readonly preloads: readonly string[]
  readonly styles: readonly string[]
  readonly icon: string
}

export type PageName = 'home' | 'kpi'

export interface BuiltPages {
  file(path: string): BuiltFile | undefined
  filesOf(page: PageName): PageFiles
}

interface ManifestEntry {
  readonly file: string
  readonly css?: readonly string[]
  readonly imports?: readonly string[]
  readonly assets?: readonly string[]
}
type Manifest = Readonly<Record<string, ManifestEntry>>

const readManifest = (directory: string): Manifest => {
  try {
    return JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as Manifest
  } catch (error) {
    throw new OutlayError('E_PANEL_NOT_BUILT', 'the pages of the panel are not built', {
      fix: 'from a checkout, start with `npm start`, which builds them, or run `node packages/panel/scripts/build.ts`',
      cause: error,
    })
  }
}

/** The entry and everything that it imports at once; what it imports later is not asked for before. */
const chunksOf = (manifest: Manifest, key: string, seen = new Set<string>()): readonly ManifestEntry[] => {
  const entry = manifest[key]
  if (entry === undefined || seen.has(key)) return []
  seen.add(key)
  return [entry, ...(entry.imports ?? []).flatMap((imported) => chunksOf(manifest, imported, seen))]
}

/** Reads every built file. Fails with `E_PANEL_NOT_BUILT`. */
export const readBuiltPages = (directory: string): BuiltPages => {
  const manifest = readManifest(directory)
  const names = Object.values(manifest).flatMap(({ file, css = [], assets = [] }) => [file, ...css, ...assets])
  const files = new Map(
    [...new Set(names)].map((name) => [
      `/${name}`,
      {
        bytes: readFileSync(join(directory, name)),
        contentType: CONTENT_TYPES[extname(name)] ?? 'application/octet-stream',
      },
    ]),
  )
  const icon = [...files.keys()].find((path) => path.endsWith('.svg')) ?? '/favicon.svg'
  return {
    file: (path) => files.get(path),
    filesOf: (page) => {
      const chunks = chunksOf(manifest, `src/client/${page}.ts`)
      const [entry, ...imported] = chunks
      if (entry === undefined) throw new Error(`BUG: the build has no page ${page}`)
      return {
        script: `/${entry.file}`,
        preloads: imported.map(({ file }) => `/${file}`),
        styles: [...new Set(chunks.flatMap(({ css = [] }) => css))].map((file) => `/${file}`),
        icon,
      }
    },
  }
}
