/** Times and filters: which calls a question is about. A call lies where its price slot starts. */
import { SLOT_SECONDS } from '@outlay/core'
import type { Asked, PricedCall } from './oracle-ledger.ts'

export const HOUR = 3_600
export const DAY = 86_400

export interface Span {
  /** Included. */
  readonly from: number
  /** Excluded. */
  readonly to: number
}

const floorTo = (seconds: number, width: number): number => Math.floor(seconds / width) * width

export const dayOf = (seconds: number): number => floorTo(seconds, DAY)
export const hourOf = (seconds: number): number => floorTo(seconds, HOUR)

/** The window of a question: its start is rounded down to the slot. */
export const windowOf = ({ from_time, to_time }: Asked): Span => ({
  from: floorTo(from_time, SLOT_SECONDS),
  to: to_time,
})

export const daysBefore = (end: number, days: number, gap = 0): Span => ({
  from: end - (days + gap) * DAY,
  to: end - gap * DAY,
})

/** Start of the bucket: steps are counted from the epoch and are at least a slot wide. */
export const bucketOf = (slot: number, step: number): number => floorTo(slot, Math.max(step, SLOT_SECONDS))

export const isWithin = (slot: number, { from, to }: Span): boolean => from <= slot && slot < to

export const within = <Call extends { readonly slot: number }>(calls: readonly Call[], span: Span): readonly Call[] =>
  calls.filter(({ slot }) => isWithin(slot, span))

export interface Month extends Span {
  /** Where the whole month ends. `to` is where it is cut. */
  readonly end: number
  /** Part of the month that has passed. */
  readonly passed: number
}

const monthAround = (seconds: number, shift = 0): Span => {
  const date = new Date(seconds * 1_000)
  const first = (offset: number): number =>
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + shift + offset, 1) / 1_000
  return { from: first(0), to: first(1) }
}

/** The month that holds the moment before `asOf`, cut there. */
export const monthOf = (asOf: number): Month => {
  const { from, to } = monthAround(asOf - 1)
  return { from, to: asOf, end: to, passed: (asOf - from) / (to - from) }
}

/** The whole month before that of `asOf`. */
export const monthBefore = (asOf: number): Month => {
  const { from, to } = monthAround(asOf - 1, -1)
  return { from, to, end: to, passed: 1 }
}

/** Every month that the window touches, whole at its start and cut at the end of the window. */
export const monthsOf = ({ from, to }: Span): readonly Month[] => {
  const months: Month[] = []
  for (let start = monthAround(from).from; start < to; ) {
    const { to: end } = monthAround(start)
    const cut = Math.min(end, to)
    months.push({ from: start, to: cut, end, passed: (cut - start) / (end - start) })
    start = end
  }
  return months
}

export const isoDay = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(0, 10)
/** Days since the epoch, as date columns have them. */
export const isoDayOfDate = (days: number): string => isoDay(days * DAY)

const admits = (filter: readonly string[], value: string): boolean => filter.includes('*') || filter.includes(value)

type Filter = 'tenants' | 'features' | 'tiers' | 'workloads' | 'models' | 'environments'
const COLUMN_OF = {
  tenants: 'tenant',
  features: 'feature',
  tiers: 'tier',
  workloads: 'workload',
  models: 'price_model',
  environments: 'environment',
} as const satisfies Record<Filter, keyof PricedCall['row']>

/** The calls that all filters of the question admit. A view without a filter is asked with `*` for it. */
export const admitted = (calls: readonly PricedCall[], asked: Asked): readonly PricedCall[] =>
  calls.filter(({ row }) =>
    (Object.keys(COLUMN_OF) as Filter[]).every((filter) => admits(asked[filter], row[COLUMN_OF[filter]])),
  )

export const admitsTenant = (asked: Asked, tenant: string): boolean => admits(asked.tenants, tenant)
export const admitsTier = (asked: Asked, tier: string): boolean => admits(asked.tiers, tier)
