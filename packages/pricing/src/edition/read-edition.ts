/**
 * A whole list from a file, without a network: a compiled `price-rows.json`, or the public `genai-prices` feed with the
 * corrections and the overlay that ship with the package laid over it (spec: pricing §12).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { OutlayError } from '@outlay/core'
import type { CompiledBook } from '#src/book.ts'
import { compilePriceBook } from '#src/compile-price-book.ts'
import { catalogueText } from '#src/feed/catalogue-text.ts'
import { BILLING_AGGREGATORS, readPriceFeed } from '#src/feed/read-feed.ts'
import { decodePackagedBook } from '#src/packaged-format.ts'
import type { PriceBookSource } from '#src/vocabulary.ts'

export interface EditionFile extends PriceBookSource {
  /** Day on which the feed is known to have shown its figures, `2026-11-21`; a feed without it is refused. */
  readonly checkedAt?: string
}

export interface Edition {
  readonly book: CompiledBook
  /** What was corrected and what was left out on the way. */
  readonly notes: readonly string[]
}

const CATALOGUE = 'catalogue.yaml'
const overlays = new URL('../../overlay/', import.meta.url)

/** Everything that is laid over a feed; the packaged catalogue itself is what the feed takes the place of. */
const packagedOverlays = (): PriceBookSource[] =>
  readdirSync(overlays)
    .filter((file) => file.endsWith('.yaml') && file !== CATALOGUE)
    .toSorted()
    .map((file) => ({ file: `overlay/${file}`, text: readFileSync(new URL(file, overlays), 'utf8') }))

const parseJson = ({ file, text }: EditionFile): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new OutlayError('E_EDITION', 'not JSON', {
      where: file,
      got: cause instanceof Error ? cause.message : String(cause),
      want: 'a price-rows.json, or the genai-prices feed',
    })
  }
}

const isPackaged = (json: unknown): boolean => typeof json === 'object' && json !== null && 'format' in json

const fromFeed = (file: EditionFile, json: readonly unknown[]): Edition => {
  if (file.checkedAt === undefined) {
    throw new OutlayError('E_EDITION', 'a feed does not say when its figures were looked at', {
      where: file.file,
      fix: 'add --checked-at 2026-11-21, the day on which it was downloaded',
    })
  }
  const reading = readPriceFeed(json, { aggregators: BILLING_AGGREGATORS })
  const text = catalogueText(reading.models, {
    edition: file.checkedAt,
    source: 'genai-prices',
    url: file.file,
    checkedAt: file.checkedAt,
  })
  const book = compilePriceBook([{ file: file.file, text }, ...packagedOverlays()])
  const dropped = reading.dropped.map(({ provider, model, reason }) => `left out ${provider}/${model}: ${reason}`)
  return { book, notes: [...reading.corrected.map((note) => `corrected ${note}`), ...dropped] }
}

/**
 * Reads an edition. Throws `E_EDITION` for a file of another format, `E_PACKAGED_BOOK` for another version of
 * `price-rows.json`, and `PriceBookError` with everything that is wrong in a feed.
 */
export const readEdition = (file: EditionFile): Edition => {
  const json = parseJson(file)
  if (isPackaged(json)) return { book: decodePackagedBook(file.text), notes: [] }
  if (Array.isArray(json)) return fromFeed(file, json as readonly unknown[])
  throw new OutlayError('E_EDITION', 'not a list of prices', {
    where: file.file,
    got:
      typeof json === 'object' && json !== null
        ? `an object with ${Object.keys(json).slice(0, 3).join(', ')}`
        : 'no list',
    want: 'a price-rows.json, or the genai-prices feed (an array of providers)',
  })
}
