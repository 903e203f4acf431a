/**
 * All that the database knows of the price book, with both clocks. A fact counts once the revision that recorded it is
 * applied, and is closed once the revision that closed it is: what a crash left behind is visible to nobody.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { type BookTables, ORIGINS, type Origin, type Recorded, type RecordedBook, tablesOf } from '@outlay/pricing'
import { readRows } from '#src/ledger/read-rows.ts'
import {
  modelNamesTable,
  priceBandsTable,
  priceContractsTable,
  priceRevisionsTable,
  priceRowsTable,
  type StoredContract,
  type StoredModelName,
  type StoredPriceBand,
  type StoredPriceRow,
} from '#src/tables/price-tables.ts'
import { readLedgerTables } from './ledger-tables.ts'
import { readContract, readModelName, readPriceBand, readPriceRow } from './stored-facts.ts'

/** What made a revision. */
export type RevisionKind = 'edition' | 'overlay' | 'contract' | 'add' | 'supersede'

export interface AppliedRevision {
  readonly revision: number
  readonly kind: string
  readonly appliedAtMs: number
}

/** The tables of the book as they stand, whether their revisions are applied or not. */
export interface StoredFacts {
  readonly rows: readonly StoredPriceRow[]
  readonly bands: readonly StoredPriceBand[]
  readonly names: readonly StoredModelName[]
  readonly contracts: readonly StoredContract[]
}

export interface BookHistory {
  readonly recorded: RecordedBook
  /** Applied revisions, oldest first. */
  readonly revisions: readonly AppliedRevision[]
  /** The last applied revision; 0 where there is none. */
  readonly latest: number
  /** The first number that no revision, applied or not, has used. */
  readonly nextRevision: number
  readonly stored: StoredFacts
}

/** Numbers from here on are stagings: facts that no applied revision shows. */
export const FIRST_STAGING = 2 ** 31

interface StoredKnowledge {
  readonly row_id: bigint
  readonly revision: number
  readonly superseded_in: number
  readonly origin?: string
}

const originOf = (text: string | undefined): Origin => ORIGINS.find((origin) => origin === text) ?? 'local'

/** Stored rows as recorded facts, by whatever counts as applied. */
const recordedFacts = <Stored extends StoredKnowledge, Fact>(
  stored: readonly Stored[],
  read: (row: Stored) => Fact,
  isApplied: (revision: number) => boolean,
): Recorded<Fact>[] =>
  stored.flatMap((row) =>
    isApplied(row.revision)
      ? [
          {
            fact: read(row),
            rowId: row.row_id,
            revision: row.revision,
            supersededIn: isApplied(row.superseded_in) ? row.superseded_in : 0,
            origin: originOf(row.origin),
          },
        ]
      : [],
  )

/** The book that a set of applied revisions makes. */
export const recordedBookOf = (
  stored: StoredFacts,
  tables: BookTables,
  isApplied: (revision: number) => boolean,
): RecordedBook => ({
  rows: recordedFacts(stored.rows, readPriceRow, isApplied),
  bands: recordedFacts(stored.bands, readPriceBand, isApplied),
  names: recordedFacts(stored.names, readModelName, isApplied),
  contracts: recordedFacts(stored.contracts, readContract, isApplied),
  ...tablesOf(tables),
})

const readStoredFacts = async (client: ClickHouseClient, database: string): Promise<StoredFacts> => {
  const everything = { where: '1', final: true }
  const [rows, bands, names, contracts] = await Promise.all([
    readRows(client, database, priceRowsTable, everything),
    readRows(client, database, priceBandsTable, everything),
    readRows(client, database, modelNamesTable, everything),
    readRows(client, database, priceContractsTable, everything),
  ])
  return { rows, bands, names, contracts }
}

const lastUsed = (stored: StoredFacts, latest: number): number =>
  [stored.rows, stored.bands, stored.names, stored.contracts]
    .flat()
    .reduce(
      (last, { revision, superseded_in }) => Math.max(last, revision < FIRST_STAGING ? revision : 0, superseded_in),
      latest,
    )

/** `packaged` gives what the database does not hold: foldings, and the edges of a database that has none. */
export const readBookHistory = async (
  client: ClickHouseClient,
  database: string,
  packaged: BookTables,
): Promise<BookHistory> => {
  const tables = await readLedgerTables(client, database, packaged)
  const applied = await readRows(client, database, priceRevisionsTable, { where: '1' })
  const revisions = applied
    .map(({ revision, kind, applied_at }) => ({ revision, kind, appliedAtMs: Number(applied_at) }))
    .toSorted((a, b) => a.revision - b.revision)
  const stored = await readStoredFacts(client, database)
  const latest = revisions.at(-1)?.revision ?? 0
  const known = new Set(revisions.map(({ revision }) => revision))
  return {
    recorded: recordedBookOf(stored, tables, (revision) => known.has(revision)),
    revisions,
    latest,
    nextRevision: lastUsed(stored, latest) + 1,
    stored,
  }
}
