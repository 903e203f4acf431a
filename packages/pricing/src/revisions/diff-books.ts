/** What differs between two books, fact by fact, in words that a person can check (spec: pricing §11, §12). */
import type { BookData, ModelName, SheetBands } from '#src/book.ts'
import { quoteText, rowText, sheetText } from '#src/checks/sheet-text.ts'
import { formatInstant } from '#src/instant.ts'
import { OPEN_END } from '#src/interval.ts'
import { contentTextOf, type PriceRow, rowKeyOf, sheetKeyOf } from '#src/price-row.ts'

interface FactChange<Fact> {
  readonly before: Fact
  readonly after: Fact
}

interface FactDiff<Fact> {
  readonly added: readonly Fact[]
  readonly removed: readonly Fact[]
  /** Facts of one key whose windows overlap, and that say something else. */
  readonly changed: readonly FactChange<Fact>[]
}

export interface BookDiff {
  readonly rows: FactDiff<PriceRow>
  readonly names: FactDiff<ModelName>
  readonly bands: FactDiff<SheetBands>
}

interface Windowed {
  readonly validFrom: number
  readonly validTo: number
}

const overlap = (a: Windowed, b: Windowed): boolean => a.validFrom < b.validTo && b.validFrom < a.validTo

interface FactKind<Fact> {
  readonly keyOf: (fact: Fact) => string
  /** All that the fact says: equal text, equal fact. */
  readonly textOf: (fact: Fact) => string
}

const rows: FactKind<PriceRow> = {
  keyOf: rowKeyOf,
  textOf: contentTextOf,
}
const names: FactKind<ModelName> = {
  keyOf: ({ card, provider, name, rule }) => [card, provider, name, rule].join('\u0000'),
  textOf: ({ card, provider, name, rule, model, region, validFrom, validTo }) =>
    JSON.stringify([card, provider, name, rule, model, region, validFrom, validTo]),
}
const bands: FactKind<SheetBands> = {
  keyOf: sheetKeyOf,
  textOf: (sheet) => JSON.stringify([sheetKeyOf(sheet), sheet.gt, sheet.validFrom, sheet.validTo]),
}

const diffFacts = <Fact extends Windowed>(
  before: readonly Fact[],
  after: readonly Fact[],
  { keyOf, textOf }: FactKind<Fact>,
): FactDiff<Fact> => {
  const old = new Set(before.map(textOf))
  const now = new Set(after.map(textOf))
  const gone = before.filter((fact) => !now.has(textOf(fact)))
  const news = Map.groupBy(
    after.filter((fact) => !old.has(textOf(fact))),
    keyOf,
  )
  const changed: FactChange<Fact>[] = []
  const removed: Fact[] = []
  for (const fact of gone) {
    const candidates = news.get(keyOf(fact)) ?? []
    const match = candidates.find((candidate) => overlap(fact, candidate))
    if (match === undefined) removed.push(fact)
    else {
      changed.push({ before: fact, after: match })
      candidates.splice(candidates.indexOf(match), 1)
    }
  }
  return { added: [...news.values()].flat(), removed, changed }
}

/** What `after` says that `before` does not, and the reverse. Ids do not count: equal content is no difference. */
export const diffBooks = (before: BookData, after: BookData): BookDiff => ({
  rows: diffFacts(before.rows, after.rows, rows),
  names: diffFacts(before.names, after.names, names),
  bands: diffFacts(before.bands, after.bands, bands),
})

const timeText = ({ validFrom, validTo }: Windowed): string => {
  const day = (at: number): string => formatInstant(at).replace('T00:00:00Z', '')
  const end = validTo === OPEN_END ? '' : ` to ${day(validTo)}`
  return validFrom === 0 ? (end === '' ? 'always' : `always${end}`) : `from ${day(validFrom)}${end}`
}

const rowChangeText = ({ before, after }: FactChange<PriceRow>): string => {
  const parts = [
    quoteText(before) === quoteText(after) ? quoteText(after) : `${quoteText(before)} → ${quoteText(after)}`,
    timeText(before) === timeText(after) ? timeText(after) : `${timeText(before)} → ${timeText(after)}`,
    before.source === after.source ? after.source : `${before.source} → ${after.source}`,
    before.grade === after.grade ? `grade ${after.grade}` : `grade ${before.grade} → ${after.grade}`,
  ]
  return `~ ${rowText(after)}: ${parts.join(', ')}`
}

const nameText = (name: ModelName): string =>
  `${name.card === 'list' ? '' : `${name.card} · `}${name.provider} · name "${name.name}"${name.rule === 'exact' ? '' : ` (${name.rule})`}`

const meaningText = (name: ModelName): string =>
  `${name.model}${name.region === '' ? '' : ` in ${name.region}`} ${timeText(name)}`

const bandsText = (sheet: SheetBands): string => `above ${sheet.gt.join(', ')} tokens ${timeText(sheet)}`

/** One line per difference: `+` new, `-` gone, `~` changed. In a fixed order, names first. */
export const describeBookDiff = (diff: BookDiff): string[] => [
  ...diff.names.changed.map(
    ({ before, after }) => `~ ${nameText(after)}: ${meaningText(before)} → ${meaningText(after)}`,
  ),
  ...diff.names.added.map((name) => `+ ${nameText(name)} = ${meaningText(name)}`),
  ...diff.names.removed.map((name) => `- ${nameText(name)} = ${meaningText(name)}`),
  ...diff.bands.changed.map(
    ({ before, after }) => `~ ${sheetText(after)} · bands: ${bandsText(before)} → ${bandsText(after)}`,
  ),
  ...diff.bands.added.map((sheet) => `+ ${sheetText(sheet)} · bands ${bandsText(sheet)}`),
  ...diff.bands.removed.map((sheet) => `- ${sheetText(sheet)} · bands ${bandsText(sheet)}`),
  ...diff.rows.changed.map(rowChangeText),
  ...diff.rows.added.map((row) => `+ ${rowText(row)}: ${quoteText(row)}, ${timeText(row)}, ${row.source}`),
  ...diff.rows.removed.map((row) => `- ${rowText(row)}: ${quoteText(row)}, ${timeText(row)}, ${row.source}`),
]
