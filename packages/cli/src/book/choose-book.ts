/** Which book a command speaks of: the packaged one, one that the ledger names, or what was known at a time. */
import {
  bookNamed,
  type ClickHouseClient,
  CURRENT_BOOK,
  pinnedBookName,
  readRevisions,
  readStoredBooks,
  scopedBooks,
} from '@outlay/clickhouse'
import { OutlayError } from '@outlay/core'
import { type BookData, loadPackagedBook } from '@outlay/pricing'
import type { Command } from 'commander'
import type { CommandContext } from '#src/command-context.ts'
import { parseInstant } from '#src/parse-option.ts'
import { bookTables, withReader } from './open-book.ts'

export interface BookOptions {
  readonly book?: string
  readonly asOf?: string
  readonly tenant?: string
  readonly database: string
}

export interface ChosenBook {
  /** `packaged`, or as views name it, with the cards behind `@` where a tenant has its own. */
  readonly name: string
  /** The revision that it shows; null for the packaged one. */
  readonly revision: number | null
  /** Flattened: whose price it is stands on each row. */
  readonly book: BookData
}

const MS_PER_SECOND = 1_000

export const withBookOptions = (command: Command): Command =>
  command
    .option('--book <name>', 'a book of the ledger: current, r1, staged, a what-if book (default: the packaged one)')
    .option('--as-of <time>', 'the book as it was known then, ISO 8601')
    .option('--tenant <id>', 'with the contract of this tenant')
    .option('--database <name>', 'database of the ledger', 'outlay')

/** The name of the book that was known at a time (spec: pricing §11). Fails with `E_BOOK` before the first revision. */
export const bookKnownAt = async (client: ClickHouseClient, database: string, asOf: string): Promise<string> => {
  const at = parseInstant(asOf, '--as-of') * MS_PER_SECOND
  const revisions = await readRevisions(client, database)
  const last = revisions.findLast(({ applied_at }) => Date.parse(applied_at) <= at)
  if (last) return pinnedBookName(last.revision)
  throw new OutlayError('E_BOOK', 'no price was known then', {
    got: asOf,
    want: `${revisions[0]?.applied_at ?? 'a time'} or later`,
  })
}

/** The book that the options name. Without any of them it is the packaged one, and no database is needed. */
export const chooseBook = async (context: CommandContext, options: BookOptions): Promise<ChosenBook> => {
  const { book: wanted, asOf, tenant, database } = options
  if (wanted !== undefined && asOf !== undefined) {
    throw new OutlayError('E_BOOK', '--book and --as-of name two books', { fix: 'leave one of them out' })
  }
  if (wanted === undefined && asOf === undefined && tenant === undefined) {
    return { name: 'packaged', revision: null, book: loadPackagedBook() }
  }
  return withReader(context, database, async (client) => {
    const name = asOf === undefined ? (wanted ?? CURRENT_BOOK) : await bookKnownAt(client, database, asOf)
    const books = await readStoredBooks(client, database, bookTables())
    const stored = bookNamed(books, name)
    const scopes = scopedBooks(stored)
    const scoped = scopes.find(({ tenants }) => tenant !== undefined && tenants.includes(tenant)) ?? scopes[0]
    if (scoped === undefined) throw new Error('BUG: a book has a scope for everybody')
    return { name: scoped.name, revision: stored.revision, book: scoped.book }
  })
}
