/**
 * Differences from another catalogue that a person explained once: a rounding, a known defect of that catalogue. Each
 * has a reason and a last day, so that none is forgotten (spec: pricing §14).
 */
import { formatDecimal, isMeter, METERS, OutlayError, parseDecimal } from '@outlay/core'
import { z } from 'zod'
import { parseAuthored } from '#src/authored-item.ts'
import { suggestionFor } from '#src/nearest-word.ts'
import { PRICE_DECIMALS } from '#src/price-row.ts'
import { type PriceBookProblem, placeText } from '#src/problem.ts'
import { isTier, TIERS } from '#src/tier.ts'
import type { PriceBookSource } from '#src/vocabulary.ts'
import { readYamlSource } from '#src/yaml-source.ts'

const decimal = z
  .string({ error: 'want decimal text in quotes' })
  .regex(/^\d{1,9}(\.\d{1,9})?$/, 'want a plain decimal of at most 9 places')
  .transform((text) => formatDecimal(parseDecimal(text, PRICE_DECIMALS), PRICE_DECIMALS))

const custom = (problem: 'E_UNKNOWN_METER' | 'E_UNKNOWN_TIER', message: string) =>
  ({ code: 'custom', message, params: { problem } }) as const

const meter = z.string().transform((name, context) => {
  if (isMeter(name)) return name
  context.addIssue(custom('E_UNKNOWN_METER', `no meter "${name}"${suggestionFor(name, METERS)}`))
  return z.NEVER
})

const tier = z.string().superRefine((name, context) => {
  if (!isTier(name)) context.addIssue(custom('E_UNKNOWN_TIER', `no tier "${name}"${suggestionFor(name, TIERS)}`))
})

const waiverSchema = z.strictObject({
  provider: z.string().min(1),
  model: z.string().min(1).exactOptional(),
  region: z.string().exactOptional(),
  tier: tier.exactOptional(),
  above: z.int().nonnegative().exactOptional(),
  meter: meter.exactOptional(),
  ours: decimal.exactOptional(),
  theirs: decimal.exactOptional(),
  reason: z.string().min(1),
  until: z.iso.date(),
})

/**
 * An explained difference. Fields that are left out hold for all; `ours` and `theirs` bind it to the figures that were
 * explained; `until` is the last day on which it holds.
 */
export type DriftWaiver = Readonly<z.output<typeof waiverSchema>>

const fileSchema = z.strictObject({ format: z.literal('outlay-drift-waivers/1'), waivers: z.array(z.unknown()) })

export const isExpired = ({ until }: DriftWaiver, today: string): boolean => until < today

/** The first waiver that explains a difference today. */
export const waiverFor = (
  line: Readonly<Record<keyof Omit<DriftWaiver, 'reason' | 'until'>, unknown>>,
  waivers: readonly DriftWaiver[],
  today: string,
): DriftWaiver | undefined =>
  waivers.find((waiver) => {
    const { reason: _reason, until: _until, ...wanted } = waiver
    return (
      !isExpired(waiver, today) &&
      Object.entries(wanted).every(([key, value]) => line[key as keyof typeof wanted] === value)
    )
  })

const refuse = (problems: readonly PriceBookProblem[]): never => {
  const lines = problems.map(({ code, where, what }) => `\n  ${where} ${code} ${what}`)
  throw new OutlayError('E_WAIVERS', `waivers refused, ${problems.length} problem(s):${lines.join('')}`)
}

/** Reads a file of waivers. Fails with `E_WAIVERS` and every problem of it, each with its line. */
export const parseDriftWaivers = ({ file, text }: PriceBookSource): readonly DriftWaiver[] => {
  const problems: PriceBookProblem[] = []
  const source = readYamlSource(file, text, problems)
  const head = source === undefined ? undefined : parseAuthored(fileSchema, source, [], problems)
  if (source === undefined || head === undefined) return refuse(problems)
  const waivers = head.waivers.flatMap((_, index) => {
    const waiver = parseAuthored(waiverSchema, source, ['waivers', index], problems)
    if (waiver === undefined) return []
    const twin = head.waivers.findIndex((other) => JSON.stringify(other) === JSON.stringify(head.waivers[index]))
    if (twin !== index) {
      const where = placeText(source.placeOf(['waivers', index]))
      problems.push({ code: 'E_CONFLICT', where, what: 'the same waiver is given twice' })
    }
    return [waiver]
  })
  return problems.length > 0 ? refuse(problems) : waivers
}
