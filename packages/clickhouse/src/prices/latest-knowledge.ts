import type { PriceRow } from '@outlay/pricing'

/** A price row with when it was recorded. */
export interface RecordedPriceRow {
  readonly row: PriceRow
  readonly revision: number
  readonly recordedAtMs: number
}

const keyOf = ({ card, provider, model, region, tier, band, meter }: PriceRow): string =>
  [card, provider, model, region, tier, band, meter].join('\u0000')

/**
 * Where visible rows of one key overlap in business time, the one recorded last holds: inserting one dated row is enough
 * to change a price from that date on, and nothing has to be edited. Returns rows that do not overlap.
 */
export const latestKnowledge = (recorded: readonly RecordedPriceRow[]): readonly PriceRow[] => {
  const byKey = new Map<string, RecordedPriceRow[]>()
  for (const entry of recorded) {
    const key = keyOf(entry.row)
    const entries = byKey.get(key)
    if (entries) entries.push(entry)
    else byKey.set(key, [entry])
  }
  return [...byKey.values()].flatMap((entries) =>
    entries.length === 1 ? entries.map(({ row }) => row) : layer(entries),
  )
}

/** Calendars give one key thousands of windows that touch and never overlap: the usual case costs one sort. */
const layer = (entries: readonly RecordedPriceRow[]): readonly PriceRow[] => {
  const inTime = entries.map(({ row }) => row).toSorted((a, b) => a.validFrom - b.validFrom)
  const overlaps = inTime.some((row, index) => row.validTo > (inTime[index + 1]?.validFrom ?? row.validTo))
  return overlaps ? layerByKnowledge(entries) : inTime
}

const layerByKnowledge = (entries: readonly RecordedPriceRow[]): readonly PriceRow[] => {
  const newestFirst = entries.toSorted(
    (a, b) =>
      b.revision - a.revision ||
      b.recordedAtMs - a.recordedAtMs ||
      (a.row.rowId < b.row.rowId ? 1 : a.row.rowId > b.row.rowId ? -1 : 0),
  )
  const kept: PriceRow[] = []
  for (const { row } of newestFirst) kept.push(...uncovered(row, kept))
  return kept.toSorted((a, b) => a.validFrom - b.validFrom)
}

/** The parts of a row's window that no newer row covers. */
const uncovered = (row: PriceRow, newer: readonly PriceRow[]): readonly PriceRow[] => {
  let parts = [{ from: row.validFrom, to: row.validTo }]
  for (const { validFrom, validTo } of newer) {
    parts = parts.flatMap(({ from, to }) => [
      ...(from < validFrom ? [{ from, to: Math.min(to, validFrom) }] : []),
      ...(validTo < to ? [{ from: Math.max(from, validTo), to }] : []),
    ])
  }
  return parts.map(({ from, to }) => ({ ...row, validFrom: from, validTo: to }))
}
