/** Everything that the ledger and the price book can say in a comparison with a provider's own figures. */
import {
  bookNamed,
  type ClickHouseClient,
  pinnedBookName,
  readAccountCharges,
  readProviderUsage,
  readStoredBooks,
  scopedBooks,
  type StoredBook,
} from '@outlay/clickhouse'
import { assert } from '@outlay/core'
import {
  addDays,
  canonicalModelsOf,
  knownPricesOf,
  type LedgerSide,
  type ProviderExport,
  type ReconcileOptions,
  withPriceRows,
} from '@outlay/pricing'
import { bookTables } from '#src/book/open-book.ts'
import { readUnsettledUsage } from './unsettled-usage.ts'

interface LedgerQuestion {
  readonly theirs: ProviderExport
  /** Book that our prices are taken from. */
  readonly book: string
}

export interface LedgerAnswer {
  readonly ours: LedgerSide
  readonly known: Required<Pick<ReconcileOptions, 'canonicalModel' | 'knownPrices'>>
  readonly revision: number
}

/** One more day on each side: the provider may book calls around midnight there. `to` is exclusive. */
const windowOf = ({ usageDays, costDays }: ProviderExport): { readonly from: string; readonly to: string } => {
  const days = [...usageDays.keys(), ...costDays].toSorted()
  const [first, last] = [days[0], days.at(-1)]
  assert(first !== undefined && last !== undefined, 'an export without a day is refused')
  return { from: addDays(first, -1), to: addDays(last, 2) }
}

/** Other revisions that say something else; what is only staged or asked what-if was never charged by. */
const otherRevisions = (books: readonly StoredBook[], { digest }: StoredBook): StoredBook[] => [
  ...new Map(
    books
      .filter(
        (book) => book.whatIf === undefined && book.digest !== digest && book.name === pinnedBookName(book.revision),
      )
      .map((book) => [book.digest, book]),
  ).values(),
]

/** Fails with `E_BOOK` on a book that the ledger does not have. */
export const readLedgerSide = async (
  client: ClickHouseClient,
  database: string,
  { theirs, book: name }: LedgerQuestion,
): Promise<LedgerAnswer> => {
  const { provider } = theirs
  const books = await readStoredBooks(client, database, bookTables())
  const stored = bookNamed(books, name)
  const [everybody] = scopedBooks(stored)
  assert(everybody !== undefined, 'a book has a scope of everybody')
  const { book } = everybody
  const window = windowOf(theirs)
  const question = { provider, ...window, book: name }
  const [settled, unsettled, charges] = await Promise.all([
    readProviderUsage(client, database, question, book),
    readUnsettledUsage({ client, database }, question, book),
    readAccountCharges(client, database, { provider, ...window }),
  ])
  const modelOf = canonicalModelsOf(book, provider)
  // All cards side by side: contracts explain invoices, whoever they are of.
  const used = { name, book: stored.read() }
  const others = otherRevisions(books, stored).map((other) => ({ name: other.name, book: other.read() }))
  return {
    ours: {
      usage: withPriceRows([...settled, ...unsettled], used, provider),
      charges: charges.map((charge) =>
        charge.model === undefined
          ? charge
          : { ...charge, model: modelOf(charge.model, charge.period.padEnd(10, '-01')) },
      ),
    },
    known: {
      // Ours are canonical already, by the name tables at the moment of each call.
      canonicalModel: (model, day, side) => (side === 'ours' ? model : modelOf(model, day)),
      knownPrices: knownPricesOf(settled, used, { provider, others }),
    },
    revision: stored.revision,
  }
}
