/**
 * The books that views can ask for: the one that holds now (`current`), every revision as it was (`r1`, `r2`, …), what is
 * staged (`staged`), and the what-if books. There may be hundreds: each is put together only when it is read.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { digest64, OutlayError } from '@outlay/core'
import {
  type BookData,
  type BookScope,
  type BookTables,
  type ContractText,
  flattenBook,
  type KnownBook,
  assertOverridesMeet,
  overrideCells,
  type RecordedBook,
  scopesOf,
  visibleAt,
  type WhatIfDefinition,
} from '@outlay/pricing'
import { type AppliedRevision, readBookHistory } from './book-history.ts'
import { readStagedBook } from './stage-book.ts'
import { type DefinedWhatIf, readWhatIfBooks } from './what-if-books.ts'

/** The book that holds now. */
export const CURRENT_BOOK = 'current'
/** What was staged last, if nothing was applied since. */
export const STAGED_BOOK = 'staged'
/** A book as it was when a revision was the latest: reports that name it never change. */
export const pinnedBookName = (revision: number): string => `r${revision}`

export interface StoredBook {
  /** How views name it. */
  readonly name: string
  /** The revision that it shows, or that it starts from. */
  readonly revision: number
  /** Equal digests, equal content. */
  readonly digest: string
  /** Contracts that select books for tenants. */
  readonly contracts: readonly ContractText[]
  /** Set where calls are priced as other ones. */
  readonly whatIf?: WhatIfDefinition
  /** Everything that is known, cards side by side. Fails for a what-if book whose prices are not exact. */
  read(): KnownBook
  /** Fails for a what-if book that changes cells which its base does not have. */
  check(): void
}

/** What all books are put together from. */
export interface BookSources {
  readonly recorded: RecordedBook
  readonly revisions: readonly AppliedRevision[]
  readonly staged: { readonly book: RecordedBook; readonly staging: number; readonly base: number } | undefined
  readonly whatIfs: readonly DefinedWhatIf[]
}

export const readBookSources = async (
  client: ClickHouseClient,
  database: string,
  tables: BookTables,
): Promise<BookSources> => {
  const history = await readBookHistory(client, database, tables)
  const applied = new Set(history.revisions.map(({ revision }) => revision))
  const staged = await readStagedBook(client, database, { ...history, applied }, history.recorded)
  return {
    recorded: history.recorded,
    revisions: history.revisions,
    staged: staged && { ...staged, base: history.latest },
    whatIfs: await readWhatIfBooks(client, database),
  }
}

const DIGEST_MASK = 0xffff_ffff_ffff_ffffn

/** Digest of what is visible in each of some revisions, in one walk over all facts: ids are digests, and add up. */
const digestsAt = (recorded: RecordedBook, revisions: readonly number[]): ReadonlyMap<number, string> => {
  const moved = new Map<number, bigint>()
  const move = (revision: number, id: bigint): void => {
    moved.set(revision, (moved.get(revision) ?? 0n) + id)
  }
  for (const { rowId, revision, supersededIn } of [
    recorded.rows,
    recorded.bands,
    recorded.names,
    recorded.contracts,
  ].flat()) {
    move(revision, rowId)
    if (supersededIn !== 0) move(supersededIn, -rowId)
  }
  let sum = 0n
  const steps = [...moved].toSorted(([a], [b]) => a - b)
  return new Map(
    revisions.map((wanted) => {
      while (steps[0] !== undefined && steps[0][0] <= wanted) sum += steps.shift()?.[1] ?? 0n
      return [wanted, `${sum & DIGEST_MASK}`] as const
    }),
  )
}

const contractsAt = ({ contracts }: RecordedBook, at: number): ContractText[] =>
  contracts
    .filter(({ revision, supersededIn }) => revision <= at && (supersededIn === 0 || at < supersededIn))
    .map(({ fact }) => fact)

const bookAt = (
  recorded: RecordedBook,
  shown: number,
  { name, revision, digest }: Pick<StoredBook, 'name' | 'revision' | 'digest'>,
): StoredBook => {
  let book: KnownBook | undefined
  return {
    name,
    revision,
    digest,
    contracts: contractsAt(recorded, shown),
    read: () => (book ??= visibleAt(recorded, shown)),
    check: () => undefined,
  }
}

const whatIfOn = (base: StoredBook, { name, definition }: DefinedWhatIf): StoredBook => ({
  ...base,
  name,
  whatIf: definition,
  digest: `${base.digest}:${digest64([JSON.stringify(definition)])}`,
  read: () => {
    const book = base.read()
    return { ...book, ...overrideCells(book, definition.cells) }
  },
  check: () => assertOverridesMeet(base.read(), definition.cells),
})

/** Every book there is: `current` first, then revisions, what is staged, and what-if books whose base exists. */
export const booksOf = ({ recorded, revisions, staged, whatIfs }: BookSources): readonly StoredBook[] => {
  const numbers = revisions.map(({ revision }) => revision)
  const digests = digestsAt(recorded, numbers)
  const pinned = numbers.map((revision) =>
    bookAt(recorded, revision, { name: pinnedBookName(revision), revision, digest: digests.get(revision) ?? '' }),
  )
  const latest = pinned.at(-1)
  const books = [...(latest === undefined ? [] : [{ ...latest, name: CURRENT_BOOK }]), ...pinned]
  if (staged !== undefined) {
    const digest = `${STAGED_BOOK}:${staged.staging}`
    books.push(bookAt(staged.book, staged.staging, { name: STAGED_BOOK, revision: staged.base, digest }))
  }
  const byName = new Map(books.map((book) => [book.name, book]))
  return [
    ...books,
    ...whatIfs.flatMap((whatIf) => {
      const base = byName.get(whatIf.base)
      return base === undefined ? [] : [whatIfOn(base, whatIf)]
    }),
  ]
}

/** Every book of a database. */
export const readStoredBooks = async (
  client: ClickHouseClient,
  database: string,
  tables: BookTables,
): Promise<readonly StoredBook[]> => booksOf(await readBookSources(client, database, tables))

/** The book of that name. Fails with `E_BOOK` and the names there are. */
export const bookNamed = (books: readonly StoredBook[], name: string): StoredBook => {
  const book = books.find((candidate) => candidate.name === name)
  if (book) return book
  const names = books.map((candidate) => candidate.name)
  throw new OutlayError('E_BOOK', 'no such book', { got: name, want: names.join(', ') })
}

/** A scope of a book as the compiled windows name it. */
export const scopedName = (book: string, { scope }: Pick<BookScope, 'scope'>): string =>
  scope === '' ? book : `${book}@${scope}`

/** The flattened books that a stored one makes, the one of everybody first. */
export const scopedBooks = (
  stored: StoredBook,
): readonly (BookScope & { readonly name: string; readonly book: BookData })[] =>
  scopesOf(stored.contracts).map((scope) => ({
    ...scope,
    name: scopedName(stored.name, scope),
    book: flattenBook(stored.read(), scope.cards),
  }))
