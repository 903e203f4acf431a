/** What any catalogue file comes to once it is read: sheets with prices, and what was left out of them. */
import type { BookData } from '#src/book.ts'
import { LIST_CARD, type PriceRow, type Sheet, sheetKeyOf } from '#src/price-row.ts'

export const CATALOGUE_FORMATS = {
  'litellm-map': 'the model price map of LiteLLM (a JSON object of models, each with a litellm_provider)',
  'genai-prices': 'the feed of genai-prices (a JSON array of providers, each with models)',
  'price-rows': 'a price-rows.json of Outlay',
  overlay: 'a YAML overlay of the format outlay-prices/1',
} as const

export type CatalogueFormat = keyof typeof CATALOGUE_FORMATS

/** A sheet as one statement of a catalogue has it: two statements may contradict each other. */
export interface PricedSheet {
  readonly sheet: Omit<Sheet, 'card'>
  /** Thresholds, ascending; the price moves strictly above each. */
  readonly gt: readonly number[]
  readonly rows: readonly PriceRow[]
}

/** A key of a catalogue, and how many of its entries have it. */
export interface CatalogueKey {
  readonly key: string
  readonly entries: number
}

export interface CataloguePrices {
  readonly format: CatalogueFormat
  readonly sheets: readonly PricedSheet[]
  /** Prices that cannot be held against ours, each with why. */
  readonly notComparable: readonly { readonly where: string; readonly reason: string }[]
  /** Keys with prices of what no meter of ours counts. */
  readonly otherKeys: readonly CatalogueKey[]
  /** Keys that this version does not know. */
  readonly unknownKeys: readonly CatalogueKey[]
  /** Known defects that were put right before anything was compared. */
  readonly corrected: readonly string[]
}

/** The sheets of a list that have a price at an instant, with what holds on them then. */
export const pricedSheetsAt = ({ rows, bands }: Pick<BookData, 'rows' | 'bands'>, atSeconds: number): PricedSheet[] => {
  const holds = ({ validFrom, validTo }: { readonly validFrom: number; readonly validTo: number }): boolean =>
    validFrom <= atSeconds && atSeconds < validTo
  const gts = new Map(bands.filter(holds).map((entry) => [sheetKeyOf(entry), entry.gt] as const))
  const listed = rows.filter((row) => row.card === LIST_CARD && holds(row))
  return [...Map.groupBy(listed, sheetKeyOf)].flatMap(([key, ofSheet]) => {
    const [first] = ofSheet
    if (first === undefined) return []
    const { provider, model, region, tier } = first
    return [{ sheet: { provider, model, region, tier }, gt: gts.get(key) ?? [], rows: ofSheet }]
  })
}

/** The same sheets under our names of their models: catalogues name models differently, and our table says what is meant. */
export const withNamesOf = (
  { names }: Pick<BookData, 'names'>,
  sheets: readonly PricedSheet[],
  atSeconds: number,
): PricedSheet[] => {
  const models = new Map(
    names
      .filter(({ rule, validFrom, validTo }) => rule === 'exact' && validFrom <= atSeconds && atSeconds < validTo)
      .map(({ provider, name, model }) => [`${provider}\u0000${name}`, model] as const),
  )
  return sheets.map(({ sheet, ...priced }) => ({
    ...priced,
    sheet: { ...sheet, model: models.get(`${sheet.provider}\u0000${sheet.model}`) ?? sheet.model },
  }))
}
