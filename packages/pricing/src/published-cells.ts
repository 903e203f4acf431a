/** Step 1 of the compile order: the cells that a provider publishes (spec: pricing §5). */
import { type Meter, parseDecimal } from '@outlay/core'
import { parseAuthored } from '#src/authored-item.ts'
import { type AuthoredCell, type AuthoredSheet, sheetSchema } from '#src/authoring-schema.ts'
import { expandCalendar, labelsOf } from '#src/calendar.ts'
import { thresholdProblem } from '#src/band-edges.ts'
import type { CellGrid } from '#src/cell-grid.ts'
import type { Interval } from '#src/interval.ts'
import { checkReferences, defaultPerOf, type ModelContext, reportAt, windowOf } from '#src/model-context.ts'
import { formatInstant } from '#src/instant.ts'
import { PRICE_DECIMALS } from '#src/price-row.ts'
import { placeText } from '#src/problem.ts'
import type { YamlPath } from '#src/yaml-source.ts'

interface QuotedPrice {
  readonly price: bigint | null
  readonly per: number
}

const quotedPriceOf = (cell: string | null | { price: string; per: number }, defaultPer: number): QuotedPrice => {
  if (cell === null) return { price: null, per: defaultPer }
  const { price, per } = typeof cell === 'string' ? { price: cell, per: defaultPer } : cell
  return { price: parseDecimal(price, PRICE_DECIMALS), per }
}

/** One quoted price per band; a cell that is no list holds in all of them. Undefined if the list does not fit. */
const pricesPerBand = (cell: AuthoredCell, bands: number, defaultPer: number): QuotedPrice[] | undefined => {
  if (!Array.isArray(cell)) return Array.from({ length: bands }, () => quotedPriceOf(cell, defaultPer))
  return cell.length === bands ? cell.map((entry) => quotedPriceOf(entry, defaultPer)) : undefined
}

/** The thresholds of a sheet: ascending, each of them an edge that calls are cut at. */
const checkThresholds = (context: ModelContext, sheet: AuthoredSheet, path: YamlPath, window: Interval): void => {
  const gt = sheet.gt ?? []
  const { provider, model } = context.authored
  for (const [index, threshold] of gt.entries()) {
    if (index > 0 && threshold <= (gt[index - 1] ?? 0)) {
      reportAt(context, [...path, 'gt', index], { code: 'E_BANDS', what: 'thresholds must ascend' })
    }
    const problem = thresholdProblem(context.vocabulary, threshold, window.from)
    if (problem === undefined) continue
    const sheetName = [provider, model, sheet.region ?? '', sheet.tier].filter((part) => part !== '').join(' · ')
    reportAt(context, [...path, 'gt', index], {
      ...problem,
      what: `${problem.what}; sheet ${sheetName} from ${formatInstant(window.from)} to ${formatInstant(window.to)}`,
    })
  }
}

/** The times at which a sheet holds: its window, or the part of it that a calendar labels. */
const timesOf = (
  context: ModelContext,
  sheet: AuthoredSheet,
  path: YamlPath,
  window: Interval,
): readonly Interval[] => {
  if (sheet.calendar === undefined && sheet.when === undefined) return [window]
  const calendar = context.vocabulary.calendars[sheet.calendar ?? '']
  if (calendar === undefined || sheet.when === undefined || !labelsOf(calendar).includes(sheet.when)) {
    const what = `no label "${sheet.when ?? ''}" of a calendar "${sheet.calendar ?? ''}"`
    reportAt(context, path, { code: 'E_UNKNOWN_CALENDAR', what })
    return []
  }
  const times = expandCalendar(calendar, sheet.when, window, context.vocabulary.edition)
  if (times.length === 0) reportAt(context, path, { code: 'E_WINDOW', what: 'the calendar never holds in this window' })
  return times
}

const publishCell = (
  context: ModelContext,
  grid: CellGrid,
  { sheet, path, times }: { sheet: AuthoredSheet; path: YamlPath; times: readonly Interval[] },
  [meter, cell]: [Meter, AuthoredCell],
): void => {
  const gt = sheet.gt ?? []
  const cellPath = [...path, 'cells', meter]
  const prices = pricesPerBand(cell, gt.length + 1, defaultPerOf(context, meter))
  if (prices === undefined) {
    reportAt(context, cellPath, { code: 'E_BANDS', what: `want ${gt.length + 1} price(s), one per band of gt` })
    return
  }
  const place = context.source.placeOf([...context.path, ...cellPath])
  const taken = prices.flatMap(({ price, per }, band) =>
    times.flatMap((time) => {
      const provenance = { source: sheet.src, grade: sheet.grade, note: sheet.note ?? '', derivedFrom: 'published' }
      const content = { price, per, currency: context.file.currency, ...provenance, place }
      const key = { tier: sheet.tier, region: sheet.region ?? '', band, meter }
      return grid.put(key, { ...time, gt, cell: content }) ?? []
    }),
  )
  const [first] = taken
  if (first === undefined) return
  reportAt(context, cellPath, {
    code: 'E_OVERLAP',
    what: `${meter} of ${sheet.tier} is already priced by ${placeText(first.cell.place)} at ${formatInstant(first.from)}`,
    fix: 'give one of them a `to`',
  })
}

/** Puts every published cell of a declaration on the grid and reports what is wrong with its sheets. */
export const publishCells = (context: ModelContext, grid: CellGrid): void => {
  for (const index of (context.authored.sheets ?? []).keys()) {
    const path = ['sheets', index]
    const sheet = parseAuthored(sheetSchema, context.source, [...context.path, ...path], context.problems)
    if (sheet === undefined) continue
    checkReferences(context, { src: sheet.src, tiers: [sheet.tier], regions: [sheet.region ?? ''] }, path)
    const window = windowOf(context, sheet, path)
    if (window === undefined) continue
    checkThresholds(context, sheet, path, window)
    const times = timesOf(context, sheet, path, window)
    for (const entry of Object.entries(sheet.cells) as [Meter, AuthoredCell][]) {
      publishCell(context, grid, { sheet, path, times }, entry)
    }
  }
}
