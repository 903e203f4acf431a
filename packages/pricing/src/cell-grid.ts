/**
 * The cells of one model while it is compiled: (tier, region, band, meter) → segments of time.
 * Segments of one key never overlap; a blocked segment ("not listed") counts as taken.
 */
import type { Meter } from '@outlay/core'
import { type Interval, subtractIntervals } from '#src/interval.ts'
import type { Grade } from '#src/price-row.ts'
import type { Place } from '#src/problem.ts'

export interface CellKey {
  readonly tier: string
  readonly region: string
  readonly band: number
  readonly meter: Meter
}

export interface Cell {
  /** Nano-units of the currency for `per` units; null = the provider lists no price, and nothing may fill it. */
  readonly price: bigint | null
  readonly per: number
  readonly currency: string
  readonly source: string
  readonly grade: Grade
  readonly note: string
  readonly derivedFrom: string
  readonly place: Place
}

export interface Segment extends Interval {
  /** Thresholds of the sheet during this segment. */
  readonly gt: readonly number[]
  readonly cell: Cell
}

export interface CellGrid {
  segmentsOf(key: CellKey): readonly Segment[]
  /** All keys that hold something, as they are now. */
  keys(): readonly CellKey[]
  /** Takes the segment as it is and returns the one that it overlaps, if any. */
  put(key: CellKey, segment: Segment): Segment | undefined
  /** Takes only what falls on empty time. `cellOf` is asked once per segment that has such time. */
  fillWhereEmpty(key: CellKey, segments: readonly Segment[], cellOf: (cell: Cell) => Cell | undefined): void
}

export const createCellGrid = (): CellGrid => {
  const entries = new Map<string, { readonly key: CellKey; segments: Segment[] }>()
  const entryOf = (key: CellKey) => {
    const id = [key.tier, key.region, key.band, key.meter].join('\u0000')
    const entry = entries.get(id) ?? { key, segments: [] }
    entries.set(id, entry)
    return entry
  }
  const insert = (key: CellKey, added: readonly Segment[]): void => {
    if (added.length === 0) return
    const entry = entryOf(key)
    entry.segments = [...entry.segments, ...added].toSorted((a, b) => a.from - b.from)
  }
  const segmentsOf = (key: CellKey): readonly Segment[] => entryOf(key).segments

  return {
    segmentsOf,
    keys: () => [...entries.values()].filter(({ segments }) => segments.length > 0).map(({ key }) => key),
    put(key, segment) {
      const taken = segmentsOf(key).find((other) => other.from < segment.to && segment.from < other.to)
      if (taken === undefined) insert(key, [segment])
      return taken
    },
    fillWhereEmpty(key, segments, cellOf) {
      const added = segments.flatMap((segment) => {
        const empty = subtractIntervals(segment, segmentsOf(key))
        const cell = empty.length === 0 ? undefined : cellOf(segment.cell)
        return cell === undefined ? [] : empty.map((interval) => ({ ...interval, gt: segment.gt, cell }))
      })
      insert(key, added)
    },
  }
}
