/** Which book a command speaks of: the packaged one, one that the ledger names, or what was known at a time. */
import {
  bookNamed,
  type ClickHouseClient,
  CURRENT_BOOK,
  pinnedBookName,
  readRevisions,
  readStoredBooks,
  readWhatIfBooks,
  STAGED_BOOK,
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
const bookKnownAt = async (
  client: ClickHouseClient,
  database: string,
  { asOf, flag }: { readonly asOf: string; readonly flag: string },
): Promise<string> => {
  const at = parseInstant(asOf, flag) * MS_PER_SECOND
  const revisions = await readRevisions(client, database)
  const last = revisions.findLast(({ applied_at }) => Date.parse(applied_at) <= at)
  if (last) return pinnedBookName(last.revision)
  throw new OutlayError('E_BOOK', 'no price was known then', {
    got: asOf,
    want: `${revisions[0]?.applied_at ?? 'a time'} or later`,
  })
}

/** Which prices a question about calls uses: a book by name, or the one that was known then. */
export interface BookQuestion {
  readonly book?: string
  readonly bookAsOf?: string
}

export const withBookQuestion = (command: Command): Command =>
  command
    .option('--book <name>', 'price book: current, r1, staged, a what-if book (default: current)')
    .option('--book-as-of <time>', 'priced by the book as it was known then, ISO 8601')

/** The name that the question gives to a book, which may not exist. Fails with `E_BOOK`. */
export const bookAskedFor = async (
  client: ClickHouseClient,
  database: string,
  { book, bookAsOf }: BookQuestion,
): Promise<string> => {
  if (bookAsOf === undefined) return book ?? CURRENT_BOOK
  if (book === undefined) return bookKnownAt(client, database, { asOf: bookAsOf, flag: '--book-as-of' })
  throw new OutlayError('E_BOOK', '--book and --book-as-of name two books', { fix: 'leave one of them out' })
}

/** Refuses a name that would price nothing without a word. Fails with `E_BOOK`. */
export const assertBook = async (client: ClickHouseClient, database: string, name: string): Promise<void> => {
  if (name === CURRENT_BOOK || name === STAGED_BOOK) return
  const [revisions, whatIfs] = await Promise.all([readRevisions(client, database), readWhatIfBooks(client, database)])
  const known = [...revisions.map(({ revision }) => pinnedBookName(revision)), ...whatIfs.map((whatIf) => whatIf.name)]
  if (known.includes(name)) return
  throw new OutlayError('E_BOOK', 'no such book', {
    got: name,
    want: [CURRENT_BOOK, STAGED_BOOK, ...known].join(', '),
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
    const name =
      asOf === undefined ? (wanted ?? CURRENT_BOOK) : await bookKnownAt(client, database, { asOf, flag: '--as-of' })
    const books = await readStoredBooks(client, database, bookTables())
    const stored = bookNamed(books, name)
    const scopes = scopedBooks(stored)
    const scoped = scopes.find(({ tenants }) => tenant !== undefined && tenants.includes(tenant)) ?? scopes[0]
    if (scoped === undefined) throw new Error('BUG: a book has a scope for everybody')
    return { name: scoped.name, revision: stored.revision, book: scoped.book }
  })
}
