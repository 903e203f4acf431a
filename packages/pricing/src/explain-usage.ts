/** `outlay prices explain`: one question in words of the command line, answered as JSON (spec: cli, pricing §12). */
import { formatUsd, inputTotalOf, isMeter, type Meter, type MeterQuantities, METERS, OutlayError } from '@outlay/core'
import { z } from 'zod'
import type { BookData, BookTables } from '#src/book.ts'
import { formatInstant, parseInstant } from '#src/instant.ts'
import { suggestionFor } from '#src/nearest-word.ts'
import { priceSlotOf, splitsOf } from '#src/price-slot.ts'
import { type CostStatus, priceUsage, type UsageQuestion } from '#src/price-usage.ts'
import { foldSku } from '#src/sku.ts'

/** Raw spellings, as telemetry or a person writes them. */
export interface PriceQuestion {
  readonly provider: string
  readonly model: string
  /** Start of the call, milliseconds since the epoch. */
  readonly atMs: number
  readonly region?: string
  /** The tier that was served. */
  readonly tier?: string
  readonly host?: string
  readonly usage: MeterQuantities
}

/** The JSON answer. Money and prices are decimal strings, never floats; null = there is no figure. */
export interface ExplainedUsage {
  readonly status: CostStatus
  readonly cost_usd: string | null
  readonly priced_subtotal_usd: string | null
  /** Of every price below. Anything but USD leaves the dollar figures null: nothing is converted here. */
  readonly currency: string
  readonly lines: readonly {
    readonly meter: Meter
    readonly quantity: number
    readonly price: string
    readonly per: number
    readonly cost_usd: string | null
    readonly valid_from: string
    readonly valid_to: string
    readonly source: string
    /** `list`, or the contract that the price comes from. */
    readonly card: string
    readonly derived_from: string
  }[]
  readonly missing: readonly Meter[]
  /** Why there is no price; null if there is one. */
  readonly reason: string | null
  readonly resolved: {
    readonly provider: string
    readonly model: string
    readonly region: string
    readonly tier: string
    readonly band: number | null
    readonly prompt_band: number
    readonly slot: string
  }
}

const atMs = z.string().transform((text, context): number => {
  // Milliseconds do not move a price, but a question may carry them.
  const seconds = parseInstant(text.replace(/\.\d{1,9}(?=Z|[+-]\d{2}:\d{2}$)/, ''))
  if (seconds !== undefined) return seconds * 1000
  context.addIssue(`want a date or an instant with a zone such as 2026-09-10T12:00:00Z, got ${JSON.stringify(text)}`)
  return z.NEVER
})

const usage = z.record(z.string(), z.number()).superRefine((quantities, context) => {
  for (const name of Object.keys(quantities).filter((key) => !isMeter(key))) {
    context.addIssue(`no meter "${name}"${suggestionFor(name, METERS)}`)
  }
})

const questionSchema = z.object({
  provider: z.string(),
  model: z.string(),
  at: atMs,
  region: z.string().default(''),
  tier: z.string().default(''),
  host: z.string().default(''),
  usage,
})

/**
 * Untrusted JSON (`{provider, model, at, region?, tier?, host?, usage}`, other keys are ignored) → a question.
 * Throws `E_PRICE_QUESTION` with all that is wrong.
 */
export const parsePriceQuestion = (json: unknown): PriceQuestion => {
  const result = questionSchema.safeParse(json)
  if (result.success) {
    const { at, usage: quantities, ...question } = result.data
    return { ...question, atMs: at, usage: quantities }
  }
  const what = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  throw new OutlayError('E_PRICE_QUESTION', `not a question about a price: ${what}`, {
    fix: 'see `outlay prices explain --help`',
  })
}

/** Folds a question as the collector folds a call. */
export const askPrice = (question: PriceQuestion, book: BookTables): UsageQuestion => {
  const selectors = {
    provider: question.provider,
    host: question.host ?? '',
    requestModel: question.model,
    responseModel: '',
    serviceTier: question.tier ?? '',
    batch: false,
    speed: '',
    region: question.region ?? '',
  }
  const parts = foldSku(selectors, { inputTotal: inputTotalOf(question.usage), startMs: question.atMs }, book)
  return { parts, slot: priceSlotOf(question.atMs, splitsOf(parts, book)), usage: question.usage }
}

/** Answers one question under a book. Never throws on a question that was parsed. */
export const explainUsage = (book: BookData, question: PriceQuestion): ExplainedUsage =>
  explainFolded(book, askPrice(question, book))

/** The same for selectors that are folded already, as the ledger has them. */
export const explainFolded = (book: BookData, question: UsageQuestion): ExplainedUsage => {
  const { parts, slot, resolved, ...priced } = priceUsage(book, question)
  const currency = priced.currency === '' ? 'USD' : priced.currency
  const usdOf = (femto: bigint | undefined): string | null =>
    femto === undefined || currency !== 'USD' ? null : formatUsd(femto)
  return {
    status: priced.status,
    cost_usd: usdOf(priced.costFemto),
    priced_subtotal_usd: usdOf(priced.pricedSubtotalFemto),
    currency,
    lines: priced.lines.map((line) => ({
      meter: line.meter,
      quantity: line.quantity,
      price: line.price,
      per: line.per,
      cost_usd: usdOf(line.costFemto),
      valid_from: formatInstant(line.validFrom),
      valid_to: formatInstant(line.validTo),
      source: line.source,
      card: line.card,
      derived_from: line.derivedFrom,
    })),
    missing: priced.missing,
    reason: resolved === undefined || resolved.state === 'ok' ? null : resolved.reason,
    resolved: {
      provider: resolved?.provider ?? parts.provider,
      model: resolved?.model ?? '',
      region: resolved?.region ?? '',
      tier: resolved?.tier ?? '',
      band: resolved?.state === 'ok' ? resolved.band : null,
      prompt_band: parts.promptBand,
      slot: formatInstant(slot),
    },
  }
}
