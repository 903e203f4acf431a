/**
 * The second clock: when we knew a fact (spec: pricing §2, §11). Nothing is edited or deleted: a row, a name or a band is
 * recorded in one revision and closed in at most one later one. What was visible in a revision stays visible in it for ever.
 */
import { assert, digest64 } from '@outlay/core'
import type { BookData, ModelName, SheetBands } from '#src/book.ts'
import { contentIdOf, type PriceRow, sheetKeyOf } from '#src/price-row.ts'

interface Knowledge {
  /** Unique over all revisions: a fact that comes back after it was closed is another row. */
  readonly rowId: bigint
  /** First revision that shows it. */
  readonly revision: number
  /** First revision that no longer shows it; 0 while it is open. */
  readonly supersededIn: number
}

export interface Recorded<Fact> extends Knowledge {
  readonly fact: Fact
}

/** All that was ever known. Foldings and edges are append-only tables without revisions. */
export interface RecordedBook extends Pick<BookData, 'bandEdges' | 'foldings'> {
  readonly rows: readonly Recorded<PriceRow>[]
  readonly names: readonly Recorded<ModelName>[]
  readonly bands: readonly Recorded<SheetBands>[]
}

const contentIdOfName = ({ card, provider, name, rule, model, region, validFrom, validTo }: ModelName): bigint =>
  digest64([card, provider, name, rule, model, region, `${validFrom}`, `${validTo}`])

const contentIdOfBands = (bands: SheetBands): bigint =>
  digest64([sheetKeyOf(bands), bands.gt.join(), `${bands.validFrom}`, `${bands.validTo}`])

const isVisible = ({ revision, supersededIn }: Knowledge, at: number): boolean =>
  revision <= at && (supersededIn === 0 || at < supersededIn)

/** What one kind of fact looks like after `next` was recorded over it. */
const recordFacts = <Fact>(
  known: readonly Recorded<Fact>[],
  next: readonly Fact[],
  revision: number,
  idOf: (fact: Fact) => bigint,
): Recorded<Fact>[] => {
  const wanted = new Map(next.map((fact) => [idOf(fact), fact]))
  const ids = new Set(known.map(({ rowId }) => rowId))
  const kept = known.map((entry): Recorded<Fact> => {
    if (entry.supersededIn !== 0) return entry
    return wanted.delete(idOf(entry.fact)) ? entry : { ...entry, supersededIn: revision }
  })
  const added = [...wanted].map(([id, fact]): Recorded<Fact> => {
    // The content of a closed row that comes back: its own id is taken for ever.
    const rowId = ids.has(id) ? digest64([`${id}`, `${revision}`]) : id
    return { fact, rowId, revision, supersededIn: 0 }
  })
  return [...kept, ...added]
}

/** A history with nothing in it yet. */
export const emptyRecordedBook = ({ bandEdges, foldings }: Pick<BookData, 'bandEdges' | 'foldings'>): RecordedBook => ({
  rows: [],
  names: [],
  bands: [],
  bandEdges,
  foldings,
})

/**
 * Records a whole book as the next revision: what it says anew is added, what it no longer says is closed, what it still
 * says stays as it is. `revision` must be above every revision recorded so far (programmer error otherwise).
 */
export const recordRevision = (book: RecordedBook, next: BookData, revision: number): RecordedBook => {
  const last = Math.max(0, ...[book.rows, book.names, book.bands].map(lastRevisionOf))
  assert(Number.isInteger(revision) && revision > last, `revision ${revision} does not follow ${last}`)
  return {
    rows: recordFacts<PriceRow>(book.rows, next.rows, revision, contentIdOf),
    names: recordFacts<ModelName>(book.names, next.names, revision, contentIdOfName),
    bands: recordFacts<SheetBands>(book.bands, next.bands, revision, contentIdOfBands),
    bandEdges: next.bandEdges,
    foldings: next.foldings,
  }
}

const lastRevisionOf = (facts: readonly Knowledge[]): number =>
  facts.reduce((last, { revision, supersededIn }) => Math.max(last, revision, supersededIn), 0)

/**
 * The book as it was known in a revision (0 = nothing yet). Rows keep the id that they are stored under. A revision that
 * was never recorded shows what the last one before it showed.
 */
export const visibleAt = (book: RecordedBook, revision: number): BookData => {
  const visible = <Fact>(entries: readonly Recorded<Fact>[]) => entries.filter((entry) => isVisible(entry, revision))
  return {
    rows: visible(book.rows).map(({ fact, rowId }) => (fact.rowId === rowId ? fact : { ...fact, rowId })),
    names: visible(book.names).map(({ fact }) => fact),
    bands: visible(book.bands).map(({ fact }) => fact),
    bandEdges: book.bandEdges,
    foldings: book.foldings,
  }
}
