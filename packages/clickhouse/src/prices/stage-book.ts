/**
 * A change of the book that is not applied: its facts are stored under a staging number that no revision shows, so that
 * the book `staged` can be asked for its money before anybody decides.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import {
  type BookTables,
  type NextBook,
  PriceBookError,
  type Recorded,
  type RecordedBook,
  recordRevision,
  validateRows,
} from '@outlay/pricing'
import { readRows } from '#src/ledger/read-rows.ts'
import { writeRows } from '#src/ledger/write-rows.ts'
import { priceStagingsTable } from '#src/tables/price-tables.ts'
import { type BookHistory, FIRST_STAGING, recordedBookOf, type StoredFacts } from './book-history.ts'
import { type RevisionNote, writeAdded } from './record-book.ts'

interface Staging {
  readonly staging: number
  /** The revision that it changes; once another one is applied, the staging is out of date. */
  readonly base: number
  readonly closes: ReadonlySet<bigint>
}

const closedIds = (book: RecordedBook, revision: number): bigint[] =>
  [book.rows, book.bands, book.names, book.contracts]
    .flat()
    .filter(({ supersededIn }) => supersededIn === revision)
    .map(({ rowId }) => rowId)

const readLatestStaging = async (client: ClickHouseClient, database: string): Promise<Staging | undefined> => {
  const [latest] = await readRows(client, database, priceStagingsTable, {
    where: `staging = (SELECT max(staging) FROM ${database}.price_stagings)`,
  })
  return latest && { staging: latest.staging, base: latest.base, closes: new Set(latest.closes) }
}

/** Stores what `next` changes as the book `staged`, in place of what was staged before. Nothing is applied. Fails with `PriceBookError` where the next book may not be stored. */
export const stagePriceBook = async (
  client: ClickHouseClient,
  database: string,
  {
    history,
    next,
    note,
  }: {
    readonly history: BookHistory
    readonly next: NextBook
    readonly note: Omit<RevisionNote, 'kind'>
  },
): Promise<void> => {
  const problems = validateRows(next.book)
  if (problems.length > 0) throw new PriceBookError(problems)
  const last = await readLatestStaging(client, database)
  const staging = Math.max(FIRST_STAGING, (last?.staging ?? 0) + 1)
  const after = recordRevision(history.recorded, next.book, staging, next.local)
  const token = `staging:${staging}:${note.atMs}`
  await writeAdded({ client, database, atMs: note.atMs, token }, after, staging)
  await writeRows(client, database, priceStagingsTable, {
    rows: [
      {
        staging,
        staged_at: BigInt(note.atMs),
        base: history.latest,
        author: note.author,
        reason: note.reason,
        closes: closedIds(after, staging),
      },
    ],
    token: `${token}:staging`,
  })
}

/** The staged book, with the number that shows it; undefined where nothing is staged, or the book has moved since. */
export const readStagedBook = async (
  client: ClickHouseClient,
  database: string,
  history: { readonly stored: StoredFacts; readonly latest: number; readonly applied: ReadonlySet<number> },
  tables: BookTables,
): Promise<{ readonly book: RecordedBook; readonly staging: number } | undefined> => {
  const latest = await readLatestStaging(client, database)
  if (latest === undefined || latest.base !== history.latest) return undefined
  const { staging, closes } = latest
  const book = recordedBookOf(
    history.stored,
    tables,
    (revision) => revision === staging || history.applied.has(revision),
  )
  const close = <Fact>(entries: readonly Recorded<Fact>[]): Recorded<Fact>[] =>
    entries.map((entry) => (closes.has(entry.rowId) ? { ...entry, supersededIn: staging } : entry))
  return {
    staging,
    book: {
      ...book,
      rows: close(book.rows),
      bands: close(book.bands),
      names: close(book.names),
      contracts: close(book.contracts),
    },
  }
}
