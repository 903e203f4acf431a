/**
 * Walks the records of one segment in order and steps over damage.
 *
 * Within a segment lsns are consecutive, so a header is believed only if it carries the expected lsn and fits the file.
 * `verify` checks every checksum; without it a checksum is checked only where the next header looks wrong, because then
 * the length of the record before it may be the damaged field. Behind damage the walk goes on at the next record whose
 * checksum fits.
 */
import type { WalFile } from './file-system.ts'
import { checksumFits, type ParsedHeader, parseHeader, probeHeader, RECORD_HEADER_BYTES } from './record-codec.ts'
import type { Hole } from './segments.ts'

const WINDOW_BYTES = 256 * 1024
/** A crafted body may hold many false headers: the search for the next record gives up after so many checksum bytes. */
const SEARCH_CHECKSUM_BYTES_MAX = 1024 * 1024 * 1024

/** Buffered access to `[0, end)` of a file. */
class ByteWindow {
  readonly #file: WalFile
  readonly #end: number
  #start = 0
  #bytes: Buffer = Buffer.alloc(0)

  constructor(file: WalFile, end: number) {
    this.#file = file
    this.#end = end
  }

  /** Exactly `length` bytes, or undefined past the end. */
  async at(offset: number, length: number): Promise<Buffer | undefined> {
    if (offset + length > this.#end) return undefined
    const from = offset - this.#start
    if (from >= 0 && from + length <= this.#bytes.length) return this.#bytes.subarray(from, from + length)
    const wanted = Math.min(Math.max(length, WINDOW_BYTES), this.#end - offset)
    this.#bytes = await this.#file.readAt(offset, wanted)
    this.#start = offset
    return this.#bytes.length < length ? undefined : this.#bytes.subarray(0, length)
  }
}

export interface WalkedRecord {
  readonly kind: 'record'
  readonly offset: number
  readonly header: ParsedHeader
  /** Only when verifying. */
  readonly body: Buffer | undefined
}

export type WalkStep = WalkedRecord | ({ readonly kind: 'hole' } & Hole)

export interface WalkRange {
  readonly startOffset: number
  readonly endOffset: number
  readonly expectedLsn: bigint
  /** No record of this segment can have a higher lsn. */
  readonly lsnMax: bigint
  readonly verify: boolean
  readonly holes?: readonly Hole[]
}

export class SegmentWalker {
  readonly #file: WalFile
  readonly #range: WalkRange
  readonly #window: ByteWindow
  #offset: number
  #expectedLsn: bigint

  constructor(file: WalFile, range: WalkRange) {
    this.#file = file
    this.#range = range
    this.#window = new ByteWindow(file, range.endOffset)
    this.#offset = range.startOffset
    this.#expectedLsn = range.expectedLsn
  }

  /** Undefined at the end of the segment. */
  async next(): Promise<WalkStep | undefined> {
    const known = this.#range.holes?.find(({ startOffset }) => startOffset === this.#offset)
    if (known !== undefined) return this.#enterHole(known)
    if (this.#offset >= this.#range.endOffset) return undefined
    const record = await this.#recordHere()
    if (record === undefined) return this.#enterHole(await this.#findHoleEnd())
    this.#offset += record.header.bytes
    this.#expectedLsn += 1n
    return record
  }

  async #recordHere(): Promise<WalkedRecord | undefined> {
    const offset = this.#offset
    const header = await this.#headerAt(offset, this.#expectedLsn)
    if (header === undefined) return undefined
    if (!this.#range.verify && (await this.#endsWell(offset + header.bytes))) {
      return { kind: 'record', offset, header, body: undefined }
    }
    const whole = await this.#window.at(offset, header.bytes)
    if (whole === undefined || !checksumFits(whole)) return undefined
    return { kind: 'record', offset, header, body: whole.subarray(header.bodyOffset) }
  }

  async #endsWell(offset: number): Promise<boolean> {
    if (offset === this.#range.endOffset) return true
    return (await this.#headerAt(offset, this.#expectedLsn + 1n)) !== undefined
  }

  async #headerAt(offset: number, lsn: bigint): Promise<ParsedHeader | undefined> {
    const fixed = await this.#window.at(offset, RECORD_HEADER_BYTES)
    const probe = fixed && probeHeader(fixed, 0)
    if (probe === undefined || probe.lsn !== lsn || offset + probe.bytes > this.#range.endOffset) return undefined
    const full = await this.#window.at(offset, RECORD_HEADER_BYTES + probe.metaBytes)
    return full && parseHeader(full, 0)
  }

  #enterHole(hole: Hole): WalkStep {
    this.#offset = hole.endOffset
    this.#expectedLsn = hole.nextLsn ?? this.#range.lsnMax + 1n
    return { kind: 'hole', ...hole }
  }

  async #findHoleEnd(): Promise<Hole> {
    const startOffset = this.#offset
    const { endOffset, lsnMax } = this.#range
    const rest = await this.#file.readAt(startOffset, endOffset - startOffset)
    let budget = SEARCH_CHECKSUM_BYTES_MAX
    for (let at = 1; at + RECORD_HEADER_BYTES <= rest.length && budget > 0; at += 1) {
      const probe = probeHeader(rest, at)
      if (probe === undefined || probe.lsn < this.#expectedLsn || probe.lsn > lsnMax) continue
      // No more records can be lost than fitted into the bytes between.
      if (probe.lsn - this.#expectedLsn > at / RECORD_HEADER_BYTES + 1) continue
      if (at + probe.bytes > rest.length) continue
      budget -= probe.bytes
      if (!checksumFits(rest.subarray(at, at + probe.bytes))) continue
      return { startOffset, endOffset: startOffset + at, nextLsn: probe.lsn }
    }
    return { startOffset, endOffset, nextLsn: undefined }
  }
}
