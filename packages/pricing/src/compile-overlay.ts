/** An overlay that is imported into a book that exists already: prices and names, on the tables of that book. */
import { type BookTables, tablesOf } from '#src/book.ts'
import { compileModel, type ModelGroup } from '#src/compile-model.ts'
import { compareBands, modelsOf } from '#src/compile-price-book.ts'
import { mergeNames, readNames } from '#src/model-names.ts'
import { sortRows } from '#src/price-row.ts'
import { PriceBookError, type PriceBookProblem, placeText } from '#src/problem.ts'
import type { Facts } from '#src/revisions/layer-facts.ts'
import { validateRows } from '#src/validate-rows.ts'
import { type AuthoredSource, mergeVocabulary, type PriceBookSource, readSources } from '#src/vocabulary.ts'

/** Spellings and edges decide what calls are stored as: they ship with the package and no import changes them. */
const TABLES = ['providers', 'hosts', 'proxies', 'tiers', 'regions', 'band_edges'] as const

const checkTables = ({ source, head }: AuthoredSource): PriceBookProblem[] =>
  TABLES.filter((table) => head[table] !== undefined).map((table) => ({
    code: 'E_CONFLICT',
    where: placeText(source.placeOf([table])),
    what: `"${table}" ships with the package and cannot be imported`,
    fix: `leave "${table}" out`,
  }))

/**
 * Compiles an overlay for `addToList`. Throws `PriceBookError` with all problems, each with file and line: what
 * `compilePriceBook` refuses, tables that ship with the package, and contracts, which are imported as such.
 */
export const compileOverlay = (source: PriceBookSource, book: BookTables): Facts => {
  const problems: PriceBookProblem[] = []
  const files = readSources([source], problems)
  problems.push(...files.flatMap(checkTables))
  const own = mergeVocabulary(files, problems)
  const vocabulary = { ...own, ...tablesOf(book) }
  const contexts = files.flatMap((file) => modelsOf(file, vocabulary, problems))
  const groups = Map.groupBy(contexts, ({ authored }) => `${authored.provider}\u0000${authored.model}`)
  const models = [...groups.values()].map((group) => compileModel(group as unknown as ModelGroup))
  const names = mergeNames(contexts.flatMap(readNames), problems)
  if (problems.length > 0) throw new PriceBookError(problems)
  const facts: Facts = {
    rows: sortRows(models.flatMap(({ rows }) => rows)),
    bands: models.flatMap(({ bands }) => bands).toSorted(compareBands),
    names,
  }
  const broken = validateRows({ ...facts, ...tablesOf(book) })
  if (broken.length > 0) throw new PriceBookError(broken)
  return facts
}
