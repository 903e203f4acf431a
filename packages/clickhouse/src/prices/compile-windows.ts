/**
 * Books × skus → window rows. What was compiled once is kept by content, so that a new revision costs what it changes
 * and a new sku costs that sku, however many revisions there are.
 */
import { OutlayError } from '@outlay/core'
import {
  type BookScope,
  buildPriceWindows,
  type ContractText,
  flattenBook,
  narrowedTo,
  scopesOf,
  type SkuParts,
  whatIfSku,
} from '@outlay/pricing'
import type { WindowRow } from '#src/tables/price-tables.ts'
import { booksOf, type BookSources, scopedName, type StoredBook } from './stored-books.ts'
import { tenantRowOf, windowRowsOf } from './window-rows.ts'

export type Sku = { readonly sku: bigint } & SkuParts

type CompiledSkus = Map<bigint, readonly WindowRow[]>

export interface CompiledWindows {
  readonly rows: readonly WindowRow[]
  /** Books that could not be put together: nothing is priced by them. */
  readonly broken: readonly { readonly name: string; readonly error: unknown }[]
}

export interface WindowCompiler {
  /** The rows of all books for all skus. What no book needs any more is forgotten. */
  compile(sources: BookSources, skus: readonly Sku[]): CompiledWindows
}

/** How the calls of a sku are priced in a book: as they are, or as a what-if book says. */
export const pricedAs = (book: StoredBook, sku: Sku): Sku => {
  const { whatIf } = book
  if (whatIf?.as === undefined) return sku
  try {
    return { ...whatIfSku(book.read(), sku, whatIf), sku: sku.sku }
  } catch (error) {
    if (!(error instanceof OutlayError) || error.code !== 'E_WHAT_IF') throw error
    // No provider lists it for this call, or several do: unpriced, and visible as such.
    return { ...sku, ...whatIf.as, sku: sku.sku }
  }
}

/** The same books with only the models that some skus may mean. */
const narrowed = (sources: BookSources, skus: readonly Sku[]): readonly StoredBook[] => {
  const asked = sources.whatIfs.flatMap(({ definition: { as } }) =>
    as === undefined ? [] : skus.map((sku) => ({ ...sku, ...as })),
  )
  const narrow = (book: BookSources['recorded']) => narrowedTo(book, [...skus, ...asked])
  const { recorded, staged } = sources
  return booksOf({ ...sources, recorded: narrow(recorded), staged: staged && { ...staged, book: narrow(staged.book) } })
}

const createScopeReader = () => {
  const known = new Map<string, BookScope[]>()
  return (contracts: readonly ContractText[]): BookScope[] => {
    const key = contracts.map(({ card, text }) => `${card}\u0000${text}`).join('\u0000')
    const scopes = known.get(key) ?? scopesOf(contracts)
    known.set(key, scopes)
    return scopes
  }
}

export const createWindowCompiler = (): WindowCompiler => {
  let known = new Map<string, CompiledSkus>()
  const scopesOfContracts = createScopeReader()

  const complete = (compiled: CompiledSkus, book: StoredBook, scope: BookScope, skus: readonly Sku[]): void => {
    const missing = skus.filter(({ sku }) => !compiled.has(sku)).map((sku) => pricedAs(book, sku))
    if (missing.length === 0) return
    const windows = buildPriceWindows(flattenBook(book.read(), scope.cards), missing, { book: '' })
    for (const [sku, ofSku] of Map.groupBy(windows, (window) => window.sku)) {
      compiled.set(sku, ofSku.flatMap(windowRowsOf))
    }
  }

  return {
    compile: (sources, skus) => {
      const kept = new Map<string, CompiledSkus>()
      const rows: WindowRow[] = []
      const broken: { name: string; error: unknown }[] = []
      const small = new Map(narrowed(sources, skus).map((book) => [book.name, book]))
      for (const stored of booksOf(sources)) {
        try {
          if (!known.has(`${stored.digest}@`)) stored.check()
          for (const scope of scopesOfContracts(stored.contracts)) {
            const name = scopedName(stored.name, scope)
            const key = `${stored.digest}@${scope.scope}`
            const compiled = kept.get(key) ?? known.get(key) ?? new Map<bigint, readonly WindowRow[]>()
            complete(compiled, small.get(stored.name) ?? stored, scope, skus)
            kept.set(key, compiled)
            rows.push(...scope.tenants.map((tenant) => tenantRowOf(stored.name, tenant, name)))
            for (const { sku } of skus) for (const row of compiled.get(sku) ?? []) rows.push({ ...row, book: name })
          }
        } catch (error) {
          // Only a question may be wrong by itself. Without the book that everybody is priced by, the old windows must hold.
          if (stored.whatIf === undefined) throw error
          broken.push({ name: stored.name, error })
        }
      }
      known = kept
      return { rows, broken }
    },
  }
}
