/**
 * A price row: one price of one meter on one sheet, in one window of business time (spec: pricing §2).
 * `fusd` and `ninths` are derived from `price` and `per` and carry no information of their own.
 */
import { digest64, METERS, type Meter, parseDecimal } from '@outlay/core'

export const GRADES = ['A', 'B', 'C', 'D'] as const
/** A provider's own page · B catalogues agree · C one catalogue or secondary text · D assumed. */
export type Grade = (typeof GRADES)[number]

/** Where a price is listed: who bills, the canonical model, residency and service tier. */
export interface Sheet {
  /** `list`; contracts are cards of their own. */
  readonly card: string
  readonly provider: string
  readonly model: string
  /** `''` is the provider's global list. */
  readonly region: string
  readonly tier: string
}

export interface PriceRow extends Sheet {
  /** Digest of every other field: equal content, equal id. */
  readonly rowId: bigint
  /** Thresholds of this sheet that the prompt exceeds. */
  readonly band: number
  readonly meter: Meter
  readonly currency: string
  /** As quoted, shortest exact decimal text: `3.75` per 1,000,000. */
  readonly price: string
  readonly per: number
  /** Whole femto-units of `currency` for one single unit. */
  readonly fusd: bigint
  /** Ninths of a femto-unit beside `fusd`, 0–8: prices per hour leave them. */
  readonly ninths: number
  /** Unix seconds, inclusive. */
  readonly validFrom: number
  /** Unix seconds, exclusive; `OPEN_END` where no end is known. */
  readonly validTo: number
  readonly source: string
  readonly sourceUrl: string
  /** Day on which the source is known to have shown the figure. */
  readonly checkedAt: string
  readonly grade: Grade
  /** How the price came about: `published`, `× 0.5 of standard`, `inherit cache_read ← input`. */
  readonly derivedFrom: string
  readonly note: string
}

/** The card of the providers' public lists. */
export const LIST_CARD = 'list'

/** The names of whoever runs this installation: no prices, and they win over ours. */
export const OPERATOR_CARD = 'operator'

/** Decimals of a quoted price; the ledger's column is Decimal(18,9). */
export const PRICE_DECIMALS = 9
const NINTHS_OF_FEMTO_PER_NANO = 9n * 10n ** 6n
const INT64_MAX = 2n ** 63n - 1n

/** Meters whose windows carry ninths: quoted per hour, counted in seconds. */
const NINTHS_METERS: ReadonlySet<Meter> = new Set(['audio_second', 'container_second'])

const carriesNinths = (meter: Meter): boolean => NINTHS_METERS.has(meter)

/** A quoted price as an exact price of one unit, or why it has none. */
export type UnitPrice =
  | { readonly exact: true; readonly fusd: bigint; readonly ninths: number }
  | { readonly exact: false; readonly reason: 'not_exact' | 'beyond_int64' }

/** price × 10¹⁵ ÷ per as whole femto-units and ninths. `price` must be plain decimal text of at most 9 decimals. */
export const unitPriceOf = (meter: Meter, price: string, per: number): UnitPrice => {
  const dividend = parseDecimal(price, PRICE_DECIMALS) * NINTHS_OF_FEMTO_PER_NANO
  if (dividend % BigInt(per) !== 0n) return { exact: false, reason: 'not_exact' }
  const inNinths = dividend / BigInt(per)
  const fusd = inNinths / 9n
  const ninths = Number(inNinths % 9n)
  if (ninths !== 0 && !carriesNinths(meter)) return { exact: false, reason: 'not_exact' }
  if (fusd > INT64_MAX) return { exact: false, reason: 'beyond_int64' }
  return { exact: true, fusd, ninths }
}

export const sheetKeyOf = ({ card, provider, model, region, tier }: Sheet): string =>
  [card, provider, model, region, tier].join('\u0000')

/** Key of a price within its book: rows of one key must not overlap in business time. */
export const rowKeyOf = (row: Pick<PriceRow, 'band' | 'meter'> & Sheet): string =>
  `${sheetKeyOf(row)}\u0000${row.band}\u0000${row.meter}`

type RowContent = Omit<PriceRow, 'rowId'>

/** Everything that a row says, as one text: equal content, equal text. Derived fields add nothing. */
export const contentTextOf = (row: RowContent): string => {
  const { band, meter, currency, price, per, validFrom, validTo } = row
  const { source, sourceUrl, checkedAt, grade, derivedFrom, note } = row
  const value = [band, meter, currency, price, per, validFrom, validTo]
  return JSON.stringify([sheetKeyOf(row), value, [source, sourceUrl, checkedAt, grade, derivedFrom, note]])
}

/** The id of a row that says this, unless that content was known and closed before: then a later row has another id. */
export const contentIdOf = (content: RowContent): bigint => digest64([contentTextOf(content)])

/** Completes a row with its id. */
export const withRowId = (content: RowContent): PriceRow => ({ rowId: contentIdOf(content), ...content })

const METER_ORDER = new Map<Meter, number>(METERS.map((meter, index) => [meter, index]))

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The one order of rows: sheet, band, meter in the ledger's order, time. */
export const sortRows = (rows: readonly PriceRow[]): PriceRow[] =>
  rows
    .map((row) => ({ row, sheet: sheetKeyOf(row), meter: METER_ORDER.get(row.meter) ?? 0 }))
    .toSorted(
      (a, b) =>
        compareText(a.sheet, b.sheet) ||
        a.row.band - b.row.band ||
        a.meter - b.meter ||
        a.row.validFrom - b.row.validFrom,
    )
    .map(({ row }) => row)
