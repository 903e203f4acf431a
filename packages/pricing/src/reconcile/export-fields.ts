/** Fields of provider exports: a JSON number by its digits, or the same as text in a CSV cell. */
import { z } from 'zod'
import { NumberText } from '#src/reconcile/exact-json.ts'
import type { ExportPlace, Findings } from '#src/reconcile/export-findings.ts'
import { parseQuecto, parseScaled, type QuectoUsd } from '#src/reconcile/quecto-usd.ts'

const QUANTITY_MAX = 2n ** 62n

const digitsOf = (value: unknown): string | undefined => {
  if (value instanceof NumberText) return value.text
  return typeof value === 'string' ? value.trim() : undefined
}

const shown = (value: unknown): string => {
  const text = value instanceof NumberText ? value.text : (JSON.stringify(value) ?? 'nothing')
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

const numberField = <T>(want: string, read: (digits: string) => T | undefined) =>
  z.unknown().transform((value, context): T => {
    const digits = digitsOf(value)
    const result = digits === undefined ? undefined : read(digits)
    if (result !== undefined) return result
    context.addIssue({ code: 'custom', message: `got ${shown(value)}, want ${want}` })
    return z.NEVER
  })

const wholeOf = (digits: string): bigint | undefined => {
  const whole = parseScaled(digits, 0)
  return whole !== undefined && whole >= 0n && whole <= QUANTITY_MAX ? whole : undefined
}

/** A whole quantity ≥ 0. */
export const count = numberField('a whole number, 0 or more', wholeOf)

/** A quantity that need not be whole (hours of storage); only whole ones can be compared. */
export const looseCount = numberField('a number', (digits) => {
  const whole = parseScaled(digits, 0)
  if (whole !== undefined) return whole
  return parseScaled(digits, 120) === undefined ? undefined : null
})

const money = (shift: number, unit: string) =>
  numberField(`an amount in ${unit}, at most ${30 + shift} decimals`, (digits): QuectoUsd | undefined =>
    parseQuecto(digits, shift),
  )
export const dollars = money(0, 'dollars')
export const cents = money(-2, 'cents')

const DAY_SECONDS = 86_400
const SECONDS_MAX = 4_294_967_295n

/** Unix seconds. */
export const unixSeconds = numberField('Unix seconds', (digits) => {
  const whole = wholeOf(digits)
  return whole !== undefined && whole <= SECONDS_MAX ? Number(whole) : undefined
})

/** RFC 3339 with a zone, or a date, which means 00:00 UTC; to Unix seconds. */
export const isoInstant = z.string().transform((text, context): number => {
  const milliseconds = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  if (Number.isFinite(milliseconds)) return milliseconds / 1000
  context.addIssue({ code: 'custom', message: `got ${shown(text)}, want a date or an RFC 3339 instant with a zone` })
  return z.NEVER
})

export const usd = z.string().refine((code) => code.toLowerCase() === 'usd', {
  error: ({ input }) => `got currency ${shown(input)}, want USD: amounts are never converted`,
})

/** Text or nothing; an empty CSV cell is nothing. */
export const label = z
  .string()
  .nullish()
  .transform((text) => (text === undefined || text === '' ? null : text))

export const flag = z
  .union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })])
  .nullish()
  .transform((value) => value ?? null)

/** A key that is known and of no interest here. */
export const ignored = z.unknown().optional()

export const optionalCount = count.nullish().transform((value) => value ?? null)

const pathText = (base: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, base)

const objectAt = (value: unknown, path: readonly PropertyKey[]): Record<string, unknown> => {
  let current = value
  for (const key of path) current = (current as Record<PropertyKey, unknown>)[key]
  return current as Record<string, unknown>
}

/**
 * Reads one known object. Unknown keys are dropped and noted; everything else that is wrong becomes a problem with its
 * path, and the result is `undefined`. `what` names the object in notes. Takes unknown keys out of `value` itself.
 */
export const readRecord = <T>(
  schema: z.ZodType<T>,
  value: unknown,
  { place, what, findings }: { readonly place: ExportPlace; readonly what: string; readonly findings: Findings },
): T | undefined => {
  const first = schema.safeParse(value)
  if (first.success) return first.data
  for (const issue of first.error.issues) {
    if (issue.code !== 'unrecognized_keys') continue
    const holder = objectAt(value, issue.path)
    for (const key of issue.keys) {
      delete holder[key]
      findings.note(place.file, `unknown key "${key}" of ${what} ignored`)
    }
  }
  const second = schema.safeParse(value)
  if (second.success) return second.data
  for (const issue of second.error.issues) {
    findings.problem({ file: place.file, path: pathText(place.path, issue.path) }, issue.message)
  }
  return undefined
}

/** The UTC day of a bucket; a bucket that reaches over midnight belongs to no day and is a problem. */
export const dayOfBucket = (
  bucket: { readonly from: number; readonly to: number | null },
  place: ExportPlace,
  findings: Findings,
): string | undefined => {
  const dayStart = Math.floor(bucket.from / DAY_SECONDS) * DAY_SECONDS
  if (bucket.to !== null && (bucket.to <= bucket.from || bucket.to > dayStart + DAY_SECONDS)) {
    findings.problem(place, 'a bucket that is not inside one UTC day', 'export with bucket_width=1d, 1h or 1m')
    return undefined
  }
  return new Date(dayStart * 1000).toISOString().slice(0, 10)
}
