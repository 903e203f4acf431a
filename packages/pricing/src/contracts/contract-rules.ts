/** Discounts and multipliers of a contract, applied to the compiled rows of the card that it builds on. */
import { formatDecimal, type Meter, parseDecimal, TOKEN_METERS } from '@outlay/core'
import type { ContractRule } from '#src/authoring-schema.ts'
import { validityOf } from '#src/book.ts'
import { scaledQuote } from '#src/contracts/scale-price.ts'
import { type Interval, intersectionOf, OPEN_END, subtractIntervals } from '#src/interval.ts'
import { GRADES, type Grade, PRICE_DECIMALS, type PriceRow, rowKeyOf, type Sheet, withRowId } from '#src/price-row.ts'
import type { PriceBookProblem } from '#src/problem.ts'
import type { SourcePage } from '#src/vocabulary.ts'

export interface PlacedContractRule {
  readonly rule: ContractRule
  readonly where: string
  readonly page: SourcePage
}

const ONE = 10n ** BigInt(PRICE_DECIMALS)

/** What a price is multiplied with, in units of 10⁻⁹. Undefined if the rule does not say, or says two things. */
export const factorOf = ({ discount, multiplier }: ContractRule): bigint | undefined => {
  if ((discount === undefined) === (multiplier === undefined)) return undefined
  const given = parseDecimal(discount ?? multiplier ?? '', PRICE_DECIMALS)
  const factor = discount === undefined ? given : ONE - given
  return factor >= 0n ? factor : undefined
}

export const windowOfRule = ({ from, to }: ContractRule): Interval => ({ from: from ?? 0, to: to ?? OPEN_END })

/** Filters that are left out concern everything. */
export const concernsSheet = ({ models, tiers, regions }: ContractRule, sheet: Sheet): boolean =>
  (models?.includes(`${sheet.provider}/${sheet.model}`) ?? true) &&
  (tiers?.includes(sheet.tier) ?? true) &&
  (regions?.includes(sheet.region) ?? true)

const concernsMeter = ({ meters }: ContractRule, meter: Meter): boolean =>
  meters?.includes(meter) ?? TOKEN_METERS.includes(meter)

const weakerOf = (a: Grade, b: Grade): Grade => (GRADES.indexOf(a) >= GRADES.indexOf(b) ? a : b)

const chain = (row: PriceRow, step: string): string =>
  row.derivedFrom === 'published' ? step : `${row.derivedFrom}, ${step}`

/** A row of the base card as it stands in the contract, in a part of its time. */
export const copiedRow = (row: PriceRow, card: string, { from, to }: Interval): PriceRow =>
  withRowId({ ...row, card, validFrom: from, validTo: to, derivedFrom: chain(row, `as ${row.card}`) })

const scaledRow = (
  row: PriceRow,
  card: string,
  { from, to }: Interval,
  { rule, where, page, problems }: PlacedContractRule & { problems: PriceBookProblem[] },
): PriceRow[] => {
  const factor = factorOf(rule) ?? ONE
  const scaled = scaledQuote(row, factor)
  if ('reason' in scaled) {
    const what = `${row.provider} · ${row.model} · ${row.tier} · ${row.meter}: ${scaled.reason}`
    problems.push({ code: 'E_DECIMALS', where, what, fix: 'author the agreed cell itself' })
    return []
  }
  const step =
    rule.discount === undefined
      ? `× ${formatDecimal(factor, PRICE_DECIMALS)} of ${row.card}`
      : `− ${rule.discount} of ${row.card}`
  const provenance = { source: rule.src, sourceUrl: page.url, checkedAt: page.checkedAt }
  const quality = { grade: weakerOf(row.grade, rule.grade), note: rule.note ?? '', derivedFrom: chain(row, step) }
  return [withRowId({ ...row, ...scaled.quote, ...provenance, ...quality, card, validFrom: from, validTo: to })]
}

interface RuledRows {
  readonly rows: readonly PriceRow[]
  /** The times of the row that some rule has scaled. */
  readonly taken: readonly Interval[]
}

/** What the rules make of one row of the base card. Two rules for one price at one time are refused. */
export const applyRules = (
  row: PriceRow,
  card: string,
  rules: readonly PlacedContractRule[],
  problems: PriceBookProblem[],
): RuledRows => {
  const rows: PriceRow[] = []
  const taken: Interval[] = []
  for (const placed of rules.filter(({ rule }) => concernsMeter(rule, row.meter))) {
    const window = intersectionOf(validityOf(row), windowOfRule(placed.rule))
    if (window === undefined) continue
    const free = subtractIntervals(
      window,
      taken.toSorted((a, b) => a.from - b.from),
    )
    if (free.length !== 1 || free[0]?.from !== window.from || free[0].to !== window.to) {
      const what = `a rule above already prices ${rowKeyOf(row).replaceAll('\u0000', ' · ')}`
      problems.push({ code: 'E_OVERLAP', where: placed.where, what, fix: 'give one of them a filter or a `to`' })
      continue
    }
    taken.push(window)
    rows.push(...scaledRow(row, card, window, { ...placed, problems }))
  }
  return { rows, taken }
}
