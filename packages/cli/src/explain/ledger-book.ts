/** A book of the ledger, as it prices single entries: by the resolver in this process, beside what SQL says. */
import {
  bookNamed,
  type CallRow,
  type ClickHouseClient,
  pricedAs,
  readStoredBooks,
  scopedBooks,
} from '@outlay/clickhouse'
import { assert } from '@outlay/core'
import { type ExplainedUsage, explainFolded } from '@outlay/pricing'
import { type BookQuestion, bookAskedFor } from '#src/book/choose-book.ts'
import { bookTables } from '#src/book/open-book.ts'
import { metersOf, usageStatusOf } from './entry-facts.ts'

export interface LedgerBook {
  /** As views name it. */
  readonly name: string
  readonly revision: number
  /** The price of one charge of the entry's call, with the rows that it is made of. */
  priceOf(entry: CallRow): ExplainedUsage & { readonly book: string }
}

/** The book that the options name. Fails with `E_BOOK`. */
export const openLedgerBook = async (
  client: ClickHouseClient,
  database: string,
  question: BookQuestion,
): Promise<LedgerBook> => {
  const name = await bookAskedFor(client, database, question)
  const stored = bookNamed(await readStoredBooks(client, database, bookTables()), name)
  const scopes = scopedBooks(stored)
  return {
    name,
    revision: stored.revision,
    priceOf: (entry) => {
      const scope = scopes.find(({ tenants }) => tenants.includes(entry.tenant)) ?? scopes[0]
      assert(scope !== undefined, 'a book has a scope for everybody')
      const parts = pricedAs(stored, {
        sku: entry.sku,
        provider: entry.price_provider,
        model: entry.price_model,
        region: entry.price_region,
        tier: entry.price_tier,
        promptBand: entry.prompt_band,
      })
      const question = {
        parts,
        slot: entry.price_slot,
        usage: metersOf(entry),
        usageStatus: usageStatusOf(entry.usage_status),
      }
      return { ...explainFolded(scope.book, question), book: scope.name }
    },
  }
}
