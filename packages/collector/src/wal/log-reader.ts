/**
 * Reads durable records. Bodies are checked when they are read: a record whose checksum no longer fits is skipped, its
 * segment copied to quarantine, and its lsn listed as lost. Nothing above the durable end is ever looked at.
 */
import { errorCodeOf, type WalFile, type WalFileSystem } from './file-system.ts'
import type { Quarantine } from './quarantine.ts'
import { RECORD_TYPE_TRACE } from './record-codec.ts'
import { SEGMENT_HEADER_BYTES } from './segment-header.ts'
import { SegmentWalker } from './segment-walker.ts'
import {
  type Hole,
  type IndexPoint,
  type LossRecord,
  noteHole,
  type Segment,
  type SegmentList,
  startingPoint,
} from './segments.ts'
import type { ReadOptions, ScanStart, WalRecord, WalRecordHeader } from './types.ts'

export interface LogReaderSettings {
  readonly fileSystem: WalFileSystem
  readonly directory: string
  readonly segments: SegmentList
  readonly losses: LossRecord
  readonly quarantine: Quarantine
}

interface Batch {
  readonly records: WalRecord[]
  bytes: number
  /** No further record may join. */
  closed: boolean
}

const copyOf = (header: Omit<WalRecordHeader, 'walUuid'>, walUuid: string): WalRecordHeader => ({
  walUuid,
  lsn: header.lsn,
  receivedUnixNano: header.receivedUnixNano,
  flags: header.flags,
  spanCount: header.spanCount,
  bodyHash: header.bodyHash,
  meta: header.meta,
})

export class LogReader {
  readonly #settings: LogReaderSettings

  constructor(settings: LogReaderSettings) {
    this.#settings = settings
  }

  async read(fromLsn: bigint, options: ReadOptions): Promise<WalRecord[]> {
    const batch: Batch = { records: [], bytes: 0, closed: false }
    for (const segment of this.#settings.segments.from(fromLsn)) {
      await this.#withFile(segment, (file) => this.#readSegment(file, segment, fromLsn, { batch, options }))
      if (batch.closed) break
    }
    return batch.records
  }

  async scanHeaders(from: ScanStart, visit: (header: WalRecordHeader) => void): Promise<void> {
    const { lsn: fromLsn = 0n, receivedUnixNano: since = 0n } = from
    for (const segment of this.#settings.segments.from(fromLsn)) {
      if (segment.lastLsn < segment.firstLsn || segment.lastReceivedUnixNano < since) continue
      await this.#withFile(segment, async (file) => {
        const walker = this.#walker(file, segment, this.#startOf(segment, fromLsn), false)
        for (let step = await walker.next(); step !== undefined; step = await walker.next()) {
          if (step.kind === 'hole') continue
          const { lsn, receivedUnixNano, type } = step.header
          if (lsn < fromLsn || receivedUnixNano < since || type !== RECORD_TYPE_TRACE) continue
          visit(copyOf(step.header, segment.uuid))
        }
      })
    }
  }

  #startOf(segment: Segment, lsn: bigint): IndexPoint {
    return startingPoint(segment, lsn) ?? { lsn: segment.firstLsn, offset: SEGMENT_HEADER_BYTES }
  }

  #walker(file: WalFile, segment: Segment, start: IndexPoint, verify: boolean): SegmentWalker {
    return new SegmentWalker(file, {
      startOffset: start.offset,
      endOffset: segment.bytes,
      expectedLsn: start.lsn,
      lsnMax: segment.lastLsn,
      verify,
      holes: segment.holes,
    })
  }

  async #readSegment(
    file: WalFile,
    segment: Segment,
    fromLsn: bigint,
    { batch, options }: { batch: Batch; options: ReadOptions },
  ): Promise<void> {
    const start = this.#startOf(segment, fromLsn)
    const walker = this.#walker(file, segment, start, true)
    let expectedLsn = start.lsn
    for (let step = await walker.next(); step !== undefined && !batch.closed; step = await walker.next()) {
      if (step.kind === 'hole') {
        await this.#noteDamage(segment, expectedLsn, step)
        expectedLsn = step.nextLsn ?? segment.lastLsn + 1n
        continue
      }
      const { header, body } = step
      expectedLsn = header.lsn + 1n
      if (header.lsn < fromLsn || header.type !== RECORD_TYPE_TRACE || body === undefined) continue
      const previous = batch.records.at(-1)
      const follows = previous === undefined || (previous.lsn + 1n === header.lsn && previous.walUuid === segment.uuid)
      const fits = batch.records.length < options.recordsMax && batch.bytes + body.length <= options.bytesMax
      if (!follows || (previous !== undefined && !fits)) {
        batch.closed = true
        return
      }
      batch.records.push({ ...copyOf(header, segment.uuid), body })
      batch.bytes += body.length
      batch.closed = batch.records.length >= options.recordsMax
    }
  }

  async #noteDamage(segment: Segment, expectedLsn: bigint, hole: Hole): Promise<void> {
    const { losses, quarantine, fileSystem, directory } = this.#settings
    noteHole(segment, hole)
    losses.add(expectedLsn, (hole.nextLsn ?? segment.lastLsn + 1n) - 1n)
    await quarantine.putOnce(segment.name, () => fileSystem.readFile(`${directory}/${segment.name}`), {
      reason: 'segment_corrupt',
      startOffset: hole.startOffset,
      endOffset: hole.endOffset,
    })
  }

  /** A segment that was deleted meanwhile holds nothing that anybody still needs. */
  async #withFile(segment: Segment, use: (file: WalFile) => Promise<void>): Promise<void> {
    let file: WalFile
    try {
      file = await this.#settings.fileSystem.open(`${this.#settings.directory}/${segment.name}`, 'r')
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return
      throw error
    }
    try {
      await use(file)
    } finally {
      await file.close()
    }
  }
}
