/** What a sku means at an instant: biller, model and region, then tier, then time (spec: pricing §7, §8). */
import { assert } from '@outlay/core'
import type { BookData, ModelName } from '#src/book.ts'
import { type BookIndex, type IndexedSheet, indexOfBook, thresholdsAt } from '#src/book-index.ts'
import { nameFormsOf, type NameForm } from '#src/model-name-forms.ts'
import type { Sheet } from '#src/price-row.ts'
import type { SkuParts } from '#src/sku.ts'

export type UnpricedState = 'unpriced_model' | 'unpriced_tier' | 'unpriced_time'

/** As far as resolution came; the fields behind the failure are empty. */
export type Canonical = Omit<Sheet, 'card'>

export type SkuResolution =
  | ({ readonly state: 'ok'; readonly band: number } & Canonical)
  | ({ readonly state: UnpricedState; readonly reason: string } & Canonical)

/** Identity without time windows of prices: the part of a resolution that only a name's validity can change. */
type SheetResolution =
  | { readonly state: 'found'; readonly sheet: IndexedSheet }
  | ({ readonly state: 'unpriced_model' | 'unpriced_tier'; readonly reason: string } & Canonical)

const NOTHING: Canonical = { provider: '', model: '', region: '', tier: '' }

const SNAPSHOTS = [
  { rule: 'yyyymmdd', pattern: /^(.+)-\d{8}$/ },
  { rule: 'yyyy-mm-dd', pattern: /^(.+)-\d{4}-\d{2}-\d{2}$/ },
] as const

interface NameHit {
  readonly form: NameForm
  readonly entry: ModelName
}

/** Every entry that a name may meet at any time, in the order in which they are asked. Exact beats snapshot. */
const nameHitsOf = (forms: readonly NameForm[], index: BookIndex): readonly NameHit[] => {
  const exact = forms.flatMap((form) =>
    index.namesOf(form.provider, form.name, 'exact').map((entry) => ({ form, entry })),
  )
  const snapshots = forms.flatMap((form) =>
    SNAPSHOTS.flatMap(({ rule, pattern }) => {
      const base = pattern.exec(form.name)?.[1]
      return base === undefined ? [] : index.namesOf(form.provider, base, rule).map((entry) => ({ form, entry }))
    }),
  )
  return [...exact, ...snapshots]
}

/** The canonical region of a raw one, or undefined where the provider's table does not have it. */
const canonicalRegion = (book: BookData, provider: string, raw: string): string | undefined => {
  const table = book.foldings.regions[provider] ?? {}
  if (Object.hasOwn(table, raw)) return table[raw]
  // A cloud location such as us-east5: one endpoint in one region, where the provider prices those apart.
  return /^[a-z]+(-[a-z]+)*-?\d+$/.test(raw) && Object.hasOwn(table, 'regional') ? table['regional'] : undefined
}

const regionOf = (book: BookData, parts: SkuParts, { entry }: NameHit, last: NameForm): string | undefined => {
  const implied = last.provider === entry.provider ? last.region : undefined
  // GovCloud serves bare names too: where the call ran is stronger than what the name says.
  if (entry.region !== '' && implied !== 'gov') return entry.region
  return canonicalRegion(book, entry.provider, implied ?? parts.region)
}

/** The tier that the sku and the name ask for together; two that differ are a pair that no list offers. */
const rawTierOf = (parts: SkuParts, { form }: NameHit): string => {
  if (form.tier === undefined || parts.tier === form.tier) return parts.tier
  return ['standard', 'default'].includes(parts.tier) ? form.tier : `${parts.tier}+${form.tier}`
}

const canonicalTier = (book: BookData, provider: string, raw: string): string | undefined => {
  const table = book.foldings.tiers[provider] ?? {}
  const key = raw.toLowerCase()
  return Object.hasOwn(table, key) ? table[key] : undefined
}

const sheetOfHit = (book: BookData, parts: SkuParts, hit: NameHit, last: NameForm): SheetResolution => {
  const index = indexOfBook(book)
  const { provider, model } = hit.entry
  const region = regionOf(book, parts, hit, last)
  if (region === undefined || !index.hasRegion(provider, model, region)) {
    const reason = `region: ${provider} · ${model} has no list for region "${region ?? parts.region}"`
    return { ...NOTHING, state: 'unpriced_model', reason, provider, model }
  }
  const raw = rawTierOf(parts, hit)
  const tier = canonicalTier(book, provider, raw)
  const sheet = tier === undefined ? undefined : index.sheetOf({ provider, model, region, tier })
  if (sheet !== undefined) return { state: 'found', sheet }
  const place = region === '' ? '' : ` in region "${region}"`
  const reason =
    tier === undefined
      ? `tier: ${provider} lists no tier "${raw}"`
      : `tier: ${provider} · ${model} has no ${tier} prices${place}`
  return { state: 'unpriced_tier', reason, provider, model, region, tier: '' }
}

/** A sku's readings, prepared once; `at` answers for any instant, `edges` are the instants where the answer may change. */
export interface SkuReading {
  readonly edges: readonly number[]
  at(atSeconds: number): SheetResolution
}

export const readSku = (book: BookData, parts: SkuParts): SkuReading => {
  const index = indexOfBook(book)
  const forms = nameFormsOf(parts, book.foldings)
  const last = forms.at(-1)
  assert(last !== undefined, 'a name always has its literal form')
  const hits = nameHitsOf(forms, index)
  const unknown = (): SheetResolution => {
    const biller = forms.find(({ provider }) => index.billers.has(provider))?.provider
    const reason =
      biller === undefined
        ? `biller: no prices of "${parts.provider}" in the book`
        : hits.length > 0
          ? `model: "${parts.model}" is no name of ${biller} at that time`
          : `model: "${parts.model}" is no name of ${biller}`
    return { ...NOTHING, state: 'unpriced_model', reason, provider: biller ?? '' }
  }
  return {
    edges: hits.flatMap(({ entry }) => [entry.validFrom, entry.validTo]),
    at: (atSeconds) => {
      const hit = hits.find(({ entry }) => entry.validFrom <= atSeconds && atSeconds < entry.validTo)
      return hit === undefined ? unknown() : sheetOfHit(book, parts, hit, last)
    },
  }
}

/** Thresholds of the sheet at or below the edge that the call's input exceeds: the row band (spec: pricing §4). */
export const rowBandOf = (
  book: Pick<BookData, 'bandEdges'>,
  promptBand: number,
  thresholds: readonly number[],
): number => {
  const edge = book.bandEdges[promptBand]
  assert(edge !== undefined, `prompt band ${promptBand} is beyond the ${book.bandEdges.length} edges of the book`)
  return thresholds.filter((threshold) => threshold <= edge).length
}

/** What a sku means at an instant (unix seconds), or the first thing that is not resolved, named in `reason`. */
export const resolveSku = (book: BookData, parts: SkuParts, atSeconds: number): SkuResolution => {
  const resolution = readSku(book, parts).at(atSeconds)
  if (resolution.state !== 'found') return resolution
  const { provider, model, region, tier } = resolution.sheet.sheet
  const canonical = { provider, model, region, tier }
  if (!resolution.sheet.coverage.some(({ from, to }) => from <= atSeconds && atSeconds < to)) {
    const reason = `time: ${provider} · ${model} · ${tier} has no price at that time`
    return { state: 'unpriced_time', reason, ...canonical }
  }
  const band = rowBandOf(book, parts.promptBand, thresholdsAt(resolution.sheet, atSeconds))
  return { state: 'ok', band, ...canonical }
}
