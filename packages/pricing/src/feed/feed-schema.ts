/**
 * The shape of a `genai-prices` feed. Every key, unit and constraint is known here or the whole import is refused: a
 * key that is silently skipped would be a price that is silently wrong (spec: pricing §13).
 */
import { z } from 'zod'

export type FeedMatch =
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string }
  | { readonly or: readonly FeedMatch[] }
  | { readonly and: readonly FeedMatch[] }

const match: z.ZodType<FeedMatch> = z.lazy(() =>
  z.union([
    z.strictObject({ equals: z.string() }),
    z.strictObject({ starts_with: z.string() }),
    z.strictObject({ ends_with: z.string() }),
    z.strictObject({ contains: z.string() }),
    z.strictObject({ regex: z.string() }),
    z.strictObject({ or: z.array(match) }),
    z.strictObject({ and: z.array(match) }),
  ]),
)

// Prices stay as they are: `decimalOfFeed` reports NaN, signs and float noise in words of its own.
const number = z.custom<number>((value) => typeof value === 'number', 'want a number')
const banded = z.strictObject({
  base: number,
  tiers: z.array(z.strictObject({ start: z.int().positive(), price: number })).nonempty(),
})
const price = z.union([number, banded])
export type FeedPrice = z.output<typeof price>

const prices = z.record(z.string(), price)
export type FeedPrices = z.output<typeof prices>

const constraint = z.union([
  z.strictObject({ type: z.literal('start_date').optional(), start_date: z.iso.date() }),
  z.strictObject({ type: z.literal('time_of_date').optional(), start_time: z.string(), end_time: z.string() }),
])
const conditional = z.strictObject({ constraint: constraint.nullable().optional(), prices })
export type FeedConditional = z.output<typeof conditional>

const model = z.strictObject({
  id: z.string().min(1),
  name: z.string().nullable().optional(),
  description: z.string().nullable().optional(),
  match,
  context_window: z.number().nullable().optional(),
  price_comments: z.string().nullable().optional(),
  prices_checked: z.string().nullable().optional(),
  deprecated: z.boolean().optional(),
  prices: z.union([z.array(conditional).nonempty(), prices]),
})
export type FeedModel = z.output<typeof model>

export const feedProviderSchema = z.object({
  id: z.string().min(1),
  models: z.array(z.unknown()),
})
export const feedModelSchema = model
