/**
 * Walks the records of one segment in order and steps over damage.
 *
 * Within a segment lsns are consecutive, so a header is believed only if it carries the expected lsn and fits the file.
 * `verify` checks every checksum; without it a checksum is checked only where the next header looks wrong, because then
 * the length of the record before it may be the damaged field. Behind damage the walk goes on at the next record whose
 * checksum fits.
 */
import { ByteWindow, SCAN_WINDOW_BYTES } from './byte-window.ts'
import type { WalFile } from './file-system.ts'
import { checksumFits, type ParsedHeader, parseHeader, probeHeader, RECORD_HEADER_BYTES } from './record-codec.ts'
import { KnownMetas } from './record-meta.ts'
import type { Hole } from './segments.ts'

/** Bodies are handed out in the window that they were read in, which lives as long as one of them does. */
const BODY_WINDOW_BYTES = 256 * 1024
/** Behind the header of a record that is longer than this only the next header is of interest. */
const LONG_RECORD_BYTES = 256 * 1024
const HEADER_WINDOW_BYTES = 4 * 1024
/** Holds a header with the metas that are usual, so that it is looked at once. */
const HEADER_REACH_BYTES = RECORD_HEADER_BYTES + 128
/** A crafted body may hold many false headers: the search for the next record gives up after so many checksum bytes. */
const SEARCH_CHECKSUM_BYTES_MAX = 1024 * 1024 * 1024

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

/** What is known of the record at hand before all of it is. */
interface Sight {
  readonly header: ParsedHeader
  /** Of the record behind it, once it was looked at: undefined where that is none. */
  behind?: { readonly header: ParsedHeader | undefined }
}

export class SegmentWalker {
  readonly #file: WalFile
  readonly #range: WalkRange
  readonly #window: ByteWindow
  readonly #metas = new KnownMetas()
  #offset: number
  #expectedLsn: bigint
  /** Kept while bytes are brought, so that the window only ever moves on, and for the next record. */
  #sight: Sight | undefined

  constructor(file: WalFile, range: WalkRange) {
    this.#file = file
    this.#range = range
    this.#window = new ByteWindow(file, { end: range.endOffset, recycles: !range.verify })
    this.#offset = range.startOffset
    this.#expectedLsn = range.expectedLsn
  }

  /** Undefined at the end of the segment. */
  async next(): Promise<WalkStep | undefined> {
    const known = this.#range.holes?.find(({ startOffset }) => startOffset === this.#offset)
    if (known !== undefined) return this.#enterHole(known)
    if (this.#offset >= this.#range.endOffset) return undefined
    let record = this.#recordHere()
    while (this.#window.isWanting) {
      record = (await this.#window.fill(this.#reach)) ? this.#recordHere() : undefined
    }
    if (record === undefined) return this.#enterHole(await this.#findHoleEnd())
    this.#offset += record.header.bytes
    this.#expectedLsn += 1n
    const header = this.#sight?.behind?.header
    this.#sight = header && { header }
    return record
  }

  get #reach(): number {
    if (this.#range.verify) return BODY_WINDOW_BYTES
    return (this.#sight?.header.bytes ?? 0) > LONG_RECORD_BYTES ? HEADER_WINDOW_BYTES : SCAN_WINDOW_BYTES
  }

  /** Undefined where there is none, and where bytes are wanted. */
  #recordHere(): WalkedRecord | undefined {
    const offset = this.#offset
    const sight = this.#sightHere()
    if (sight === undefined) return undefined
    const { header } = sight
    if (!this.#range.verify) {
      const isGood = this.#endsWell(offset + header.bytes, sight)
      if (this.#window.isWanting) return undefined
      if (isGood) return { kind: 'record', offset, header, body: undefined }
    }
    const whole = this.#window.at(offset, header.bytes)
    if (whole === undefined || !checksumFits(whole)) return undefined
    return { kind: 'record', offset, header, body: whole.subarray(header.bodyOffset) }
  }

  #sightHere(): Sight | undefined {
    if (this.#sight !== undefined) return this.#sight
    const header = this.#headerAt(this.#offset, this.#expectedLsn)
    if (header !== undefined) this.#sight = { header }
    return this.#sight
  }

  #endsWell(offset: number, sight: Sight): boolean {
    if (offset === this.#range.endOffset) return true
    if (sight.behind === undefined) {
      const header = this.#headerAt(offset, this.#expectedLsn + 1n)
      if (this.#window.isWanting) return false
      sight.behind = { header }
    }
    return sight.behind.header !== undefined
  }

  #headerAt(offset: number, lsn: bigint): ParsedHeader | undefined {
    const { endOffset } = this.#range
    if (offset + RECORD_HEADER_BYTES > endOffset) return undefined
    const reached = this.#window.at(offset, Math.min(HEADER_REACH_BYTES, endOffset - offset))
    const probe = reached && probeHeader(reached, 0)
    if (reached === undefined || probe === undefined) return undefined
    if (probe.lsn !== lsn || offset + probe.bytes > endOffset) return undefined
    const headerBytes = RECORD_HEADER_BYTES + probe.metaBytes
    const whole = headerBytes <= reached.length ? reached : this.#window.at(offset, headerBytes)
    return whole && parseHeader(whole, probe, this.#metas)
  }

  #enterHole(hole: Hole): WalkStep {
    this.#offset = hole.endOffset
    this.#sight = undefined
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
