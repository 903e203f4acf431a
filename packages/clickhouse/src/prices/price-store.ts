/**
 * The price book in the database: recorded once, closed at most once, never edited. Writing is idempotent: every block
 * carries a token made of its content, and the revision row comes last, so that a crash leaves nothing half-visible.
 */
import { createHash } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import type { BookData, PriceRow } from '@outlay/pricing'
import { readRows } from '#src/ledger/read-rows.ts'
import { writeRows } from '#src/ledger/write-rows.ts'
import { modelNamesTable, priceBandsTable, priceRevisionsTable, priceRowsTable } from '#src/tables/price-tables.ts'
import { latestKnowledge } from './latest-knowledge.ts'
import {
  type RevisionStamp,
  readModelName,
  readPriceBand,
  readPriceRow,
  storeModelName,
  storePriceBand,
  storePriceRow,
} from './stored-book.ts'

interface RevisionNote {
  readonly author: string
  readonly reason: string
  readonly atMs: number
}

/** The book that holds now. */
export const CURRENT_BOOK = 'current'
/** A book as it was when a revision was the latest: reports that name it never change. */
export const pinnedBookName = (revision: number): string => `r${revision}`

/** The part of a book that lives in the database; foldings and edges ship with the package. */
export interface StoredBook extends Pick<BookData, 'rows' | 'names' | 'bands'> {
  /** How views name it. */
  readonly name: string
  readonly revision: number
}

interface Knowledge {
  readonly revision: number
  readonly superseded_in: number
}

const digestOfBook = (book: Pick<BookData, 'rows' | 'names' | 'bands'>): string => {
  const hash = createHash('sha256')
  for (const row of book.rows) hash.update(`${row.rowId},`)
  return hash.update(JSON.stringify([book.names, book.bands])).digest('hex')
}

const lastRevision = async (client: ClickHouseClient, database: string): Promise<number> => {
  const result = await client.query({
    query: `SELECT max(revision) AS revision FROM ${database}.price_revisions`,
    format: 'JSONEachRow',
  })
  const [row] = await result.json<{ revision: number }>()
  return row?.revision ?? 0
}

/** One applied revision of the book, as it is listed. */
export interface PriceRevision {
  readonly revision: number
  /** ISO 8601, UTC. */
  readonly applied_at: string
  readonly author: string
  readonly reason: string
  /** Price rows that became visible with it. */
  readonly rows: number
}

/** All revisions, oldest first. */
export const readRevisions = async (client: ClickHouseClient, database: string): Promise<readonly PriceRevision[]> => {
  const result = await client.query({
    query: `SELECT revision, formatDateTime(applied_at, '%FT%TZ', 'UTC') AS applied_at, author, reason,
        toUInt32(countIf(price_rows.row_id != 0)) AS rows
      FROM ${database}.price_revisions LEFT JOIN ${database}.price_rows USING (revision)
      GROUP BY ALL ORDER BY revision`,
    format: 'JSONEachRow',
  })
  return result.json<PriceRevision>()
}

/** Loads a compiled book as revision 1 into an empty database. Returns false where a book is present already. */
export const seedPriceBook = async (
  client: ClickHouseClient,
  database: string,
  book: Pick<BookData, 'rows' | 'names' | 'bands'>,
  note: RevisionNote,
): Promise<boolean> => {
  if ((await lastRevision(client, database)) > 0) return false
  const digest = digestOfBook(book)
  const stamp: RevisionStamp = { revision: 1, recordedAtMs: note.atMs }
  await writeRows(client, database, priceRowsTable, {
    rows: book.rows.map((row) => storePriceRow(row, stamp)),
    token: `seed:${digest}:rows`,
  })
  await writeRows(client, database, priceBandsTable, {
    rows: book.bands.map((band) => storePriceBand(band, stamp)),
    token: `seed:${digest}:bands`,
  })
  await writeRows(client, database, modelNamesTable, {
    rows: book.names.map((name) => storeModelName(name, stamp)),
    token: `seed:${digest}:names`,
  })
  await recordRevision(client, database, { ...note, revision: 1, digest })
  return true
}

/** Appends price rows as a new revision. From its `validFrom` on a row wins over what was recorded before it. */
export const appendPriceRows = async (
  client: ClickHouseClient,
  database: string,
  rows: readonly PriceRow[],
  note: RevisionNote,
): Promise<number> => {
  const revision = (await lastRevision(client, database)) + 1
  const stored = rows.map((row) => storePriceRow(row, { revision, recordedAtMs: note.atMs }))
  await writeRows(client, database, priceRowsTable, {
    rows: stored,
    token: `revision:${revision}:${rows.map(({ rowId }) => rowId).join()}`,
  })
  await recordRevision(client, database, { ...note, revision, digest: '' })
  return revision
}

const recordRevision = async (
  client: ClickHouseClient,
  database: string,
  { revision, author, reason, digest, atMs }: RevisionNote & { revision: number; digest: string },
): Promise<void> => {
  await writeRows(client, database, priceRevisionsTable, {
    rows: [{ revision, applied_at: BigInt(atMs), author, reason, digest }],
    token: `revision:${revision}:${digest}:${atMs}`,
  })
}

/**
 * The book as it is now and as it was in every revision: `current`, `r1`, `r2`, … A row is visible in a revision from the one
 * that recorded it up to the one that closed it; where visible rows overlap, the one recorded last holds.
 */
export const readStoredBooks = async (client: ClickHouseClient, database: string): Promise<readonly StoredBook[]> => {
  const everything = { where: '1', final: true }
  const [rows, bands, names, latest] = await Promise.all([
    readRows(client, database, priceRowsTable, everything),
    readRows(client, database, priceBandsTable, everything),
    readRows(client, database, modelNamesTable, everything),
    lastRevision(client, database),
  ])
  const bookOf = (name: string, revision: number, isVisible: (row: Knowledge) => boolean): StoredBook => ({
    name,
    revision,
    rows: latestKnowledge(
      rows
        .filter(isVisible)
        .map((row) => ({ row: readPriceRow(row), revision: row.revision, recordedAtMs: Number(row.recorded_at) })),
    ),
    bands: bands.filter(isVisible).map(readPriceBand),
    names: names.filter(isVisible).map(readModelName),
  })
  const pinned = Array.from({ length: latest }, (_, index) => index + 1).map((revision) =>
    bookOf(
      pinnedBookName(revision),
      revision,
      (row) => row.revision <= revision && (row.superseded_in === 0 || revision < row.superseded_in),
    ),
  )
  return [bookOf(CURRENT_BOOK, latest, (row) => row.superseded_in === 0), ...pinned]
}
