/** The provider's model names by the name tables of a book: what its exports say → what the ledger says. */
import type { BookData } from '#src/book.ts'
import type { ReconcileProvider } from '#src/reconcile/provider-export.ts'
import { resolveSku } from '#src/resolve-sku.ts'

const DAY_SECONDS = 86_400

const startOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000

/**
 * Canonical model of a name on a UTC day; a name that the book does not have stays as it is. Where a name changes its
 * meaning within the day, the later one holds: exports write snapshots, which never do.
 */
export const canonicalModelsOf = (
  book: BookData,
  provider: ReconcileProvider,
): ((model: string, day: string) => string) => {
  const known = new Map<string, string>()
  const resolve = (model: string, day: string): string => {
    const parts = { provider, model, region: '', tier: 'standard', promptBand: 0 }
    const from = startOf(day)
    return resolveSku(book, parts, from + DAY_SECONDS - 1).model || resolveSku(book, parts, from).model || model
  }
  return (model, day) => {
    const key = `${day} ${model}`
    const canonical = known.get(key) ?? resolve(model, day)
    known.set(key, canonical)
    return canonical
  }
}

/** Canonical tier of a tier as a call reported it; one that the provider does not list stays as it is. */
export const canonicalTierIn = (book: Pick<BookData, 'foldings'>, provider: ReconcileProvider, raw: string): string => {
  const table = book.foldings.tiers[provider] ?? {}
  const folded = raw.trim().toLowerCase()
  if (folded === '') return 'standard'
  return Object.hasOwn(table, folded) ? (table[folded] ?? folded) : folded
}
