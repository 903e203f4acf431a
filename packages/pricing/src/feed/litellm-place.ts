/** Where an entry of a LiteLLM map stands in our words: who bills, the raw name, and the region and tier in front of it. */
import type { BookData, Foldings } from '#src/book.ts'
import { thresholdsAt, indexOfBook } from '#src/book-index.ts'
import type { Sheet } from '#src/price-row.ts'
import { resolveSku } from '#src/resolve-sku.ts'
import { foldProvider } from '#src/sku.ts'

export interface LitellmPlace {
  readonly biller: string
  /** As the biller spells it. */
  readonly name: string
  readonly region: string
  readonly tier: string
}

/** Spellings that only LiteLLM has: one provider per protocol that it speaks. */
const OWN_SPELLINGS = new Map([
  ['text-completion-openai', 'openai'],
  ['text-completion-codestral', 'mistral'],
  ['codestral', 'mistral'],
  ['cohere_chat', 'cohere'],
  ['azure_text', 'azure'],
  ['azure_ai', 'azure'],
  ['bedrock_mantle', 'aws'],
])

const billerOf = (provider: string, foldings: Foldings): string =>
  foldProvider(OWN_SPELLINGS.get(provider) ?? provider.replace(/^vertex_ai[-_].*/, 'vertex_ai'), foldings)

/** `us-east-1`: a cloud location, which a provider with regional prices resolves itself. */
const LOCATION = /^[a-z]+(-[a-z]+)*-?\d+$/

const isRegion = (segment: string, biller: string, { regions }: Foldings): boolean => {
  const known = regions[biller] ?? {}
  return Object.hasOwn(known, segment) || (LOCATION.test(segment) && Object.hasOwn(known, 'regional'))
}

/** `fast/us/claude-opus-4-6` of anthropic, `bedrock/us-gov-west-1/anthropic.claude-…` of bedrock. */
export const placeOfEntry = (entry: string, provider: string, foldings: Foldings): LitellmPlace => {
  const biller = billerOf(provider, foldings)
  const segments = entry.split('/')
  if (segments.length > 1 && billerOf(segments[0] ?? '', foldings) === biller) segments.shift()
  let region = ''
  let tier = 'standard'
  for (let head = segments[0] ?? ''; segments.length > 1; head = segments[0] ?? '') {
    if (isRegion(head, biller, foldings)) region = head
    else if (Object.hasOwn(foldings.tiers[biller] ?? {}, head)) tier = head
    else break
    segments.shift()
  }
  return { biller, name: segments.join('/'), region, tier }
}

export interface LitellmSheet {
  readonly sheet: Omit<Sheet, 'card'>
  /** Thresholds of our sheet, if we have one. */
  readonly gt: readonly number[]
}

/** The sheet of ours that a place is at an instant; its raw spelling where we have none. */
export const sheetOfPlace = (book: BookData, place: LitellmPlace, atSeconds: number): LitellmSheet => {
  const { biller: provider, name: model, region, tier } = place
  const resolved = resolveSku(book, { provider, model, region, tier, promptBand: 0 }, atSeconds)
  if (resolved.state === 'unpriced_model') return { sheet: { provider, model, region, tier }, gt: [] }
  const sheet = { provider: resolved.provider, model: resolved.model, region: resolved.region, tier: resolved.tier }
  if (resolved.state === 'unpriced_tier') return { sheet: { ...sheet, tier }, gt: [] }
  const indexed = indexOfBook(book).sheetOf(sheet)
  return { sheet, gt: indexed === undefined ? [] : thresholdsAt(indexed, atSeconds) }
}
