/**
 * What the ledger keys on: the price selectors of a call, folded (spec: pricing §7, ledger `sku`). The model stays raw,
 * so that a corrected name table reprices history.
 */
import { digest64 } from '@outlay/core'
import { type CallCut, promptBandOf } from '#src/band-edges.ts'
import type { BookTables, Foldings, HostBiller } from '#src/book.ts'

/** As reported; empty string = not reported. */
export interface PriceSelectorsInput {
  readonly provider: string
  readonly host: string
  readonly requestModel: string
  readonly responseModel: string
  readonly serviceTier: string
  readonly batch: boolean
  readonly speed: string
  readonly region: string
}

export interface SkuParts {
  readonly provider: string
  /** Raw: response model if present, else request model. */
  readonly model: string
  readonly region: string
  readonly tier: string
  /** Index of the highest band edge that the call's total input exceeds. */
  readonly promptBand: number
}

const patterns = new Map<string, RegExp>()

/** Anchored at both ends; `*` stands for characters other than a dot. */
const patternOf = (host: string): RegExp => {
  const known = patterns.get(host)
  if (known !== undefined) return known
  const literal = host.split('*').map((part) => part.replace(/[^a-z0-9-]/g, '\\$&'))
  const pattern = new RegExp(`^${literal.join('[^.]+')}$`)
  patterns.set(host, pattern)
  return pattern
}

const billerOfHost = (raw: string, { hosts }: Foldings): HostBiller | undefined => {
  const host = raw.trim().toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')
  if (host === '') return undefined
  if (Object.hasOwn(hosts, host)) return hosts[host]
  return Object.entries(hosts).find(([pattern]) => pattern.includes('*') && patternOf(pattern).test(host))?.[1]
}

/** Canonical spelling of a provider id; one that no table lists stays what it is. */
export const foldProvider = (raw: string, { providers }: Foldings): string => {
  const id = raw.trim().toLowerCase()
  return Object.hasOwn(providers, id) ? (providers[id] ?? id) : id
}

const STANDARD_WORDS: ReadonlySet<string> = new Set(['', 'standard', 'default'])

/**
 * The one tier that batch, speed and service tier ask for together. Two that differ are joined (`batch+fast`):
 * no list offers such a pair, so it ends as `unpriced_tier` and not as the cheaper of both.
 */
const foldTier = ({ batch, speed, serviceTier }: PriceSelectorsInput, provider: string, foldings: Foldings): string => {
  const known = Object.hasOwn(foldings.tiers, provider) ? (foldings.tiers[provider] ?? {}) : {}
  const served = serviceTier.trim().toLowerCase()
  const canonicalOf = (raw: string): string => (Object.hasOwn(known, raw) ? (known[raw] ?? raw) : raw)
  const asked = new Map<string, string>()
  for (const raw of [batch ? 'batch' : '', speed.trim().toLowerCase(), served]) {
    const canonical = canonicalOf(raw)
    if (!STANDARD_WORDS.has(canonical) && !asked.has(canonical)) asked.set(canonical, raw)
  }
  return asked.size > 0 ? [...asked.values()].join('+') : served === '' ? 'standard' : served
}

/**
 * Folds the selectors of one call, with what cuts it. Pure and total: what cannot be folded stays as it is
 * and is decided, and named, by `resolveSku`. A known host decides who bills before the provider that a client reports.
 */
export const foldSku = (selectors: PriceSelectorsInput, cut: CallCut, book: BookTables): SkuParts => {
  const { foldings } = book
  const biller = billerOfHost(selectors.host, foldings)
  const provider = biller?.provider ?? foldProvider(selectors.provider, foldings)
  const region = selectors.region.trim().toLowerCase()
  return {
    provider,
    model: selectors.responseModel === '' ? selectors.requestModel : selectors.responseModel,
    region: region === '' ? (biller?.region ?? '') : region,
    tier: foldTier(selectors, provider, foldings),
    promptBand: promptBandOf(cut, book),
  }
}

/** 64-bit identity of the parts: equal parts, equal sku. */
export const skuIdOf = ({ provider, model, region, tier, promptBand }: SkuParts): bigint =>
  digest64([provider, model, region, tier, String(promptBand)])
