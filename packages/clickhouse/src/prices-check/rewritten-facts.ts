/**
 * A stored fact of the price book is written at most twice: recorded, then closed; nothing else may differ between the
 * two versions (spec: pricing §2). The engine merges versions and keeps the last one, so this finds what was written
 * since, and never everything that ever was.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { assertIdentifier } from '#src/schema/render-sql.ts'
import { modelNamesTable, priceBandsTable, priceContractsTable, priceRowsTable } from '#src/tables/price-tables.ts'
import { columnNames, type TableColumns, type TableShape } from '#src/tables/table-shape.ts'

export interface RewrittenFact {
  readonly table: string
  /** What the fact is about: `openai · gpt-5 · standard · input`. */
  readonly about: string
  /** Versions that are still stored. */
  readonly versions: number
  /** Columns that differ beside those that close a fact. */
  readonly changed: readonly string[]
  /** Versions that are open: one at most is right. */
  readonly open: number
  /** Revisions that closed it: one at most is right. */
  readonly closings: number
}

const CLOSING: ReadonlySet<string> = new Set(['superseded_in', 'superseded_at'])

/** The columns that tell a person which fact of a table it is. */
const ABOUT: readonly { readonly shape: TableShape<TableColumns>; readonly columns: readonly string[] }[] = [
  { shape: priceRowsTable, columns: ['card', 'provider', 'model', 'region', 'tier', 'band', 'meter'] },
  { shape: priceBandsTable, columns: ['card', 'provider', 'model', 'region', 'tier'] },
  { shape: modelNamesTable, columns: ['card', 'provider', 'name'] },
  { shape: priceContractsTable, columns: ['card'] },
]

const rewrittenIn = async (
  client: ClickHouseClient,
  database: string,
  { shape, columns }: (typeof ABOUT)[number],
): Promise<RewrittenFact[]> => {
  const compared = columnNames(shape).filter((name) => name !== 'row_id' && !CLOSING.has(name))
  // Qualified: the guard of readers takes a bare column for the function of that name, such as `file`.
  const changed = compared.map((name) => `if(uniqExact(facts.${name}) > 1, '${name}', '')`)
  const about = columns.map((name) => `toString(any(facts.${name}))`)
  const applied = `(SELECT revision FROM ${database}.price_revisions)`
  const result = await client.query({
    // What a crash or a staging left behind belongs to no applied revision, and to no version of a fact.
    query: `SELECT about, toUInt32(versions) AS versions, changed, toUInt32(open) AS open, toUInt32(closings) AS closings
      FROM (
        SELECT row_id, arrayStringConcat(arrayFilter(part -> part != '', [${about.join(', ')}]), ' · ') AS about,
          count() AS versions, arrayFilter(name -> name != '', [${changed.join(', ')}]) AS changed,
          countIf(superseded_in = 0) AS open, uniqExactIf(superseded_in, superseded_in > 0) AS closings
        FROM ${database}.${shape.table} AS facts
        WHERE revision IN ${applied} AND (superseded_in = 0 OR superseded_in IN ${applied})
        GROUP BY row_id
      )
      WHERE versions > 2 OR notEmpty(changed) OR open > 1 OR closings > 1
      ORDER BY about, row_id`,
    format: 'JSONEachRow',
  })
  const rows = await result.json<Omit<RewrittenFact, 'table'>>()
  return rows.map((row) => ({ table: shape.table, ...row }))
}

/** Facts of the book whose stored versions differ in more than their end. Empty where the rule was kept. */
export const readRewrittenFacts = async (
  client: ClickHouseClient,
  database: string,
): Promise<readonly RewrittenFact[]> => {
  assertIdentifier(database, 'database')
  const perTable = await Promise.all(ABOUT.map((table) => rewrittenIn(client, database, table)))
  return perTable.flat()
}
