/**
 * The second clock: when we knew a fact (spec: pricing §2, §11). Nothing is edited or deleted: a row, a name, a band or a
 * contract is recorded in one revision and closed in at most one later one. What was visible in a revision stays visible
 * in it for ever.
 */
import { assert, digest64 } from '@outlay/core'
import { type BookData, type BookTables, type ModelName, type SheetBands, tablesOf } from '#src/book.ts'
import type { ContractText } from '#src/contracts/contract-text.ts'
import { contentIdOf, type PriceRow, sheetKeyOf } from '#src/price-row.ts'
import { latestKnowledge } from '#src/revisions/latest-knowledge.ts'
import type { Facts } from '#src/revisions/layer-facts.ts'

/** Who keeps a fact: an edition of the catalogue, which may take it back, or whoever runs this installation. */
export const ORIGINS = ['catalogue', 'local'] as const
export type Origin = (typeof ORIGINS)[number]

interface Knowledge {
  /** Unique over all revisions: a fact that comes back after it was closed is another row. */
  readonly rowId: bigint
  /** First revision that shows it. */
  readonly revision: number
  /** First revision that no longer shows it; 0 while it is open. */
  readonly supersededIn: number
  readonly origin: Origin
}

export interface Recorded<Fact> extends Knowledge {
  readonly fact: Fact
}

/** All that was ever known. Foldings, edges and splits are tables without revisions. */
export interface RecordedBook extends BookTables {
  readonly rows: readonly Recorded<PriceRow>[]
  readonly names: readonly Recorded<ModelName>[]
  readonly bands: readonly Recorded<SheetBands>[]
  readonly contracts: readonly Recorded<ContractText>[]
}

/** A whole book with the contracts that its cards were compiled from. */
export interface KnownBook extends BookData {
  readonly contracts: readonly ContractText[]
}

const contentIdOfName = ({ card, provider, name, rule, model, region, validFrom, validTo }: ModelName): bigint =>
  digest64([card, provider, name, rule, model, region, `${validFrom}`, `${validTo}`])

const contentIdOfBands = (bands: SheetBands): bigint =>
  digest64([sheetKeyOf(bands), bands.gt.join(), `${bands.validFrom}`, `${bands.validTo}`])

const contentIdOfContract = ({ card, file, text }: ContractText): bigint => digest64([card, file, text])

const isVisible = ({ revision, supersededIn }: Knowledge, at: number): boolean =>
  revision <= at && (supersededIn === 0 || at < supersededIn)

interface Recording<Fact> {
  readonly revision: number
  readonly idOf: (fact: Fact) => bigint
  /** Facts of the operator's own; all others are the catalogue's. */
  readonly local: readonly Fact[]
}

/** What one kind of fact looks like after `next` was recorded over it. */
const recordFacts = <Fact>(
  known: readonly Recorded<Fact>[],
  next: readonly Fact[],
  { revision, idOf, local }: Recording<Fact>,
): Recorded<Fact>[] => {
  const wanted = new Map(next.map((fact) => [idOf(fact), fact]))
  const own = new Set(local.map(idOf))
  const ids = new Set(known.map(({ rowId }) => rowId))
  const kept = known.map((entry): Recorded<Fact> => {
    if (entry.supersededIn !== 0) return entry
    return wanted.delete(idOf(entry.fact)) ? entry : { ...entry, supersededIn: revision }
  })
  const added = [...wanted].map(([id, fact]): Recorded<Fact> => {
    // The content of a closed row that comes back: its own id is taken for ever.
    const rowId = ids.has(id) ? digest64([`${id}`, `${revision}`]) : id
    return { fact, rowId, revision, supersededIn: 0, origin: own.has(id) ? 'local' : 'catalogue' }
  })
  return [...kept, ...added]
}

/** A history with nothing in it yet. */
export const emptyRecordedBook = (tables: BookTables): RecordedBook => ({
  rows: [],
  names: [],
  bands: [],
  contracts: [],
  ...tablesOf(tables),
})

const NO_FACTS: Facts = { rows: [], names: [], bands: [] }

/**
 * Records a whole book as the next revision: what it says anew is added, what it no longer says is closed, what it still
 * says stays as it is. `local` marks the facts that are the operator's own. `revision` must be above every revision
 * recorded so far (programmer error otherwise).
 */
export const recordRevision = (
  book: RecordedBook,
  next: BookData & Partial<Pick<KnownBook, 'contracts'>>,
  revision: number,
  local: Facts = NO_FACTS,
): RecordedBook => {
  const last = lastRevisionOf(book)
  assert(Number.isInteger(revision) && revision > last, `revision ${revision} does not follow ${last}`)
  const contracts = next.contracts ?? []
  return {
    rows: recordFacts(book.rows, next.rows, { revision, idOf: contentIdOf, local: local.rows }),
    names: recordFacts(book.names, next.names, { revision, idOf: contentIdOfName, local: local.names }),
    bands: recordFacts(book.bands, next.bands, { revision, idOf: contentIdOfBands, local: local.bands }),
    contracts: recordFacts(book.contracts, contracts, { revision, idOf: contentIdOfContract, local: contracts }),
    ...tablesOf(next),
  }
}

const lastRevisionOf = ({ rows, names, bands, contracts }: RecordedBook): number =>
  [rows, names, bands, contracts]
    .flat()
    .reduce((last, { revision, supersededIn }) => Math.max(last, revision, supersededIn), 0)

const visible = <Fact>(entries: readonly Recorded<Fact>[], revision: number): Recorded<Fact>[] =>
  entries.filter((entry) => isVisible(entry, revision))

/**
 * The book as it was known in a revision (0 = nothing yet). Rows keep the id that they are stored under. A revision that
 * was never recorded shows what the last one before it showed. `origin` asks for the facts of one keeper only.
 */
export const visibleAt = (book: RecordedBook, revision: number, origin?: Origin): KnownBook => {
  const of = <Fact>(entries: readonly Recorded<Fact>[]): Recorded<Fact>[] =>
    visible(entries, revision).filter((entry) => origin === undefined || entry.origin === origin)
  const rows = of(book.rows).map(({ fact, rowId, revision: known }) => ({
    row: fact.rowId === rowId ? fact : { ...fact, rowId },
    revision: known,
  }))
  return {
    rows: latestKnowledge(rows),
    names: of(book.names).map(({ fact }) => fact),
    bands: of(book.bands).map(({ fact }) => fact),
    contracts: of(book.contracts).map(({ fact }) => fact),
    ...tablesOf(book),
  }
}
