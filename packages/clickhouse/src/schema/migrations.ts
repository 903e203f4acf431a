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

/**
 * Looking for comparisons that follow from others takes the engine longer than all the rest of the analysis of a view
 * (150 of 250 ms for `kpi_user_cost`, see ClickHouse pull request 108757), and finds nothing in ours.
 */
const VIEW_SETTINGS = 'SETTINGS optimize_and_compare_chain = 0'

/** The question of the registry is the comment of the view: `system.tables` shows it to whoever looks there. */
const endingOf = (question: string): string => `${VIEW_SETTINGS}\nCOMMENT '${question.replaceAll("'", "''")}'\n`

/** Views hold no rows: they are replaced whenever their text changes. In order of dependence. */
export const readViews = (): readonly SqlFile[] =>
  KPI_VIEWS.map(({ name, question }) => readSql('views', `${name.replaceAll('_', '-')}.sql`, endingOf(question)))
