/** The retained segments in lsn order, and what is known about each without opening it. */
import type { LostRange } from './types.ts'

export interface IndexPoint {
  readonly lsn: bigint
  readonly offset: number
}

/** Bytes of a segment that hold no readable record; walks jump over them. */
export interface Hole {
  readonly startOffset: number
  readonly endOffset: number
  /** Lsn of the first record behind the hole; undefined if none follows. */
  readonly nextLsn: bigint | undefined
}

export interface Segment {
  readonly name: string
  readonly uuid: string
  readonly firstLsn: bigint
  /** `firstLsn - 1` while empty. */
  lastLsn: bigint
  /** End of the last durable record: nothing behind it is ever read. */
  bytes: number
  lastReceivedUnixNano: bigint
  /** Sparse: about one point per `INDEX_STRIDE_BYTES`. */
  readonly index: IndexPoint[]
  readonly holes: Hole[]
  /** When all consumers were first seen behind it, in milliseconds. */
  passedAtMs?: number
}

const INDEX_STRIDE_BYTES = 256 * 1024

export const notePosition = (segment: Segment, lsn: bigint, offset: number): void => {
  const last = segment.index.at(-1)
  if (last === undefined || offset - last.offset >= INDEX_STRIDE_BYTES) segment.index.push({ lsn, offset })
}

export const noteHole = (segment: Segment, hole: Hole): void => {
  if (segment.holes.some((known) => known.startOffset === hole.startOffset)) return
  segment.holes.push(hole)
}

/** Where to start walking so as not to miss `lsn`. */
export const startingPoint = (segment: Segment, lsn: bigint): IndexPoint | undefined => {
  let low = 0
  let high = segment.index.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if ((segment.index[middle]?.lsn ?? 0n) <= lsn) low = middle
    else high = middle - 1
  }
  return segment.index[low]
}

export class SegmentList {
  readonly #segments: Segment[] = []

  get all(): readonly Segment[] {
    return this.#segments
  }

  get last(): Segment | undefined {
    return this.#segments.at(-1)
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0)
  }

  add(segment: Segment): void {
    // An empty segment of the previous run is replaced by a file of the same name.
    if (this.last?.name === segment.name) this.#segments.pop()
    this.#segments.push(segment)
  }

  remove(segment: Segment): void {
    const at = this.#segments.indexOf(segment)
    if (at >= 0) this.#segments.splice(at, 1)
  }

  /** What lies behind a record, to about one stride. */
  bytesAfter(lsn: bigint): number {
    return this.#segments.reduce((sum, segment) => {
      if (segment.lastLsn <= lsn) return sum
      const start = segment.firstLsn > lsn ? 0 : (startingPoint(segment, lsn + 1n)?.offset ?? 0)
      return sum + segment.bytes - start
    }, 0)
  }

  /** The lowest record behind which no more than some bytes lie, to about one stride. */
  lsnLeaving(bytes: number): bigint {
    let room = bytes
    for (const segment of this.#segments.toReversed()) {
      if (segment.bytes > room) {
        const point = segment.index.find(({ offset }) => segment.bytes - offset <= room)
        return point === undefined ? segment.lastLsn : point.lsn - 1n
      }
      room -= segment.bytes
    }
    return (this.#segments[0]?.firstLsn ?? 1n) - 1n
  }

  /** Segments that may hold records at or above `lsn`, in order. */
  from(lsn: bigint): readonly Segment[] {
    const first = this.#segments.findIndex((segment) => segment.lastLsn >= lsn)
    return first < 0 ? [] : this.#segments.slice(first)
  }
}

/** Every loss once, whoever notices it first. */
export class LossRecord {
  readonly #ranges: LostRange[] = []

  get ranges(): readonly LostRange[] {
    return this.#ranges
  }

  get records(): bigint {
    return this.#ranges.reduce((sum, { firstLsn, lastLsn }) => sum + lastLsn - firstLsn + 1n, 0n)
  }

  add(firstLsn: bigint, lastLsn: bigint): void {
    if (lastLsn < firstLsn) return
    if (this.#ranges.some((known) => known.firstLsn <= firstLsn && known.lastLsn >= lastLsn)) return
    this.#ranges.push({ firstLsn, lastLsn })
  }
}
