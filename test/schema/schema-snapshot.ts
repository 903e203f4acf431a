/**
 * The committed answer of a migrated engine, so that `npm run generate` needs none: a test with an engine holds it to the
 * truth, and `npm run schema:snapshot` writes it again after a change of the schema.
 */
import { readFileSync } from 'node:fs'
import type { Schema } from './read-schema.ts'

export const SNAPSHOT_URL = new URL('schema-snapshot.json', import.meta.url)

export const readSnapshot = (): Schema => JSON.parse(readFileSync(SNAPSHOT_URL, 'utf8')) as Schema

/** One line per column: a change of the schema is a readable difference. */
export const snapshotText = (schema: Schema): string => {
  const table = (entry: Schema['tables'][number] | Schema['views'][number]): string => {
    const { columns, ...rest } = entry
    const head = JSON.stringify(rest).slice(0, -1)
    return `${head},"columns":[\n${columns.map((column) => `  ${JSON.stringify(column)}`).join(',\n')}\n]}`
  }
  const list = (entries: readonly (Schema['tables'][number] | Schema['views'][number])[]): string =>
    entries.map(table).join(',\n')
  return `{"tables":[\n${list(schema.tables)}\n],"views":[\n${list(schema.views)}\n]}\n`
}
