/** A catalogue file of any format that is understood, told apart by its content. */
import { OutlayError } from '@outlay/core'
import type { BookData, CompiledBook } from '#src/book.ts'
import {
  CATALOGUE_FORMATS,
  type CatalogueFormat,
  type CataloguePrices,
  pricedSheetsAt,
  withNamesOf,
} from '#src/feed/catalogue-prices.ts'
import { compileFeed, compileOn, NOTHING_LEFT_OUT } from '#src/feed/compile-catalogue.ts'
import { isLitellmMap, readLitellmMap } from '#src/feed/litellm-map.ts'
import { decodePackagedBook } from '#src/packaged-format.ts'
import { parseExactJson } from '#src/reconcile/exact-json.ts'

export interface CatalogueFile {
  /** As it shall appear in messages. */
  readonly file: string
  readonly text: string
  /** Day on which the catalogue is known to have shown its prices, for those that it gives no day itself. */
  readonly checkedAt: string
}

export interface CatalogueOptions {
  /** Whose providers, names, tiers and edges say what the file means. */
  readonly book: BookData
  /** Unix seconds: only what holds then is read. */
  readonly now: number
}

const notUnderstood = (where: string, got: string, cause?: unknown): OutlayError =>
  new OutlayError('E_CATALOGUE', 'no catalogue that is understood', {
    where,
    got,
    want: Object.values(CATALOGUE_FORMATS).join('; or '),
    ...(cause === undefined ? {} : { cause }),
  })

const jsonOf = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

const formatOf = (value: unknown): string => {
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined
  return typeof format === 'string' ? format : ''
}

const isFeed = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((entry: unknown) => typeof entry === 'object' && entry !== null && 'id' in entry && 'models' in entry)

const readPriceRows = ({ file, text }: CatalogueFile): CompiledBook => {
  try {
    return decodePackagedBook(text)
  } catch (cause) {
    if (cause instanceof OutlayError) throw cause
    throw notUnderstood(file, 'a price-rows.json that contradicts itself', cause)
  }
}

const pricesOf = (
  format: CatalogueFormat,
  compiled: CompiledBook,
  { book, now }: CatalogueOptions,
): CataloguePrices => ({
  ...NOTHING_LEFT_OUT,
  format,
  sheets: withNamesOf(book, pricedSheetsAt(compiled, now), now),
})

const readOverlay = ({ file, text }: CatalogueFile, options: CatalogueOptions): CataloguePrices =>
  pricesOf('overlay', compileOn(options.book, { file, text }), options)

/**
 * Reads what a catalogue says at `now`, in the words of the book. Fails with `E_CATALOGUE` on a file of another kind, with
 * what is understood; with `E_PRICE_BOOK` or `E_PACKAGED_BOOK` on one that is broken, with all that is wrong.
 */
export const readCatalogue = (file: CatalogueFile, options: CatalogueOptions): CataloguePrices => {
  const json = jsonOf(file.text)
  if (json === undefined) {
    if (/^format:\s*["']?outlay-prices\//m.test(file.text)) return readOverlay(file, options)
    throw notUnderstood(file.file, 'neither JSON nor an overlay with its format')
  }
  const format = formatOf(json.value)
  if (format.startsWith('outlay-price-rows/')) return pricesOf('price-rows', readPriceRows(file), options)
  if (format.startsWith('outlay-prices/')) return readOverlay(file, options)
  const dating = { file: file.file, checkedAt: file.checkedAt, now: options.now }
  if (isFeed(json.value)) return compileFeed(json.value, options.book, dating)
  // Read again, with the digits of its numbers: the first reading only told what it is.
  const map = parseExactJson(file.text)
  if (isLitellmMap(map)) return readLitellmMap(map, { ...dating, book: options.book })
  throw notUnderstood(file.file, Array.isArray(json.value) ? 'another array' : 'another JSON value')
}
