/** Authored YAML → a price book, or every problem of it at once (spec: pricing §5). */
import { parseAuthored } from '#src/authored-item.ts'
import { modelSchema } from '#src/authoring-schema.ts'
import type { CompiledBook, SheetBands } from '#src/book.ts'
import { compileModel, type ModelGroup } from '#src/compile-model.ts'
import { type ModelContext, modelWindowOf } from '#src/model-context.ts'
import { mergeNames } from '#src/model-names.ts'
import { withoutOverruled, withoutOverruledNames } from '#src/catalogue-layer.ts'
import { compareReviews, reviewsOf } from '#src/model-reviews.ts'
import { sheetKeyOf, sortRows } from '#src/price-row.ts'
import { PriceBookError, type PriceBookProblem, placeText } from '#src/problem.ts'
import { validateRows } from '#src/validate-rows.ts'
import {
  type AuthoredSource,
  mergeVocabulary,
  type PriceBookSource,
  readSources,
  type Vocabulary,
} from '#src/vocabulary.ts'

export const modelsOf = (
  { source, head }: AuthoredSource,
  vocabulary: Vocabulary,
  problems: PriceBookProblem[],
): ModelContext[] =>
  [...(head.models ?? []).keys()].flatMap((index) => {
    const path = ['models', index]
    const authored = parseAuthored(modelSchema, source, path, problems)
    if (authored === undefined) return []
    return [{ authored, file: head, source, path, window: modelWindowOf(authored), vocabulary, problems }]
  })

export const compareBands = (a: SheetBands, b: SheetBands): number => {
  const [left, right] = [sheetKeyOf(a), sheetKeyOf(b)]
  return left < right ? -1 : left > right ? 1 : a.validFrom - b.validFrom
}

/**
 * Compiles overlays into one book. A model may be declared in several files: published cells of all of them come
 * first, then multipliers, then inheritance. Deterministic: the same sources give the same rows, ids and order.
 * Throws `PriceBookError` (`E_PRICE_BOOK`) with all problems, each with file and line; nothing is half-compiled.
 */
export const compilePriceBook = (sources: readonly PriceBookSource[]): CompiledBook => {
  const problems: PriceBookProblem[] = []
  const files = readSources(sources, problems)
  for (const { source, head } of files.filter((file) => file.head.card !== undefined)) {
    const what = `${head.card ?? ''} is a card of its own and no part of the list`
    problems.push({ code: 'E_CARD', where: placeText(source.placeOf(['card'])), what, fix: 'compile it as a contract' })
  }
  const vocabulary = mergeVocabulary(files, problems)
  const contexts = withoutOverruled(files.flatMap((file) => modelsOf(file, vocabulary, problems)))
  const groups = Map.groupBy(contexts, ({ authored }) => `${authored.provider}\u0000${authored.model}`)
  const models = [...groups.values()].map((group) => compileModel(group as unknown as ModelGroup))
  const names = mergeNames(withoutOverruledNames(contexts), problems)
  if (problems.length > 0) throw new PriceBookError(problems)
  const book: CompiledBook = {
    edition: vocabulary.edition,
    reviews: contexts.flatMap(reviewsOf).toSorted(compareReviews),
    horizons: Object.entries(vocabulary.calendars)
      .map(([calendar, { horizon }]) => ({ calendar, horizon }))
      .toSorted((a, b) => (a.calendar < b.calendar ? -1 : 1)),
    rows: sortRows(models.flatMap(({ rows }) => rows)),
    names,
    bands: models.flatMap(({ bands }) => bands).toSorted(compareBands),
    bandEdges: vocabulary.bandEdges,
    foldings: vocabulary.foldings,
  }
  const broken = validateRows(book)
  if (broken.length > 0) throw new PriceBookError(broken)
  return book
}
