/** All that a program is built from, as texts: what decides whether it has to be built anew. */
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

export const readSources = (directory: string, extensions: readonly string[]): readonly string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => extensions.includes(extname(file)))
    .toSorted()
    .map((file) => `${file}\n${readFileSync(join(directory, file), 'utf8')}`)
