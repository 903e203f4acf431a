/** The part of a book that some skus can be priced by: compiling a few skus must not cost a walk over every model. */
import { nameFormsOf } from '#src/model-name-forms.ts'
import type { PriceRow } from '#src/price-row.ts'
import type { RecordedBook } from '#src/revisions/recorded-book.ts'
import type { SkuParts } from '#src/sku.ts'

const SNAPSHOT = /-(?:\d{8}|\d{4}-\d{2}-\d{2})$/

/** Every spelling by which a sku may find a name. */
const spellingsOf = (sku: SkuParts, { foldings }: RecordedBook): string[] =>
  nameFormsOf(sku, foldings).flatMap(({ name }) => [name, name.replace(SNAPSHOT, '')])

const modelKeyOf = ({ provider, model }: Pick<PriceRow, 'provider' | 'model'>): string => `${provider}\u0000${model}`

/**
 * The same history with the prices of other models left out: every sku given resolves in it as in the whole, in every
 * revision. Names stay, since they also say who bills.
 */
export const narrowedTo = (book: RecordedBook, skus: readonly SkuParts[]): RecordedBook => {
  const spellings = new Set(skus.flatMap((sku) => spellingsOf(sku, book)))
  const models = new Set(book.names.filter(({ fact }) => spellings.has(fact.name)).map(({ fact }) => modelKeyOf(fact)))
  return {
    ...book,
    rows: book.rows.filter(({ fact }) => models.has(modelKeyOf(fact))),
    bands: book.bands.filter(({ fact }) => models.has(modelKeyOf(fact))),
  }
}
