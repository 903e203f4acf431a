/** Half-open business time [from, to) in unix seconds, and the cuts that the compiler makes of it. */
import { SLOT_SECONDS } from '@outlay/core'

export interface Interval {
  readonly from: number
  readonly to: number
}

/** "No end": 2105-12-31T00:00:00Z, the last day that ClickHouse's DateTime holds. Unix seconds. */
export const OPEN_END = Date.UTC(2105, 11, 31) / 1000

export const WHOLE_TIME: Interval = { from: 0, to: OPEN_END }

export const isSlotStart = (atSeconds: number): boolean => atSeconds % SLOT_SECONDS === 0

/** The common part of both, or undefined where they do not meet. */
export const intersectionOf = (a: Interval, b: Interval): Interval | undefined => {
  const from = Math.max(a.from, b.from)
  const to = Math.min(a.to, b.to)
  return from < to ? { from, to } : undefined
}

/** What is left of `interval` after `taken` is cut out; `taken` must be sorted by `from`. */
export const subtractIntervals = (interval: Interval, taken: readonly Interval[]): Interval[] => {
  const left: Interval[] = []
  let from = interval.from
  for (const cut of taken) {
    if (cut.to <= from) continue
    if (cut.from >= interval.to) break
    if (cut.from > from) left.push({ from, to: cut.from })
    from = cut.to
  }
  if (from < interval.to) left.push({ from, to: interval.to })
  return left
}

/** Sorted, disjoint intervals that cover the same time; neighbours that touch become one. */
export const unionOf = (intervals: readonly Interval[]): Interval[] => {
  const union: Interval[] = []
  for (const { from, to } of intervals.toSorted((a, b) => a.from - b.from)) {
    const last = union.at(-1)
    if (last !== undefined && from <= last.to) union[union.length - 1] = { from: last.from, to: Math.max(last.to, to) }
    else union.push({ from, to })
  }
  return union
}

/** The one of sorted, disjoint intervals that holds the instant. */
export const intervalAt = <T extends { readonly validFrom: number; readonly validTo: number }>(
  sorted: readonly T[],
  atSeconds: number,
): T | undefined => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle]?.validTo ?? OPEN_END) <= atSeconds) low = middle + 1
    else high = middle
  }
  const found = sorted[low]
  return found !== undefined && found.validFrom <= atSeconds ? found : undefined
}
