/**
 * What happens before the log serves: walk all segments, cut the torn tail of the last one, step over damage in the
 * others, count what is lost. Recovery never refuses to start and never deletes evidence: damaged segments are copied to
 * quarantine first.
 */
import { OutlayError } from '@outlay/core'
import { isOutOfSpace, type WalFileSystem } from './file-system.ts'
import type { Quarantine } from './quarantine.ts'
import { probeHeader, RECORD_HEADER_BYTES } from './record-codec.ts'
import {
  firstLsnOfName,
  parseSegmentHeader,
  SEGMENT_FORMAT,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
} from './segment-header.ts'
import { SegmentWalker } from './segment-walker.ts'
import { LossRecord, noteHole, notePosition, type Segment, SegmentList } from './segments.ts'

export interface FoundSegment {
  readonly name: string
  readonly firstLsn: bigint
  readonly sizeBytes: number
  /** Undefined if the 64 bytes are not intact. */
  readonly header: SegmentHeader | undefined
}

export interface RecoveredLog {
  readonly segments: SegmentList
  readonly losses: LossRecord
  readonly records: number
  readonly truncatedBytes: number
  readonly corruptSegments: readonly string[]
  readonly lastLsn: bigint
  readonly lastReceivedUnixNano: bigint
}

/** Segments by name, with their headers. Fails with E_WAL_FORMAT if a newer version wrote one. */
export const findSegments = async (fileSystem: WalFileSystem, directory: string): Promise<FoundSegment[]> => {
  const found: FoundSegment[] = []
  for (const name of await fileSystem.list(directory)) {
    const firstLsn = firstLsnOfName(name)
    if (firstLsn === undefined) continue
    const file = await fileSystem.open(`${directory}/${name}`, 'r')
    try {
      const header = parseSegmentHeader(await file.readAt(0, SEGMENT_HEADER_BYTES))
      if (header !== undefined && header.format > SEGMENT_FORMAT) {
        throw new OutlayError('E_WAL_FORMAT', 'the log was written by a newer version', {
          where: name,
          got: `format ${header.format}`,
          want: `format ≤ ${SEGMENT_FORMAT}`,
          fix: 'Start the version that wrote it, or a newer one.',
        })
      }
      found.push({ name, firstLsn, sizeBytes: await file.size(), header })
    } finally {
      await file.close()
    }
  }
  return found.sort((a, b) => (a.firstLsn < b.firstLsn ? -1 : 1))
}

export interface RecoverySettings {
  readonly fileSystem: WalFileSystem
  readonly directory: string
  readonly quarantine: Quarantine
  readonly found: readonly FoundSegment[]
  /** Stands in where a segment header is unreadable. */
  readonly uuid: string
}

/** More records than minimal ones fill the file cannot be in it. */
const highestPossibleLsn = ({ firstLsn, sizeBytes }: FoundSegment): bigint =>
  firstLsn + BigInt(Math.ceil(sizeBytes / RECORD_HEADER_BYTES))

interface WalkedSegment {
  readonly segment: Segment
  readonly records: number
  readonly damaged: boolean
}

class Recovery {
  readonly segments = new SegmentList()
  readonly losses = new LossRecord()
  readonly corruptSegments: string[] = []
  records = 0
  truncatedBytes = 0
  lastLsn = 0n
  lastReceivedUnixNano = 0n
  readonly #settings: RecoverySettings

  constructor(settings: RecoverySettings) {
    this.#settings = settings
  }

  async run(): Promise<void> {
    const { found } = this.#settings
    for (const [index, entry] of found.entries()) {
      const previous = this.segments.last
      if (previous !== undefined && entry.firstLsn <= previous.lastLsn) {
        await this.#setAside(entry)
        continue
      }
      if (previous !== undefined) this.losses.add(previous.lastLsn + 1n, entry.firstLsn - 1n)
      const next = found[index + 1]
      const walked = await this.#walk(entry, next && next.firstLsn - 1n)
      this.records += walked.records
      this.segments.add(walked.segment)
      if (walked.damaged || entry.header === undefined) await this.#keepDamaged(entry.name)
      if (walked.segment.lastLsn > this.lastLsn) this.lastLsn = walked.segment.lastLsn
      if (walked.segment.lastReceivedUnixNano > this.lastReceivedUnixNano) {
        this.lastReceivedUnixNano = walked.segment.lastReceivedUnixNano
      }
    }
  }

  /** `lastLsn` is known for every segment but the last, from the name of the one behind it. */
  async #walk(entry: FoundSegment, lastLsn: bigint | undefined): Promise<WalkedSegment> {
    const { fileSystem, directory, uuid } = this.#settings
    const segment: Segment = {
      name: entry.name,
      uuid: entry.header?.uuid ?? uuid,
      firstLsn: entry.firstLsn,
      lastLsn: entry.firstLsn - 1n,
      bytes: Math.min(entry.sizeBytes, SEGMENT_HEADER_BYTES),
      lastReceivedUnixNano: 0n,
      index: [],
      holes: [],
    }
    const isLast = lastLsn === undefined
    const file = await fileSystem.open(`${directory}/${entry.name}`, isLast ? 'r+' : 'r')
    try {
      const walker = new SegmentWalker(file, {
        startOffset: SEGMENT_HEADER_BYTES,
        endOffset: entry.sizeBytes,
        expectedLsn: entry.firstLsn,
        lsnMax: lastLsn ?? highestPossibleLsn(entry),
        verify: isLast,
      })
      const { records, holes } = await this.#collect(walker, segment)
      if (isLast && entry.sizeBytes > segment.bytes) {
        const tail = await file.readAt(segment.bytes, entry.sizeBytes - segment.bytes)
        await this.#keepWholeTail(entry.name, tail)
        await file.truncate(segment.bytes)
        await file.sync()
        this.truncatedBytes += tail.length
      }
      const damaged = segment.holes.length > 0 || (!isLast && holes > 0)
      return { segment, records, damaged }
    } finally {
      await file.close()
    }
  }

  async #collect(walker: SegmentWalker, segment: Segment): Promise<{ records: number; holes: number }> {
    let records = 0
    let holes = 0
    for (let step = await walker.next(); step !== undefined; step = await walker.next()) {
      if (step.kind === 'hole') {
        holes += 1
        // Without a record behind it, it is a torn tail or the end of a damaged segment: the caller knows which.
        if (step.nextLsn === undefined) continue
        noteHole(segment, step)
        this.losses.add(segment.lastLsn + 1n, step.nextLsn - 1n)
        continue
      }
      const { header, offset } = step
      notePosition(segment, header.lsn, offset)
      segment.lastLsn = header.lsn
      segment.bytes = offset + header.bytes
      if (header.receivedUnixNano > segment.lastReceivedUnixNano) segment.lastReceivedUnixNano = header.receivedUnixNano
      records += 1
    }
    return { records, holes }
  }

  /** A kill leaves a record cut short; one that is all there but does not fit its checksum may have been acked. */
  async #keepWholeTail(name: string, tail: Buffer): Promise<void> {
    const probe = probeHeader(tail, 0)
    if (tail.length < RECORD_HEADER_BYTES || probe === undefined || probe.bytes > tail.length) return
    await this.#keep(`${name}.tail`, tail, 'record_corrupt_at_end')
    this.corruptSegments.push(name)
  }

  async #keepDamaged(name: string): Promise<void> {
    const { fileSystem, directory, quarantine } = this.#settings
    this.corruptSegments.push(name)
    try {
      await quarantine.putOnce(name, () => fileSystem.readFile(`${directory}/${name}`), { reason: 'segment_corrupt' })
    } catch (error) {
      // The damaged segment itself stays where it is.
      if (!isOutOfSpace(error)) throw error
    }
  }

  async #keep(name: string, content: Buffer, reason: string): Promise<void> {
    try {
      await this.#settings.quarantine.put(name, content, { reason })
    } catch (error) {
      if (!isOutOfSpace(error)) throw error
    }
  }

  /** Two files claim the same lsns: somebody mixed directories. The later name is moved away, content untouched. */
  async #setAside(entry: FoundSegment): Promise<void> {
    const { fileSystem, directory } = this.#settings
    this.corruptSegments.push(entry.name)
    await fileSystem.rename(`${directory}/${entry.name}`, `${directory}/quarantine/${entry.name}`)
    await fileSystem.syncDirectory(`${directory}/quarantine`)
    await fileSystem.syncDirectory(directory)
    // Its lsns may be known to the database: they are not given out again.
    const claimed = highestPossibleLsn(entry)
    if (claimed > this.lastLsn) this.lastLsn = claimed
  }
}

export const recoverLog = async (settings: RecoverySettings): Promise<RecoveredLog> => {
  const recovery = new Recovery(settings)
  await recovery.run()
  return recovery
}
