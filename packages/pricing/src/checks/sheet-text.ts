/** How a sheet and a price are named to a person. */
import { LIST_CARD, type PriceRow, type Sheet } from '#src/price-row.ts'

/** `anthropic · claude-opus-5 · us · batch`; the list is not named. */
export const sheetText = ({ card, provider, model, region, tier }: Sheet): string =>
  [card === LIST_CARD ? '' : card, provider, model, region, tier].filter((part) => part !== '').join(' · ')

/** The sheet, the band if there is more than the first, and the meter. */
export const rowText = (row: PriceRow): string =>
  `${sheetText(row)}${row.band === 0 ? '' : ` · band ${row.band}`} · ${row.meter}`

/** `3.75 USD per 1000000`. */
export const quoteText = ({ price, per, currency }: PriceRow): string => `${price} ${currency} per ${per}`
