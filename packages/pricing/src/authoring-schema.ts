/** The authoring format `outlay-prices/1` as one schema per item, so that one bad item hides no other (spec: pricing §5). */
import { METERS, type Meter } from '@outlay/core'
import { z } from 'zod'
import { parseInstant } from '#src/instant.ts'
import { OPEN_END } from '#src/interval.ts'
import { suggestionFor } from '#src/nearest-word.ts'
import { GRADES } from '#src/price-row.ts'
import type { ProblemCode } from '#src/problem.ts'
import { isTier, TIERS } from '#src/tier.ts'

const problem = (code: ProblemCode, message: string) =>
  ({ code: 'custom', message, params: { problem: code } }) as const

const decimalText = z
  .string({
    error: ({ input }) => (typeof input === 'number' ? `${input} must be quoted text` : 'want decimal text in quotes'),
  })
  .superRefine((text, context) => {
    if (/^\d{1,9}(\.\d{1,9})?$/.test(text)) return
    context.addIssue(problem('E_DECIMALS', `${JSON.stringify(text)} is not a plain decimal of at most 9 places`))
  })

const instant = z.string().transform((text, context): number => {
  const seconds = parseInstant(text)
  if (seconds !== undefined && seconds >= 0 && seconds <= OPEN_END) return seconds
  context.addIssue(
    problem('E_INSTANT', `${JSON.stringify(text)} is not a date or an instant with a zone, 1970 to 2105`),
  )
  return z.NEVER
})

const day = z.iso.date()

const tier = z.string().superRefine((name, context) => {
  if (isTier(name)) return
  context.addIssue(problem('E_UNKNOWN_TIER', `no tier "${name}"${suggestionFor(name, TIERS)}`))
})

const meter = z.string().superRefine((name, context) => {
  if ((METERS as readonly string[]).includes(name)) return
  context.addIssue(problem('E_UNKNOWN_METER', `no meter "${name}"${suggestionFor(name, METERS)}`))
})

const grade = z.enum(GRADES)
const per = z.int().positive().max(4_294_967_295)
const pricePer = z.strictObject({ price: decimalText, per })

const window = { from: instant.optional(), to: instant.optional() }
const provenance = { src: z.string().min(1), grade, note: z.string().optional(), review_after: day.optional() }

/** A cell: a price for all bands, one price per band, or `null` = not listed. */
const cell = z.union([decimalText, pricePer, z.array(z.union([decimalText, z.null()])).nonempty(), z.null()])
export type AuthoredCell = z.output<typeof cell>

export const sheetSchema = z.strictObject({
  tier,
  region: z.string().optional(),
  ...window,
  gt: z.array(z.int().positive().max(4_294_967_295)).optional(),
  calendar: z.string().optional(),
  when: z.string().optional(),
  ...provenance,
  cells: z.partialRecord(z.enum(METERS as readonly [Meter, ...Meter[]]), cell),
})
export type AuthoredSheet = z.output<typeof sheetSchema>

const tierRule = z.strictObject({ tier, of: tier, times: decimalText, ...window, ...provenance })
const regionRule = z.strictObject({
  regions: z.array(z.string()).nonempty(),
  times: decimalText,
  tiers: z.array(tier).optional(),
  ...window,
  ...provenance,
})
export type TierRule = z.output<typeof tierRule>
export type RegionRule = z.output<typeof regionRule>
/** The rule for a multiplier: of a tier if it names one, else of regions. */
export const ruleSchemaFor = (value: unknown): typeof tierRule | typeof regionRule =>
  typeof value === 'object' && value !== null && 'regions' in value ? regionRule : tierRule

const contractRule = z.strictObject({
  discount: decimalText.optional(),
  multiplier: decimalText.optional(),
  meters: z.array(meter).nonempty().optional(),
  models: z.array(z.string()).nonempty().optional(),
  tiers: z.array(tier).nonempty().optional(),
  regions: z.array(z.string()).nonempty().optional(),
  ...window,
  ...provenance,
})
export type ContractRule = z.output<typeof contractRule>
export const contractRuleSchema = contractRule

const name = z.union([z.string(), z.strictObject({ name: z.string(), ...window, region: z.string().optional() })])

export const modelSchema = z.strictObject({
  provider: z.string().min(1),
  model: z.string().min(1),
  names: z
    .strictObject({ exact: z.array(name).optional(), snapshot: z.enum(['yyyymmdd', 'yyyy-mm-dd']).optional() })
    .optional(),
  ...window,
  inherit: z.record(meter, meter).optional(),
  sheets: z.array(z.unknown()).optional(),
  derive: z.array(z.unknown()).optional(),
})
export type AuthoredModel = z.output<typeof modelSchema>

const clockRange = z.string().regex(/^\d{2}:\d{2}-\d{2}:\d{2}$/, 'want a UTC range such as "01:00-04:00"')
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

const calendar = z.strictObject({
  src: z.string().min(1),
  grade,
  horizon: instant,
  rest: z.string().min(1),
  rules: z.array(
    z.strictObject({
      label: z.string().min(1),
      days: z.array(z.enum(WEEKDAYS)).nonempty(),
      utc: z.array(clockRange).nonempty(),
      ...window,
      except: z.array(day).optional(),
    }),
  ),
  note: z.string().optional(),
})
export type AuthoredCalendar = z.output<typeof calendar>

const spellings = z.record(z.string(), z.string())
const host = z.union([z.string(), z.strictObject({ provider: z.string().min(1), region: z.string() })])

export const fileSchema = z.strictObject({
  format: z.literal('outlay-prices/1'),
  edition: day,
  currency: z.string().regex(/^[A-Z]{3}$/, 'want a currency code such as USD'),
  // A public catalogue gives way: models and names that any other file declares are not taken from it.
  layer: z.literal('catalogue').optional(),
  // A contract, or the names of whoever runs this installation: one file per card.
  card: z
    .string()
    .regex(/^(?:operator|(?:org|tenant|project):.+)$/, 'want operator, org:…, tenant:… or project:…')
    .optional(),
  base: z.string().optional(),
  // Whose calls an organisation's or a project's card prices; a tenant's card is its own tenant's.
  tenants: z.array(z.string().min(1)).nonempty().optional(),
  merge: z.boolean().optional(),
  assume: z
    .partialRecord(z.enum(METERS as readonly [Meter, ...Meter[]]), z.enum(METERS as readonly [Meter, ...Meter[]]))
    .optional(),
  rules: z.array(z.unknown()).optional(),
  per: z.partialRecord(z.enum(['tokens', ...METERS] as readonly ['tokens', ...Meter[]]), per).optional(),
  band_edges: z.array(z.int().nonnegative().max(4_294_967_295)).optional(),
  sources: z.record(z.string(), z.strictObject({ url: z.string().min(1), checked_at: day })).optional(),
  providers: spellings.optional(),
  hosts: z.record(z.string(), host).optional(),
  proxies: z.array(z.string()).optional(),
  tiers: z.record(z.string(), z.record(z.string(), tier)).optional(),
  regions: z.record(z.string(), spellings).optional(),
  // A provider that prices by the end of a call needs the collector to set `price_slot` so: refused until it does.
  time_basis: z.strictObject({ default: z.literal('start') }).optional(),
  calendars: z.record(z.string(), calendar).optional(),
  models: z.array(z.unknown()).optional(),
})
export type AuthoredFile = z.output<typeof fileSchema>
