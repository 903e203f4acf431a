/**
 * `price-rows.json`: a compiled book as text that a person reviews as a diff and a program loads. One price per line,
 * in a fixed order, times as UTC text. Regions of one price share its line; prices that hold in many windows (peak
 * hours) name a shared list of windows.
 * What follows from other fields (`rowId`, `fusd`, `ninths`) is left out and computed on loading.
 */
import { assert, isMeter, OutlayError } from '@outlay/core'
import type { BookReview, CompiledBook, ModelName, NameRule, SheetBands } from '#src/book.ts'
import { formatInstant, parseInstant } from '#src/instant.ts'
import { OPEN_END } from '#src/interval.ts'
import { type Grade, LIST_CARD, type PriceRow, sortRows, unitPriceOf, withRowId } from '#src/price-row.ts'

const FORMAT = 'outlay-price-rows/2'

const NAME_COLUMNS = ['provider', 'name', 'rule', 'model', 'region', 'from', 'to'] as const
const REVIEW_COLUMNS = ['provider', 'model', 'tier', 'regions', 'after'] as const
const BAND_COLUMNS = ['provider', 'model', 'region', 'tier', 'gt', 'from', 'to'] as const
const ROW_COLUMNS = [
  'provider',
  'model',
  'regions',
  'tier',
  'band',
  'meter',
  'currency',
  'price',
  'per',
  'when',
  'source',
  'grade',
  'derived_from',
  'note',
] as const

type NameLine = [string, string, NameRule, string, string, string, string]
type BandLine = [string, string, string, string, readonly number[], string, string]
type RowLine = [
  string,
  string,
  readonly string[],
  string,
  number,
  string,
  string,
  string,
  number,
  string,
  string,
  Grade,
  string,
  string,
]

interface PackagedBook {
  readonly format: string
  readonly edition: string
  readonly card: string
  readonly band_edges: readonly number[]
  readonly sources: Readonly<Record<string, readonly [url: string, checkedAt: string]>>
  readonly foldings: CompiledBook['foldings']
  readonly reviews: readonly (readonly [string, string, string, readonly string[], string])[]
  readonly horizons: Readonly<Record<string, string>>
  readonly windows: Readonly<Record<string, readonly string[]>>
  readonly names: readonly NameLine[]
  readonly bands: readonly BandLine[]
  readonly rows: readonly RowLine[]
}

/** A bare date for midnight, the empty string for an open end. */
const timeText = (atSeconds: number): string =>
  atSeconds === OPEN_END ? '' : formatInstant(atSeconds).replace('T00:00:00Z', '').replace(':00Z', 'Z')

/** Few instants, many rows: each text is read once. */
const times = new Map<string, number>()
const timeOf = (text: string): number => {
  const known = times.get(text)
  if (known !== undefined) return known
  const seconds = text === '' ? OPEN_END : parseInstant(text)
  assert(seconds !== undefined, `the packaged price book holds no time "${text}"`)
  times.set(text, seconds)
  return seconds
}

const windowText = ({ validFrom, validTo }: PriceRow): string => `${timeText(validFrom)}/${timeText(validTo)}`

const LIST_SIGN = '@'

/** What a row says beside its region and its window. */
const contentOf = ({ provider, model, tier, band, meter, currency, price, per, ...row }: PriceRow): string => {
  const value = [provider, model, tier, band, meter, currency, price, per]
  return JSON.stringify([value, row.source, row.grade, row.derivedFrom, row.note])
}

interface SharedRows {
  readonly first: PriceRow
  readonly regions: readonly string[]
  readonly windows: readonly string[]
}

/** Rows that differ in nothing but their window, then regions that have all of these windows in common. */
const shareRows = (rows: readonly PriceRow[]): SharedRows[] =>
  [...Map.groupBy(rows, contentOf).values()].flatMap((same) => {
    const ofRegions = [...Map.groupBy(same, ({ region }) => region)]
    const byWindows = Map.groupBy(ofRegions, ([, ofRegion]) => ofRegion.map(windowText).join())
    return [...byWindows].flatMap(([windows, group]) => {
      const first = group[0]?.[1][0]
      return first === undefined
        ? []
        : [{ first, regions: group.map(([region]) => region), windows: windows.split(',') }]
    })
  })

const WINDOWS_IN_LINE_MAX = 2

/** Names each distinct list of windows after the model that first needs it. */
const createWindowLists = () => {
  const lists: Record<string, readonly string[]> = {}
  const names = new Map<string, string>()
  const nameOf = (windows: readonly string[], { provider, model }: PriceRow): string => {
    const text = windows.join()
    const sameModel = Object.keys(lists).filter((name) => name.startsWith(`${provider}/${model}#`)).length
    const name = names.get(text) ?? `${provider}/${model}#${sameModel + 1}`
    names.set(text, name)
    lists[name] = windows
    return name
  }
  return { lists, nameOf }
}

const encodeRows = (book: CompiledBook): Pick<PackagedBook, 'windows' | 'rows'> => {
  const { lists, nameOf } = createWindowLists()
  const rows = shareRows(book.rows).flatMap(({ first, regions, windows }) => {
    const { provider, model, tier, band, meter, currency, price, per, source, grade, derivedFrom, note } = first
    const whens = windows.length > WINDOWS_IN_LINE_MAX ? [`${LIST_SIGN}${nameOf(windows, first)}`] : windows
    return whens.map((when): RowLine => {
      const place = [provider, model, regions, tier, band, meter] as const
      return [...place, currency, price, per, when, source, grade, derivedFrom, note]
    })
  })
  return { windows: lists, rows }
}

const encodeName = ({ provider, name, rule, model, region, validFrom, validTo }: ModelName): NameLine => {
  const validity = [timeText(validFrom), timeText(validTo)] as const
  return [provider, name, rule, model, region, ...validity]
}

const encodeReview = ({ provider, model, tier, regions, after }: BookReview): PackagedBook['reviews'][number] => [
  provider,
  model,
  tier,
  regions,
  after,
]

const encodeBands = ({ provider, model, region, tier, gt, validFrom, validTo }: SheetBands): BandLine => {
  const validity = [timeText(validFrom), timeText(validTo)] as const
  return [provider, model, region, tier, gt, ...validity]
}

const sorted = <T>(record: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1))

const mapLines = (entries: readonly (readonly [string, unknown])[], indent: string): string => {
  const lines = entries.map(([key, value]) => `${indent} ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`
}

const listLines = (columns: readonly string[], lines: readonly unknown[]): string =>
  `[\n  ${[columns, ...lines].map((line) => JSON.stringify(line)).join(',\n  ')}\n ]`

const sourcesOf = (book: CompiledBook): Record<string, readonly [string, string]> =>
  Object.fromEntries(book.rows.map(({ source, sourceUrl, checkedAt }) => [source, [sourceUrl, checkedAt]]))

const windowLines = (windows: PackagedBook['windows']): string => {
  const lists = Object.entries(windows).map(
    ([id, list]) => `  ${JSON.stringify(id)}: [\n   ${list.map((text) => JSON.stringify(text)).join(',\n   ')}\n  ]`,
  )
  return lists.length === 0 ? '{}' : `{\n${lists.join(',\n')}\n }`
}

const foldingLines = ({ providers, hosts, proxies, tiers, regions }: CompiledBook['foldings']): string => {
  const tables = [
    `"providers": ${mapLines(sorted(providers), '  ')}`,
    `"hosts": ${mapLines(sorted(hosts), '  ')}`,
    `"proxies": ${JSON.stringify(proxies)}`,
    `"tiers": ${mapLines(sorted(tiers), '  ')}`,
    `"regions": ${mapLines(sorted(regions), '  ')}`,
  ]
  return `{\n  ${tables.join(',\n  ')}\n }`
}

/** The text of `price-rows.json`. Equal books give equal bytes. */
export const encodePackagedBook = (book: CompiledBook): string => {
  assert(
    book.rows.every(({ card }) => card === LIST_CARD),
    'only the list is packaged',
  )
  const { windows, rows } = encodeRows(book)
  const parts = [
    `"format": ${JSON.stringify(FORMAT)}`,
    `"edition": ${JSON.stringify(book.edition)}`,
    `"card": ${JSON.stringify(LIST_CARD)}`,
    `"band_edges": ${JSON.stringify(book.bandEdges)}`,
    `"sources": ${mapLines(sorted(sourcesOf(book)), ' ')}`,
    `"foldings": ${foldingLines(book.foldings)}`,
    `"reviews": ${listLines(REVIEW_COLUMNS, book.reviews.map(encodeReview))}`,
    `"horizons": ${mapLines(
      book.horizons.map(({ calendar, horizon }) => [calendar, timeText(horizon)] as const),
      ' ',
    )}`,
    `"names": ${listLines(NAME_COLUMNS, book.names.map(encodeName))}`,
    `"bands": ${listLines(BAND_COLUMNS, book.bands.map(encodeBands))}`,
    `"windows": ${windowLines(windows)}`,
    `"rows": ${listLines(ROW_COLUMNS, rows)}`,
  ]
  return `{\n ${parts.join(',\n ')}\n}\n`
}

const decodeLine = (line: RowLine, { card, sources, windows }: PackagedBook): PriceRow[] => {
  const [provider, model, regions, tier, band, meter, currency, price, per, when, source, grade, derivedFrom, note] =
    line
  const page = sources[source]
  assert(isMeter(meter) && page !== undefined, `no meter ${meter} or no source ${source} in the packaged price book`)
  const unit = unitPriceOf(meter, price, per)
  assert(unit.exact, `${price} per ${per} in the packaged price book is not exact`)
  const whens = when.startsWith(LIST_SIGN) ? windows[when.slice(LIST_SIGN.length)] : [when]
  assert(whens !== undefined, `no windows ${when} in the packaged price book`)
  const validities = whens.map((text) => {
    const [from = '', to = ''] = text.split('/')
    return { validFrom: timeOf(from), validTo: timeOf(to) }
  })
  const [sourceUrl, checkedAt] = page
  const value = { band, meter, currency, price, per, fusd: unit.fusd, ninths: unit.ninths }
  const provenance = { source, sourceUrl, checkedAt, grade, derivedFrom, note }
  return regions.flatMap((region) =>
    validities.map((validity) =>
      withRowId({ card, provider, model, region, tier, ...value, ...validity, ...provenance }),
    ),
  )
}

const decodeRows = (packaged: PackagedBook): PriceRow[] =>
  sortRows(packaged.rows.slice(1).flatMap((line) => decodeLine(line, packaged)))

/** The book of such a text. Throws `E_PACKAGED_BOOK` if the file is not of this format. */
export const decodePackagedBook = (text: string): CompiledBook => {
  const packaged = JSON.parse(text) as PackagedBook
  const columns = JSON.stringify(
    [packaged.reviews, packaged.names, packaged.bands, packaged.rows].map((list) => list?.[0]),
  )
  if (
    packaged.format !== FORMAT ||
    columns !== JSON.stringify([REVIEW_COLUMNS, NAME_COLUMNS, BAND_COLUMNS, ROW_COLUMNS])
  ) {
    throw new OutlayError('E_PACKAGED_BOOK', 'the packaged price book has another format', {
      got: packaged.format,
      want: FORMAT,
      fix: 'run `node packages/pricing/scripts/compile.ts`, or reinstall the package',
    })
  }
  const { card } = packaged
  return {
    edition: packaged.edition,
    bandEdges: packaged.band_edges,
    foldings: packaged.foldings,
    reviews: packaged.reviews.slice(1).map(([provider, model, tier, regions, after]) => {
      return { provider, model, tier, regions, after }
    }),
    horizons: Object.entries(packaged.horizons).map(([calendar, text]) => ({ calendar, horizon: timeOf(text) })),
    names: packaged.names.slice(1).map(([provider, name, rule, model, region, from, to]) => {
      const validity = { validFrom: timeOf(from), validTo: timeOf(to) }
      return { card, provider, name, rule, model, region, ...validity }
    }),
    bands: packaged.bands.slice(1).map(([provider, model, region, tier, gt, from, to]) => {
      const validity = { validFrom: timeOf(from), validTo: timeOf(to) }
      return { card, provider, model, region, tier, gt, ...validity }
    }),
    rows: decodeRows(packaged),
  }
}
