/** All declarations of one model → price rows and thresholds, in the compile order of pricing §5. */
import { formatDecimal } from '@outlay/core'
import type { SheetBands } from '#src/book.ts'
import { type Cell, type CellGrid, type CellKey, createCellGrid, type Segment } from '#src/cell-grid.ts'
import { applyRegionMultipliers, applyTierMultipliers, readMultipliers } from '#src/derived-cells.ts'
import { applyInheritance } from '#src/inherited-cells.ts'
import { formatInstant } from '#src/instant.ts'
import { unionOf } from '#src/interval.ts'
import { checkModelWindow, type ModelContext } from '#src/model-context.ts'
import { LIST_CARD, PRICE_DECIMALS, type PriceRow, type Sheet, unitPriceOf, withRowId } from '#src/price-row.ts'
import { type PriceBookProblem, placeText } from '#src/problem.ts'
import { publishCells } from '#src/published-cells.ts'
import type { SourcePage } from '#src/vocabulary.ts'

/** The declarations of one (provider, model). */
export type ModelGroup = readonly [ModelContext, ...ModelContext[]]

interface CompiledModel {
  readonly rows: readonly PriceRow[]
  readonly bands: readonly SheetBands[]
}

const fillGrid = (group: ModelGroup): CellGrid => {
  const grid = createCellGrid()
  for (const context of group) {
    checkModelWindow(context)
    publishCells(context, grid)
  }
  const multipliers = group.map(readMultipliers)
  applyTierMultipliers(
    multipliers.flatMap(({ ofTiers }) => ofTiers),
    grid,
  )
  applyRegionMultipliers(
    multipliers.flatMap(({ ofRegions }) => ofRegions),
    grid,
  )
  applyInheritance(group, grid)
  return grid
}

const sameContent = (a: Cell, b: Cell): boolean =>
  a.price === b.price &&
  a.per === b.per &&
  a.source === b.source &&
  a.grade === b.grade &&
  a.note === b.note &&
  a.derivedFrom === b.derivedFrom

/** Neighbours that say the same become one. */
const joined = (segments: readonly Segment[]): Segment[] => {
  const result: Segment[] = []
  for (const segment of segments) {
    const last = result.at(-1)
    if (last !== undefined && last.to === segment.from && sameContent(last.cell, segment.cell)) {
      result[result.length - 1] = { ...last, to: segment.to }
    } else result.push(segment)
  }
  return result
}

const rowOf = (
  sheet: Sheet,
  key: CellKey,
  segment: Segment,
  { page, problems }: { page: SourcePage; problems: PriceBookProblem[] },
): PriceRow | undefined => {
  const { price, per, currency, source, grade, derivedFrom, note, place } = segment.cell
  if (price === null) return undefined
  const quoted = formatDecimal(price, PRICE_DECIMALS)
  const unit = unitPriceOf(key.meter, quoted, per)
  if (!unit.exact) {
    const problem = { where: placeText(place), what: `${key.meter} ${quoted} per ${per}` }
    if (unit.reason === 'beyond_int64') problems.push({ ...problem, code: 'E_FUSD_RANGE' })
    else problems.push({ ...problem, code: 'E_NOT_EXACT', fix: 'author a price and `per` that divide exactly' })
    return undefined
  }
  return withRowId({
    ...sheet,
    band: key.band,
    meter: key.meter,
    currency,
    price: quoted,
    per,
    fusd: unit.fusd,
    ninths: unit.ninths,
    validFrom: segment.from,
    validTo: segment.to,
    source,
    sourceUrl: page.url,
    checkedAt: page.checkedAt,
    grade,
    derivedFrom,
    note,
  })
}

const sheetOf = (context: ModelContext, { region, tier }: CellKey): Sheet => {
  const { provider, model } = context.authored
  return { card: context.file.card ?? LIST_CARD, provider, model, region, tier }
}

const rowsOf = (group: ModelGroup, grid: CellGrid): PriceRow[] => {
  const [{ vocabulary, problems }] = group
  return grid.keys().flatMap((key) =>
    joined(grid.segmentsOf(key)).flatMap((segment) => {
      const page = vocabulary.sources[segment.cell.source]
      return page === undefined ? [] : (rowOf(sheetOf(group[0], key), key, segment, { page, problems }) ?? [])
    }),
  )
}

interface SheetTime {
  readonly key: CellKey
  readonly segments: Segment[]
}

const sheetsOf = (grid: CellGrid): SheetTime[] => {
  const sheets = new Map<string, SheetTime>()
  for (const key of grid.keys()) {
    const id = `${key.tier}\u0000${key.region}`
    const sheet = sheets.get(id) ?? { key, segments: [] }
    sheet.segments.push(...grid.segmentsOf(key))
    sheets.set(id, sheet)
  }
  return [...sheets.values()]
}

/** The first segment that meets another one with other thresholds. */
const firstThresholdClash = (segments: readonly Segment[]): Segment | undefined => {
  const ends = new Map<string, number>()
  const sorted = segments.toSorted((a, b) => a.from - b.from)
  return sorted.find((segment) => {
    const own = segment.gt.join()
    const clashes = [...ends].some(([other, end]) => other !== own && end > segment.from)
    ends.set(own, Math.max(ends.get(own) ?? 0, segment.to))
    return clashes
  })
}

const checkSheet = ({ key, segments }: SheetTime, problems: PriceBookProblem[]): void => {
  const name = `${key.tier}${key.region === '' ? '' : ` ${key.region}`}`
  const thresholds = firstThresholdClash(segments)
  if (thresholds !== undefined) {
    const what = `sheet ${name} has different thresholds at ${formatInstant(thresholds.from)}`
    problems.push({ code: 'E_THRESHOLDS_DIFFER', where: placeText(thresholds.cell.place), what })
  }
  const currency = segments[0]?.cell.currency
  const other = segments.find(({ cell }) => cell.currency !== currency)?.cell
  if (other !== undefined) {
    const what = `sheet ${name} has ${other.currency} beside ${currency ?? ''}`
    problems.push({ code: 'E_TWO_CURRENCIES', where: placeText(other.place), what })
  }
}

const bandsOf = (context: ModelContext, { key, segments }: SheetTime): SheetBands[] => {
  const byThresholds = Map.groupBy(segments, ({ gt }) => gt.join())
  return [...byThresholds.values()].flatMap((same) => {
    const gt = same[0]?.gt ?? []
    if (gt.length === 0) return []
    return unionOf(same).map(({ from, to }) => ({ ...sheetOf(context, key), gt, validFrom: from, validTo: to }))
  })
}

export const compileModel = (group: ModelGroup): CompiledModel => {
  const [context] = group
  const grid = fillGrid(group)
  const sheets = sheetsOf(grid)
  for (const sheet of sheets) checkSheet(sheet, context.problems)
  return { rows: rowsOf(group, grid), bands: sheets.flatMap((sheet) => bandsOf(context, sheet)) }
}
