/**
 * Contract cards: authored like prices, one file per card, compiled onto the book that they build on (spec: pricing §10).
 * Everything is resolved here: a discount becomes rows, so that a contract is looked up like any list.
 */
import { parseAuthored } from '#src/authored-item.ts'
import { contractRuleSchema } from '#src/authoring-schema.ts'
import { type BookData, type SheetBands, tablesOf, validityOf } from '#src/book.ts'
import { compileModel, type ModelGroup } from '#src/compile-model.ts'
import { compareBands, modelsOf } from '#src/compile-price-book.ts'
import { assumedRows, type Assumptions, timesAssumed } from '#src/contracts/assumptions.ts'
import {
  applyRules,
  concernsSheet,
  copiedRow,
  factorOf,
  type PlacedContractRule,
  windowOfRule,
} from '#src/contracts/contract-rules.ts'
import { flattenBook, type PriceScope } from '#src/contracts/flatten-book.ts'
import { type Interval, intersectionOf, subtractIntervals, unionOf } from '#src/interval.ts'
import { mergeNames, readNames } from '#src/model-names.ts'
import type { ModelContext } from '#src/model-context.ts'
import { LIST_CARD, OPERATOR_CARD, type PriceRow, sheetKeyOf, sortRows } from '#src/price-row.ts'
import { PriceBookError, type PriceBookProblem, placeText } from '#src/problem.ts'
import { validateRows } from '#src/validate-rows.ts'
import {
  type AuthoredSource,
  mergeVocabulary,
  type PriceBookSource,
  readSources,
  type Vocabulary,
} from '#src/vocabulary.ts'

type Facts = Pick<BookData, 'rows' | 'bands' | 'names'>

interface ContractFile {
  readonly file: AuthoredSource
  readonly card: string
  readonly contexts: readonly ModelContext[]
  readonly rules: readonly PlacedContractRule[]
}

const readRules = (
  { source, head }: AuthoredSource,
  vocabulary: Vocabulary,
  problems: PriceBookProblem[],
): PlacedContractRule[] =>
  [...(head.rules ?? []).keys()].flatMap((index) => {
    const path = ['rules', index]
    const where = placeText(source.placeOf(path))
    const rule = parseAuthored(contractRuleSchema, source, path, problems)
    if (rule === undefined) return []
    const page = vocabulary.sources[rule.src]
    if (page === undefined) {
      problems.push({ code: 'E_UNKNOWN_SOURCE', where, what: `no source "${rule.src}"` })
      return []
    }
    if (factorOf(rule) === undefined) {
      problems.push({ code: 'E_RULE', where, what: 'want either a discount of at most 1 or a multiplier' })
      return []
    }
    return [{ rule, where, page }]
  })

/** Problems of where a contract stands, before any price of it is looked at. */
const checkContract = ({ file, card, contexts }: ContractFile, base: Facts, problems: PriceBookProblem[]): void => {
  const { source, head } = file
  const known = new Set([LIST_CARD, ...base.rows.map((row) => row.card)])
  if (head.base !== undefined && !known.has(head.base)) {
    const where = placeText(source.placeOf(['base']))
    problems.push({
      code: 'E_CARD',
      where,
      what: `no card "${head.base}"`,
      fix: 'compile the card that it builds on first',
    })
  }
  const listed = new Set(base.rows.map(({ provider, model }) => `${provider}\u0000${model}`))
  for (const { authored, path } of contexts) {
    const where = placeText(source.placeOf(path))
    if (card === OPERATOR_CARD && (authored.sheets !== undefined || authored.derive !== undefined)) {
      problems.push({ code: 'E_CARD', where, what: 'the operator’s card holds names, no prices' })
    }
    if (authored.names !== undefined || listed.has(`${authored.provider}\u0000${authored.model}`)) continue
    problems.push({ code: 'E_UNKNOWN_MODEL', where, what: `${authored.provider} lists no model "${authored.model}"` })
  }
}

/** Own cells of the contract: what `models` says. */
const ownCells = ({ contexts }: ContractFile): Pick<Facts, 'rows' | 'bands'> => {
  const groups = Map.groupBy(contexts, ({ authored }) => `${authored.provider}\u0000${authored.model}`)
  const models = [...groups.values()].map((group) => compileModel(group as unknown as ModelGroup))
  return { rows: models.flatMap(({ rows }) => rows), bands: models.flatMap(({ bands }) => bands) }
}

interface SheetOfBase {
  readonly rows: readonly PriceRow[]
  readonly bands: readonly SheetBands[]
  readonly own: readonly PriceRow[]
}

/** Rows and bands that the contract has beside its own cells on one sheet of the base. */
const coverSheet = (
  { card, rules, file }: ContractFile,
  sheet: SheetOfBase,
  problems: PriceBookProblem[],
): Pick<Facts, 'rows' | 'bands'> => {
  const [first] = sheet.rows
  if (first === undefined) return { rows: [], bands: [] }
  const merge = file.head.merge === true
  const own = unionOf(sheet.own.map(validityOf))
  const due = rules.filter(({ rule }) => concernsSheet(rule, first))
  // Without `merge` the contract's own cells are the whole sheet; no rule reaches into their time.
  const assume = (file.head.assume ?? {}) as Assumptions
  const assumed = timesAssumed(sheet.rows, assume)
  const reach = unionOf([...due.map(({ rule }) => windowOfRule(rule)), ...(merge ? own : []), ...assumed])
  const covered = merge ? reach : reach.flatMap((part) => subtractIntervals(part, own))
  const within = (interval: Interval): Interval[] => covered.flatMap((part) => intersectionOf(part, interval) ?? [])
  const rows = sheet.rows.flatMap((row) => {
    const sameCell = merge ? sheet.own.filter((other) => isSameCell(other, row)) : []
    const taken = unionOf(sameCell.map(validityOf))
    return within(validityOf(row))
      .flatMap((part) => subtractIntervals(part, taken))
      .flatMap((part) => {
        const piece = { ...row, validFrom: part.from, validTo: part.to }
        const ruled = applyRules(piece, card, due, problems)
        const rest = subtractIntervals(part, unionOf(ruled.taken))
        return [...ruled.rows, ...rest.map((interval) => copiedRow(row, card, interval))]
      })
  })
  const bands = sheet.bands.flatMap((entry) =>
    within(validityOf(entry)).map(({ from, to }) => ({ ...entry, card, validFrom: from, validTo: to })),
  )
  return { rows: [...rows, ...assumedRows([...sheet.own, ...rows], assume)], bands }
}

const isSameCell = (a: PriceRow, b: PriceRow): boolean => a.band === b.band && a.meter === b.meter

const placeKeyOf = (sheet: PriceRow | SheetBands): string => sheetKeyOf({ ...sheet, card: '' })

/** Equal thresholds of one sheet, whether authored or taken over, are one entry as long as they last. */
const joinedBands = (bands: readonly SheetBands[]): SheetBands[] =>
  [...Map.groupBy(bands, (entry) => `${sheetKeyOf(entry)}\u0000${entry.gt.join()}`).values()].flatMap((same) =>
    unionOf(same.map(validityOf)).flatMap(({ from, to }) =>
      same.slice(0, 1).map((entry) => ({ ...entry, validFrom: from, validTo: to })),
    ),
  )

const scopeOfCard = (card: string): PriceScope => {
  const id = card.slice(card.indexOf(':') + 1)
  if (card.startsWith('org:')) return { organisation: id }
  if (card.startsWith('tenant:')) return { tenant: id }
  return card.startsWith('project:') ? { project: id } : {}
}

const compileContract = (contract: ContractFile, book: BookData, problems: PriceBookProblem[]): Facts => {
  const own = ownCells(contract)
  const base = flattenBook(book, scopeOfCard(contract.file.head.base ?? LIST_CARD))
  const ownRows = Map.groupBy(own.rows, placeKeyOf)
  const bands = Map.groupBy(base.bands, placeKeyOf)
  const covered = [...Map.groupBy(base.rows, placeKeyOf)].map(([place, rows]) => {
    const sheet = { rows, bands: bands.get(place) ?? [], own: ownRows.get(place) ?? [] }
    return coverSheet(contract, sheet, problems)
  })
  for (const { rule, where } of contract.rules) {
    if (base.rows.some((row) => concernsSheet(rule, row))) continue
    problems.push({ code: 'E_RULE', where, what: 'no price of the base card is concerned by this rule' })
  }
  return {
    rows: [...own.rows, ...covered.flatMap(({ rows }) => rows)],
    bands: joinedBands([...own.bands, ...covered.flatMap((sheet) => sheet.bands)]),
    names: mergeNames(contract.contexts.flatMap(readNames), problems),
  }
}

/** The vocabulary of the contracts, on the tables of the book that they build on. */
const vocabularyOn = (files: readonly AuthoredSource[], base: BookData, problems: PriceBookProblem[]): Vocabulary => ({
  ...mergeVocabulary(files, problems),
  ...tablesOf(base),
})

/** Each card after the one that it builds on; a circle keeps its order and is refused as cards that do not exist. */
const basesFirst = (files: readonly AuthoredSource[]): AuthoredSource[] => {
  const ordered: AuthoredSource[] = []
  let waiting = [...files]
  while (waiting.length > 0) {
    const cards = new Set(waiting.map(({ head }) => head.card))
    const ready = waiting.filter(({ head }) => head.base === undefined || !cards.has(head.base))
    const next = ready.length > 0 ? ready : waiting
    ordered.push(...next)
    waiting = waiting.filter((file) => !next.includes(file))
  }
  return ordered
}

/**
 * Compiles contracts onto a book: the book with their cards beside the list, for `flattenBook`. A card may build on
 * another one (`base: org:acme`). Compile again when the base changes: discounts are resolved to prices here.
 * Throws `PriceBookError` with all problems, each with file and line.
 */
export const compileContracts = (sources: readonly PriceBookSource[], base: BookData): BookData => {
  const problems: PriceBookProblem[] = []
  const files = basesFirst(readSources(sources, problems))
  const vocabulary = vocabularyOn(files, base, problems)
  let book = base
  for (const file of files) {
    const { card } = file.head
    if (card === undefined) {
      const where = placeText(file.source.placeOf([]))
      problems.push({ code: 'E_CARD', where, what: 'no `card`: say whose contract it is', fix: 'card: tenant:…' })
      continue
    }
    const contexts = modelsOf(file, vocabulary, problems)
    const contract = { file, card, contexts, rules: readRules(file, vocabulary, problems) }
    checkContract(contract, book, problems)
    const facts = compileContract(contract, book, problems)
    book = {
      ...book,
      rows: [...book.rows, ...facts.rows],
      bands: [...book.bands, ...facts.bands],
      names: [...book.names, ...facts.names],
    }
  }
  if (problems.length > 0) throw new PriceBookError(problems)
  const compiled = { ...book, rows: sortRows(book.rows), bands: book.bands.toSorted(compareBands) }
  const broken = validateRows(compiled)
  if (broken.length > 0) throw new PriceBookError(broken)
  return compiled
}
