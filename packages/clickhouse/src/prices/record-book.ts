/**
 * Writes revisions of the price book. A fact is recorded once and closed at most once; the row of the revision comes
 * last, so that a crash at any point leaves the book as it was.
 */
import { createHash } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import { assert } from '@outlay/core'
import {
  type BookData,
  type BookTables,
  emptyRecordedBook,
  type NextBook,
  PriceBookError,
  type Recorded,
  type RecordedBook,
  recordRevision,
  validateRows,
  visibleAt,
} from '@outlay/pricing'
import { writeRows } from '#src/ledger/write-rows.ts'
import {
  modelNamesTable,
  priceBandsTable,
  priceContractsTable,
  priceRevisionsTable,
  priceRowsTable,
} from '#src/tables/price-tables.ts'
import { type BookHistory, readBookHistory, type RevisionKind } from './book-history.ts'
import { whileBookIsLocked } from './book-lock.ts'
import { assertCutsAreSettled } from './settled-cuts.ts'
import { storeContract, storeModelName, storePriceBand, storePriceRow } from './stored-facts.ts'

export interface RevisionNote {
  readonly author: string
  readonly reason: string
  readonly kind: RevisionKind
  readonly atMs: number
}

interface FactWriter {
  readonly client: ClickHouseClient
  readonly database: string
  readonly atMs: number
  /** Repeating a write with the same token writes nothing. */
  readonly token: string
}

const addedIn = <Fact>(entries: readonly Recorded<Fact>[], revision: number): Recorded<Fact>[] =>
  entries.filter((entry) => entry.revision === revision)

/** Facts that became visible with a revision, under whatever number they carry. */
export const writeAdded = async (
  { client, database, atMs, token }: FactWriter,
  book: RecordedBook,
  revision: number,
): Promise<void> => {
  await writeRows(client, database, priceRowsTable, {
    rows: addedIn(book.rows, revision).map((row) => storePriceRow(row, atMs)),
    token: `${token}:rows`,
  })
  await writeRows(client, database, priceBandsTable, {
    rows: addedIn(book.bands, revision).map((band) => storePriceBand(band, atMs)),
    token: `${token}:bands`,
  })
  await writeRows(client, database, modelNamesTable, {
    rows: addedIn(book.names, revision).map((name) => storeModelName(name, atMs)),
    token: `${token}:names`,
  })
  await writeRows(client, database, priceContractsTable, {
    rows: addedIn(book.contracts, revision).map((contract) => storeContract(contract, atMs)),
    token: `${token}:contracts`,
  })
}

const closedIn = (entries: readonly Recorded<unknown>[], revision: number): Set<bigint> =>
  new Set(entries.filter(({ supersededIn }) => supersededIn === revision).map(({ rowId }) => rowId))

/** The same rows once more, closed: nothing else may differ between the two versions. */
const writeClosed = async (
  { client, database, atMs, token }: FactWriter,
  { stored }: BookHistory,
  book: RecordedBook,
  revision: number,
): Promise<void> => {
  const closed = <Stored extends { readonly row_id: bigint }>(
    rows: readonly Stored[],
    entries: readonly Recorded<unknown>[],
  ): Stored[] => {
    const ids = closedIn(entries, revision)
    return rows
      .filter(({ row_id }) => ids.has(row_id))
      .map((row) => ({ ...row, superseded_in: revision, superseded_at: BigInt(atMs) }))
  }
  await writeRows(client, database, priceRowsTable, {
    rows: closed(stored.rows, book.rows),
    token: `${token}:closed-rows`,
  })
  await writeRows(client, database, priceBandsTable, {
    rows: closed(stored.bands, book.bands),
    token: `${token}:closed-bands`,
  })
  await writeRows(client, database, modelNamesTable, {
    rows: closed(stored.names, book.names),
    token: `${token}:closed-names`,
  })
  await writeRows(client, database, priceContractsTable, {
    rows: closed(stored.contracts, book.contracts),
    token: `${token}:closed-contracts`,
  })
}

const writeRevision = async (
  { client, database, token }: FactWriter,
  { author, reason, kind, atMs }: RevisionNote,
  { revision, digest }: { readonly revision: number; readonly digest: string },
): Promise<void> => {
  await writeRows(client, database, priceRevisionsTable, {
    rows: [{ revision, applied_at: BigInt(atMs), author, reason, digest, kind }],
    token: `${token}:revision`,
  })
}

const digestOfBook = (book: Pick<BookData, 'rows' | 'names' | 'bands'>): string => {
  const hash = createHash('sha256')
  for (const row of book.rows) hash.update(`${row.rowId},`)
  return hash.update(JSON.stringify([book.names, book.bands])).digest('hex')
}

/** Loads a compiled book as revision 1 into an empty database. Returns false where a book is present already. */
export const seedPriceBook = async (
  client: ClickHouseClient,
  database: string,
  book: BookData,
  note: Omit<RevisionNote, 'kind'>,
): Promise<boolean> => {
  const result = await client.query({
    query: `SELECT count() AS revisions FROM ${database}.price_revisions`,
    format: 'JSONEachRow',
  })
  const [row] = await result.json<{ revisions: string }>()
  if (Number(row?.revisions ?? 0) > 0) return false
  const digest = digestOfBook(book)
  const writer = { client, database, atMs: note.atMs, token: `seed:${digest}` }
  await writeAdded(writer, recordRevision(emptyRecordedBook(book), book, 1), 1)
  await writeRevision(writer, { ...note, kind: 'edition' }, { revision: 1, digest })
  return true
}

/** What a change made of the book. */
export interface RecordedChange {
  readonly revision: number
  readonly before: BookHistory
  readonly next: NextBook
}

/**
 * Records one change of the book as the next revision; `change` answers the whole next book, or throws and nothing is
 * written. Fails with `PriceBookError` where the next book may not be stored, with `E_CALLS_WAIT` where
 * calls must be moved first, and with `E_PRICE_BOOK_BUSY` while
 * another change runs.
 */
export const changePriceBook = async (
  client: ClickHouseClient,
  database: string,
  {
    tables,
    change,
    note,
  }: {
    readonly tables: BookTables
    readonly change: (history: BookHistory) => NextBook
    readonly note: RevisionNote
  },
): Promise<RecordedChange> =>
  whileBookIsLocked(client, database, async () => {
    const before = await readBookHistory(client, database, tables)
    assert(before.latest > 0, 'the database has a price book')
    const next = change(before)
    const problems = validateRows(next.book)
    if (problems.length > 0) throw new PriceBookError(problems)
    await assertCutsAreSettled(client, database, visibleAt(before.recorded, before.latest), next.book)
    const revision = before.nextRevision
    const after = recordRevision(before.recorded, next.book, revision, next.local)
    const writer = { client, database, atMs: note.atMs, token: `revision:${revision}:${note.atMs}` }
    await writeAdded(writer, after, revision)
    await writeClosed(writer, before, after, revision)
    await writeRevision(writer, note, { revision, digest: digestOfBook(next.book) })
    return { revision, before, next }
  })
