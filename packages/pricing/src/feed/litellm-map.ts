/**
 * The model price map of LiteLLM → prices in our words. Only data is read, and only current prices: the map has no
 * history (spec: pricing §17). Numbers are cut from float noise by the guard of §13; one that is still no price of nine
 * decimals per quoted unit is named and not compared.
 */
import { assert, METER_DEFINITIONS } from '@outlay/core'
import type { BookData } from '#src/book.ts'
import type { CatalogueKey, CataloguePrices, PricedSheet } from '#src/feed/catalogue-prices.ts'
import { cellsOfEntry, type EntryFindings, type LitellmCell } from '#src/feed/litellm-cells.ts'
import { type LitellmPlace, placeOfEntry, sheetOfPlace } from '#src/feed/litellm-place.ts'
import { OPEN_END } from '#src/interval.ts'
import { LIST_CARD, type PriceRow, unitPriceOf, withRowId } from '#src/price-row.ts'
import { NumberText } from '#src/reconcile/exact-json.ts'

export interface LitellmOptions {
  /** Whose providers, names and tiers say what an entry means. */
  readonly book: BookData
  /** Unix seconds: the map holds now and says nothing of other times. */
  readonly now: number
  /** As the source of its prices. */
  readonly file: string
  /** Day on which the map is known to have shown its prices. */
  readonly checkedAt: string
}

/** Entries of the map that are no model. */
const NO_MODELS: ReadonlySet<string> = new Set(['sample_spec', 'fallback_generalizations'])

const THOUSAND = 1_000

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText)

const providerOf = (values: object): string | undefined => {
  const provider = 'litellm_provider' in values ? values.litellm_provider : undefined
  return typeof provider === 'string' ? provider : undefined
}

/** Whether a parsed JSON value is such a map. */
export const isLitellmMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isObject(value) &&
  Object.entries(value).some(
    ([name, entry]) => !NO_MODELS.has(name) && isObject(entry) && providerOf(entry) !== undefined,
  )

/** The map counts in thousands: it cannot say whether the edge itself is in, so the edge of ours is taken for both. */
const thresholdOf = (thousands: number, ours: readonly number[]): number =>
  ours.find((edge) => edge === thousands * THOUSAND || edge === thousands * THOUSAND - 1) ?? thousands * THOUSAND

/** The cells of one entry that stand on one sheet. */
const pricedSheet = (
  cells: readonly LitellmCell[],
  place: LitellmPlace,
  entry: string,
  { book, now, file, checkedAt }: LitellmOptions,
): PricedSheet => {
  const { sheet, gt: ours } = sheetOfPlace(book, place, now)
  const edges = cells.flatMap(({ aboveThousands }) => (aboveThousands === 0 ? [] : [thresholdOf(aboveThousands, ours)]))
  const gt = [...new Set(edges)].toSorted((a, b) => a - b)
  const rows = cells.flatMap((cell): PriceRow[] => {
    const { per } = METER_DEFINITIONS[cell.meter]
    const unit = unitPriceOf(cell.meter, cell.price, per)
    assert(unit.exact, `${cell.price} per ${per} passed the guard and is not exact`)
    const band = cell.aboveThousands === 0 ? 0 : gt.indexOf(thresholdOf(cell.aboveThousands, ours)) + 1
    const value = { meter: cell.meter, currency: 'USD', price: cell.price, per, fusd: unit.fusd, ninths: unit.ninths }
    const window = { validFrom: 0, validTo: OPEN_END }
    const provenance = { source: file, sourceUrl: '', checkedAt, grade: 'C', note: '' } as const
    const derivedFrom = `${entry}: ${cell.statedBy}`
    return [withRowId({ card: LIST_CARD, ...sheet, band, ...value, ...window, ...provenance, derivedFrom })]
  })
  return { sheet, gt, rows }
}

const pricesOfEntry = (
  entry: string,
  values: object,
  findings: EntryFindings,
  options: LitellmOptions,
): PricedSheet[] => {
  const { foldings } = options.book
  const provider = providerOf(values)
  if (provider === undefined) {
    findings.notComparable.push({ where: entry, reason: 'no litellm_provider' })
    return []
  }
  const place = placeOfEntry(entry, provider, foldings)
  const known = {
    regions: Object.values(foldings.regions[place.biller] ?? {}).filter((region) => region !== ''),
    tiers: Object.values(foldings.tiers[place.biller] ?? {}),
  }
  const cells = cellsOfEntry(values, { entry, place, known, findings })
  const sheets = Map.groupBy(cells, ({ region, tier }) => `${region}\u0000${tier}`)
  return [...sheets.values()].flatMap((ofSheet) => {
    const [first] = ofSheet
    if (first === undefined) return []
    return [pricedSheet(ofSheet, { ...place, region: first.region, tier: first.tier }, entry, options)]
  })
}

const keysOf = (counts: ReadonlyMap<string, number>): CatalogueKey[] =>
  [...counts]
    .map(([key, entries]) => ({ key, entries }))
    .toSorted((a, b) => b.entries - a.entries || (a.key < b.key ? -1 : 1))

/** Reads a parsed map, its numbers as `NumberText`. Nothing of it is refused: what cannot be compared is named. */
export const readLitellmMap = (map: Readonly<Record<string, unknown>>, options: LitellmOptions): CataloguePrices => {
  const findings: EntryFindings = { notComparable: [], otherKeys: new Map(), unknownKeys: new Map() }
  const entries = Object.entries(map).filter(([name]) => !NO_MODELS.has(name))
  const sheets = entries.flatMap(([entry, values]) => {
    if (isObject(values)) return pricesOfEntry(entry, values, findings, options)
    findings.notComparable.push({ where: entry, reason: 'no object' })
    return []
  })
  return {
    format: 'litellm-map',
    sheets,
    notComparable: findings.notComparable,
    otherKeys: keysOf(findings.otherKeys),
    unknownKeys: keysOf(findings.unknownKeys),
    corrected: [],
  }
}
