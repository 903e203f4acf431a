/** A named what-if book: cells that cost something else, and calls priced as another model (spec: pricing §11). */
import { OutlayError } from '@outlay/core'
import { z } from 'zod'
import type { BookData } from '#src/book.ts'
import { type CellOverride, type SkuSubstitution, substituteSku } from '#src/contracts/what-if.ts'
import type { SkuParts } from '#src/sku.ts'

const decimal = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, 'want a plain decimal in quotes')
const per = z.int().positive().max(4_294_967_295)

const cellSchema = z.strictObject({
  where: z.strictObject({
    card: z.string().optional(),
    provider: z.string().optional(),
    model: z.string().optional(),
    region: z.string().optional(),
    tier: z.string().optional(),
    band: z.int().nonnegative().optional(),
    meter: z.string().optional(),
  }),
  to: z.union([z.strictObject({ times: decimal }), z.strictObject({ price: decimal, per: per.optional() })]),
})

const definitionSchema = z.strictObject({
  cells: z.array(cellSchema).optional(),
  as: z
    .strictObject({
      provider: z.string().optional(),
      model: z.string().optional(),
      tier: z.string().optional(),
      region: z.string().optional(),
    })
    .optional(),
})

export interface WhatIfDefinition {
  readonly cells: readonly CellOverride[]
  /** Every call is priced as this; what is left out stays as the call has it. */
  readonly as?: SkuSubstitution
}

/** Reads a definition. Fails with `E_WHAT_IF` and all that is wrong with it. */
export const parseWhatIf = (json: unknown): WhatIfDefinition => {
  const result = definitionSchema.safeParse(json)
  if (result.success) {
    const { cells = [], as } = result.data
    return { cells: cells as readonly CellOverride[], ...(as === undefined ? {} : { as: as as SkuSubstitution }) }
  }
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || 'definition'}: ${message}`)
  throw new OutlayError('E_WHAT_IF', 'not a what-if book', {
    got: problems.join('; '),
    want: '{"cells": [{"where": {"provider": "…", "meter": "…"}, "to": {"times": "0.5"}}], "as": {"model": "…"}}',
  })
}

/** The price selectors that a call has in a what-if book. A call that no provider could serve so stays unpriced. */
export const whatIfSku = (book: BookData, parts: SkuParts, { as }: WhatIfDefinition): SkuParts =>
  as === undefined ? parts : substituteSku(book, parts, as)
