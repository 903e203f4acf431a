/**
 * Changes of a book, as pure steps from what is known to what shall be known next. Each answers the whole next book, so
 * that it can be staged, compared, refused or recorded as one revision.
 */
import { OutlayError } from '@outlay/core'
import { type BookData, type BookTables, tablesOf, validityOf } from '#src/book.ts'
import { compileContracts } from '#src/contracts/compile-contracts.ts'
import type { ContractText } from '#src/contracts/contract-text.ts'
import { checkScopes } from '#src/contracts/book-scopes.ts'
import { type Interval, subtractIntervals, unionOf } from '#src/interval.ts'
import { contentIdOf, LIST_CARD, type PriceRow, rowKeyOf, sheetKeyOf } from '#src/price-row.ts'
import { PriceBookError } from '#src/problem.ts'
import { type Facts, factsWithin, newBands, uncoveredFacts } from '#src/revisions/layer-facts.ts'
import { type KnownBook, type Origin, type RecordedBook, visibleAt } from '#src/revisions/recorded-book.ts'

/** The next book, and which of its facts are the operator's own. */
export interface NextBook {
  readonly book: KnownBook
  readonly local: Facts
}

/** A list in two layers that do not overlap, and the contracts that build on it. */
interface BookParts {
  readonly catalogue: Facts
  readonly local: Facts
  readonly contracts: readonly ContractText[]
}

const NOTHING: Facts = { rows: [], names: [], bands: [] }

const listOf = ({ rows, names, bands }: Facts): Facts => ({
  rows: rows.filter(({ card }) => card === LIST_CARD),
  names: names.filter(({ card }) => card === LIST_CARD),
  bands: bands.filter(({ card }) => card === LIST_CARD),
})

const partsAt = (recorded: RecordedBook, revision: number): BookParts => ({
  catalogue: listOf(visibleAt(recorded, revision, 'catalogue')),
  local: listOf(visibleAt(recorded, revision, 'local')),
  contracts: visibleAt(recorded, revision).contracts,
})

const joined = (a: Facts, b: Facts): Facts => ({
  rows: [...a.rows, ...b.rows],
  names: [...a.names, ...b.names],
  bands: [...a.bands, ...newBands(a.bands, b.bands)],
})

/** Contracts are resolved again onto whatever list there is now. Throws `PriceBookError` where that is not possible. */
const assemble = (tables: BookTables, { catalogue, local, contracts }: BookParts): NextBook => {
  const problems = checkScopes(contracts)
  if (problems.length > 0) throw new PriceBookError(problems)
  const list: BookData = { ...joined(catalogue, local), ...tablesOf(tables) }
  return { book: { ...compileContracts(contracts, list), contracts }, local }
}

/** Facts of the operator's own, laid over the list from when they hold. */
export const addToList = (recorded: RecordedBook, revision: number, facts: Facts): NextBook => {
  const { catalogue, local, contracts } = partsAt(recorded, revision)
  return assemble(recorded, {
    catalogue: uncoveredFacts(catalogue, facts),
    local: joined(uncoveredFacts(local, facts), facts),
    contracts,
  })
}

/** Single cells as facts: they keep the thresholds that their sheets have. */
export const cellsOnSheets = (recorded: RecordedBook, revision: number, rows: readonly PriceRow[]): Facts => {
  const { bands } = visibleAt(recorded, revision)
  const kept = rows.flatMap((row) =>
    factsWithin(
      bands.filter((band) => sheetKeyOf(band) === sheetKeyOf(row)),
      validityOf(row),
    ),
  )
  return { rows, names: [], bands: newBands([], kept) }
}

/** Rows of the catalogue that were closed by hand, by what they said: the next edition does not bring them back. */
export const closedByHand = (recorded: RecordedBook, revisions: readonly number[]): ReadonlySet<bigint> => {
  const closing = new Set(revisions)
  const rows = recorded.rows.filter(({ supersededIn, origin }) => origin === 'catalogue' && closing.has(supersededIn))
  return new Set(rows.map(({ fact }) => contentIdOf(fact)))
}

/**
 * A new edition of the catalogue: it takes the place of what the catalogue said before. The operator's own facts stay
 * over it, and a row that the operator closed does not come back.
 */
export const withEdition = (
  recorded: RecordedBook,
  revision: number,
  { edition, closedByHand }: { readonly edition: Facts; readonly closedByHand: ReadonlySet<bigint> },
): NextBook => {
  const { local, contracts } = partsAt(recorded, revision)
  const kept = { ...edition, rows: edition.rows.filter((row) => !closedByHand.has(contentIdOf(row))) }
  return assemble(recorded, { catalogue: uncoveredFacts(kept, local), local, contracts })
}

/** A contract that is new, or in place of the one of the same card. */
export const withContract = (recorded: RecordedBook, revision: number, contract: ContractText): NextBook => {
  const parts = partsAt(recorded, revision)
  const known = parts.contracts.some(({ card }) => card === contract.card)
  const contracts = known
    ? parts.contracts.map((entry) => (entry.card === contract.card ? contract : entry))
    : [...parts.contracts, contract]
  return assemble(recorded, { ...parts, contracts })
}

/** Without the contract of a card. Fails with `E_CARD` where there is none. */
export const withoutContract = (recorded: RecordedBook, revision: number, card: string): NextBook => {
  const parts = partsAt(recorded, revision)
  const contracts = parts.contracts.filter((contract) => contract.card !== card)
  if (contracts.length === parts.contracts.length) {
    throw new OutlayError('E_CARD', 'no such contract', {
      got: card,
      want: parts.contracts.map((contract) => contract.card).join(', ') || 'a card that was imported',
    })
  }
  return assemble(recorded, { ...parts, contracts })
}

const rowOfId = (recorded: RecordedBook, revision: number, rowId: bigint): PriceRow => {
  const row = visibleAt(recorded, revision).rows.find((candidate) => candidate.rowId === rowId)
  if (row?.card === LIST_CARD) return row
  const fix =
    row === undefined
      ? 'see the ids with `outlay prices show MODEL --json`'
      : `the row follows from the contract ${row.card}: import its file again, or supersede the whole card`
  throw new OutlayError('E_ROW', row === undefined ? 'no open price row has that id' : 'no row of the list', {
    got: `${rowId}`,
    fix,
  })
}

/** What the time of a closed row falls back to: what was known of the same price before the row was recorded. */
const knownBefore = (recorded: RecordedBook, row: PriceRow, origin?: Origin): Facts => {
  const entry = recorded.rows.find(({ rowId }) => rowId === row.rowId)
  const before = visibleAt(recorded, (entry?.revision ?? 1) - 1, origin).rows.filter(
    (other) => rowKeyOf(other) === rowKeyOf(row),
  )
  const rows = factsWithin(before, validityOf(row)).map((piece) => ({ ...piece, rowId: contentIdOf(piece) }))
  return { rows, names: [], bands: [] }
}

export interface ClosedRow {
  readonly next: NextBook
  readonly row: PriceRow
  /** Times in which the meter has no price any more. */
  readonly unpriced: readonly Interval[]
}

/**
 * The book without one row of the list. In its place comes what was known before it; `leaveGap` leaves the meter
 * unpriced instead. Fails with `E_ROW` where no open row of the list has the id.
 */
export const withoutRow = (
  recorded: RecordedBook,
  revision: number,
  { rowId, leaveGap = false }: { readonly rowId: bigint; readonly leaveGap?: boolean },
): ClosedRow => {
  const row = rowOfId(recorded, revision, rowId)
  const { catalogue, local, contracts } = partsAt(recorded, revision)
  const isOpen = (other: PriceRow): boolean => other.rowId !== rowId
  const without = (facts: Facts): Facts => ({ ...facts, rows: facts.rows.filter(isOpen) })
  const back = leaveGap ? NOTHING : knownBefore(recorded, row)
  // In place of a row of the catalogue the operator's word stands, or the next edition would take it away again.
  const wasLocal = !local.rows.every(isOpen)
  const own = wasLocal && !leaveGap ? knownBefore(recorded, row, 'local') : back
  const listed = wasLocal && !leaveGap ? knownBefore(recorded, row, 'catalogue') : NOTHING
  const next = assemble(recorded, {
    catalogue: joined(without(catalogue), listed),
    local: joined(without(local), own),
    contracts,
  })
  return { next, row, unpriced: subtractIntervals(validityOf(row), unionOf(back.rows.map(validityOf))) }
}
