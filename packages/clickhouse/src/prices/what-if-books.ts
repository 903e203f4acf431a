/** Named what-if books: defined once, resolved against their base whenever it changes. */
import type { ClickHouseClient } from '@clickhouse/client'
import { OutlayError } from '@outlay/core'
import { parseWhatIf, type WhatIfDefinition } from '@outlay/pricing'
import { readRows } from '#src/ledger/read-rows.ts'
import { writeRows } from '#src/ledger/write-rows.ts'
import { whatIfBooksTable } from '#src/tables/price-tables.ts'

export interface DefinedWhatIf {
  readonly name: string
  /** Name of the book that it changes. */
  readonly base: string
  readonly definition: WhatIfDefinition
}

/** Names that mean something already, or would end up inside another name. */
const NAME = /^(?!current$|staged$|packaged$|r\d+$)[a-z][a-z0-9_.-]{0,62}$/

const readLatest = async (client: ClickHouseClient, database: string) => {
  const rows = await readRows(client, database, whatIfBooksTable, { where: '1' })
  const byName = Map.groupBy(rows, ({ name }) => name)
  return [...byName.values()].flatMap((versions) => {
    const [latest] = versions.toSorted((a, b) => (a.defined_at < b.defined_at ? 1 : -1))
    return latest === undefined || latest.definition === '' ? [] : [latest]
  })
}

/** All what-if books, by name. */
export const readWhatIfBooks = async (client: ClickHouseClient, database: string): Promise<readonly DefinedWhatIf[]> =>
  (await readLatest(client, database))
    .map(({ name, base, definition }) => ({ name, base, definition: parseWhatIf(JSON.parse(definition)) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))

interface WhatIfNote {
  readonly author: string
  readonly reason: string
  readonly atMs: number
}

/** Defines or redefines a book; `undefined` drops it. Fails with `E_BOOK` on a name that views could not ask for. */
export const defineWhatIfBook = async (
  client: ClickHouseClient,
  database: string,
  book: { readonly name: string; readonly base: string; readonly definition: WhatIfDefinition | undefined },
  { author, reason, atMs }: WhatIfNote,
): Promise<void> => {
  if (!NAME.test(book.name)) {
    throw new OutlayError('E_BOOK', 'not a name for a what-if book', {
      got: book.name,
      want: 'a lower-case letter, then letters, digits, ".", "_" or "-"; not current, staged, packaged or r1, r2, …',
    })
  }
  const definition = book.definition === undefined ? '' : JSON.stringify(book.definition)
  await writeRows(client, database, whatIfBooksTable, {
    rows: [{ name: book.name, defined_at: BigInt(atMs), base: book.base, definition, author, reason }],
    token: `what-if:${book.name}:${atMs}`,
  })
}
