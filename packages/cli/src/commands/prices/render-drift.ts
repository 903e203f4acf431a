/** A drift report for a person, and as JSON (docs/reference/cli/prices-drift.schema.json). */
import { displayUsd, formatUsd } from '@outlay/core'
import type { CatalogueKey, CataloguePrices, DriftLine, DriftReport, DriftWaiver } from '@outlay/pricing'
import Table from 'cli-table3'

/** Where the column of the money comes from, or why there is none. */
export type MoneyTouched =
  | { readonly database: string; readonly pricedBy: string; readonly days: number }
  | { readonly leftOut: string }

export interface DriftResult {
  readonly file: string
  /** Day of the catalogue, where it gives none itself. */
  readonly checkedAt: string
  /** `packaged`, or as views name it. */
  readonly book: string
  readonly catalogue: CataloguePrices
  readonly report: DriftReport
  readonly money: MoneyTouched
}

const SHOWN_LINES = 100
const SHOWN_NAMES = 10

const priceOf = ({
  provider,
  model,
  region,
  tier,
  above,
  meter,
  currency,
  theirs,
  theirPer,
  theirAgeDays,
  stated,
}: DriftReport['unlisted'][number]) => ({
  provider,
  model,
  region,
  tier,
  above,
  meter,
  currency,
  theirs,
  their_per: theirPer,
  their_age_days: theirAgeDays,
  stated,
})

/** Views are in dollars: a sheet in another currency has no money there. */
const touchedOf = ({ touchedFemto, currency }: DriftLine): string | null =>
  touchedFemto === undefined || currency !== 'USD' ? null : formatUsd(touchedFemto)

const lineOf = (line: DriftLine) => ({
  ...priceOf(line),
  ours: line.ours,
  our_per: line.per,
  our_age_days: line.ourAgeDays,
  ratio: `${line.ratio[0]}/${line.ratio[1]}`,
  touched_usd: touchedOf(line),
  ...(line.waiver === undefined ? {} : { waiver: line.waiver }),
})

export const driftJson = ({ file, checkedAt, book, catalogue, report, money }: DriftResult): string => {
  const { format, notComparable, otherKeys, unknownKeys, corrected } = catalogue
  const answer = {
    catalogue: { file, format, checked_at: checkedAt },
    book,
    money: 'leftOut' in money ? null : { database: money.database, priced_by: money.pricedBy, days: money.days },
    money_left_out: 'leftOut' in money ? money.leftOut : null,
    compared: report.compared,
    differences: report.lines.map(lineOf),
    waived: report.waived.map(lineOf),
    expired_waivers: report.expired,
    unlisted: report.unlisted.map(priceOf),
    unknown_sheets: report.unknownSheets,
    not_comparable: notComparable,
    other_keys: otherKeys,
    unknown_keys: unknownKeys,
    corrected,
  }
  return JSON.stringify(answer, null, 2)
}

const sheetText = ({
  provider,
  model,
  region,
  tier,
}: Partial<Record<'provider' | 'model' | 'region' | 'tier', string>>) =>
  [provider, model, region, tier].filter((part) => part !== undefined && part !== '').join(' · ')

const ratioText = ({ ratio: [theirs, ours] }: DriftLine): string =>
  ours === 0n ? '–' : `× ${Number((Number(theirs) / Number(ours)).toPrecision(5))}`

const perText = (price: string, per: number, currency: string): string => `${price} ${currency} / ${per}`

const tableOf = (lines: readonly DriftLine[], hasMoney: boolean): string => {
  const money = hasMoney ? ['money, 30 days'] : []
  const table = new Table({
    head: ['sheet', 'above', 'meter', 'ours', 'theirs', 'ratio', 'age, ours', 'age, theirs', ...money],
    style: { head: [], border: [] },
  })
  for (const line of lines) {
    table.push([
      sheetText(line),
      line.above === 0 ? '' : line.above,
      line.meter,
      perText(line.ours, line.per, line.currency),
      perText(line.theirs, line.theirPer, line.currency),
      ratioText(line),
      `${line.ourAgeDays} d`,
      `${line.theirAgeDays} d`,
      ...(hasMoney ? [line.currency === 'USD' ? displayUsd(line.touchedFemto ?? 0n) : '–'] : []),
    ])
  }
  return table.toString()
}

const waiverText = (waiver: DriftWaiver): string => {
  const { above, meter, reason, until } = waiver
  const where = [sheetText(waiver), above === undefined ? '' : `above ${above}`, meter ?? '']
  return `${where.filter((part) => part !== '').join(' · ')}: ${reason} (until ${until})`
}

const firstOf = (names: readonly string[]): string =>
  names.length <= SHOWN_NAMES
    ? names.join(', ')
    : `${names.slice(0, SHOWN_NAMES).join(', ')} and ${names.length - SHOWN_NAMES} more`

const keyTexts = (keys: readonly CatalogueKey[]): string[] => keys.map(({ key, entries }) => `${key} (${entries})`)

const section = (title: string, lines: readonly string[]): string[] => {
  if (lines.length === 0) return []
  const shown = lines.slice(0, SHOWN_NAMES).map((line) => `  ${line}`)
  const more = lines.length > SHOWN_NAMES ? [`  … and ${lines.length - SHOWN_NAMES} more; --json has all of them`] : []
  return [`${title} (${lines.length})`, ...shown, ...more]
}

/** What was left out of the comparison: nothing is dropped without a word. */
const leftOut = ({ catalogue, report }: DriftResult): string[] => {
  const { notComparable, otherKeys, unknownKeys, corrected } = catalogue
  const billers = Map.groupBy(report.unknownSheets, ({ provider }) => provider)
  const strangers = [...billers].toSorted(([, a], [, b]) => b.length - a.length)
  return [
    ...section(
      'Not comparable',
      notComparable.map(({ where, reason }) => `${where}: ${reason}`),
    ),
    ...section('Corrected before it was compared', corrected),
    ...(otherKeys.length === 0 ? [] : [`Keys for what no meter of ours counts: ${firstOf(keyTexts(otherKeys))}`]),
    ...(unknownKeys.length === 0 ? [] : [`Keys that this version does not know: ${keyTexts(unknownKeys).join(', ')}`]),
    ...(report.unlisted.length === 0
      ? []
      : [`${report.unlisted.length} price(s) of the catalogue are not on our sheets of the same model.`]),
    ...(strangers.length === 0
      ? []
      : [
          `${report.unknownSheets.length} sheet(s) of the catalogue are not in this book: ${firstOf(strangers.map(([biller, sheets]) => `${biller} (${sheets.length})`))}`,
        ]),
  ]
}

const moneyText = (money: MoneyTouched): string =>
  'leftOut' in money
    ? `Money touched is left out and nothing is sorted by it: ${money.leftOut}`
    : `Money touched: the last ${money.days} days of ${money.database}, priced by ${money.pricedBy}.`

export const renderDrift = (result: DriftResult): string => {
  const { report, money, book, file, catalogue } = result
  const hasMoney = !('leftOut' in money)
  const rest = report.lines.length - SHOWN_LINES
  return [
    ...(report.lines.length === 0 ? [] : [tableOf(report.lines.slice(0, SHOWN_LINES), hasMoney)]),
    ...(rest > 0 ? [`… and ${rest} more; --json has all of them`] : []),
    ...section('Explained', [...new Set(report.waived.flatMap(({ waiver }) => waiver ?? []))].map(waiverText)),
    ...section('Waivers that have expired', report.expired.map(waiverText)),
    ...leftOut(result),
    moneyText(money),
    `${report.lines.length} difference(s), ${report.waived.length} explained, in ${report.compared} prices of ${file} (${catalogue.format}) beside the ${book} book. Nothing was changed.`,
  ].join('\n')
}
