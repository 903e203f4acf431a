import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { KPI_VIEWS } from '../kpi/view-registry.ts'
import { renderSql } from './render-sql.ts'

export interface SqlFile {
  readonly name: string
  readonly template: string
  /** SHA-256 of the single-node statement for the database `outlay`: it changes with the template and with the fragments it uses. */
  readonly checksum: string
}

const sqlDirectory = fileURLToPath(new URL('../../sql/', import.meta.url))

const readSql = (folder: string, file: string, ending = ''): SqlFile => {
  const template = `${readFileSync(`${sqlDirectory}${folder}/${file}`, 'utf8')}${ending}`
  const statement = renderSql(template, { database: 'outlay' })
  const checksum = createHash('sha256').update(statement).digest('hex')
  return { name: file.replace(/\.sql$/, ''), template, checksum }
}

/** Numbered, forward-only: an applied file never changes. In order. */
export const readMigrations = (): readonly SqlFile[] =>
  readdirSync(`${sqlDirectory}migrations`)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => readSql('migrations', file))

/** Names that earlier versions applied, whose files are gone. */
export const readRetiredMigrations = (): ReadonlySet<string> =>
  new Set(Object.keys(JSON.parse(readFileSync(`${sqlDirectory}migrations/retired.json`, 'utf8')) as object))

/** The question of the registry is the comment of the view: `system.tables` shows it to whoever looks there. */
const endingOf = (question: string): string =>
  `SETTINGS {{view_settings}}\nCOMMENT '${question.replaceAll("'", "''")}'\n`

/** Tables whose rows lie on the shard of whoever wrote them; all others are the same on every server. */
export const shardTables = (): readonly string[] =>
  readMigrations().flatMap(({ template }) => {
    const table = /CREATE TABLE IF NOT EXISTS \{\{db\}\}\.(\w+)/.exec(template)?.[1]
    return table !== undefined && template.includes('{{engine:') ? [table] : []
  })

/** Views hold no rows: they are replaced whenever their text changes. In order of dependence. */
export const readViews = (): readonly SqlFile[] =>
  KPI_VIEWS.map(({ name, question }) => readSql('views', `${name.replaceAll('_', '-')}.sql`, endingOf(question)))
