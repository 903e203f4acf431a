/**
 * One record of the log, little-endian:
 * `length u32 | crc32 u32 | lsn u64 | received_ns u64 | type u16 | flags u16 | span_count u32 | body_hash 16 | meta_len u16 | meta | body`
 * `crc32` covers everything after itself, `length` counts everything after `crc32`. Zero is never a valid length.
 */
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { encodeRecordMeta, type KnownMetas } from './record-meta.ts'
import type { AppendRecord, WalRecordHeader } from './types.ts'

export const RECORD_HEADER_BYTES = 50
/** `length` of a record without meta and body. */
const RECORD_LENGTH_MIN = RECORD_HEADER_BYTES - 8
export const RECORD_TYPE_TRACE = 1
const RECORD_TYPE_CONTROL = 2

export const RECORD_FLAGS = { fromJson: 1, bodyZstd: 2, contentKept: 4 } as const

const LSN_OFFSET = 8
const RECEIVED_OFFSET = 16
const TYPE_OFFSET = 24
const FLAGS_OFFSET = 26
const SPAN_COUNT_OFFSET = 28
const BODY_HASH_OFFSET = 32
const META_LENGTH_OFFSET = 48

/** First 128 bits of SHA-256: identifies a body without carrying any of its content. */
export const hashBody = (body: Buffer): Buffer => hash('sha256', body, 'buffer').subarray(0, 16)

/** A record before the log gave it a place: everything but lsn, time and checksum. */
export interface DraftRecord {
  readonly header: Buffer
  readonly meta: Buffer
  readonly body: Buffer
  readonly bytes: number
}

export const draftRecord = (record: AppendRecord): DraftRecord => {
  const meta = encodeRecordMeta(record.meta)
  const header = Buffer.alloc(RECORD_HEADER_BYTES)
  const bytes = RECORD_HEADER_BYTES + meta.length + record.body.length
  header.writeUInt32LE(bytes - 8, 0)
  header.writeUInt16LE(RECORD_TYPE_TRACE, TYPE_OFFSET)
  header.writeUInt16LE(record.flags ?? 0, FLAGS_OFFSET)
  header.writeUInt32LE(record.spanCount, SPAN_COUNT_OFFSET)
  ;(record.bodyHash ?? hashBody(record.body)).copy(header, BODY_HASH_OFFSET, 0, 16)
  header.writeUInt16LE(meta.length, META_LENGTH_OFFSET)
  return { header, meta, body: record.body, bytes }
}

/** Gives a draft its place in the log. May be repeated: a group that failed for lack of space is placed anew. */
export const placeRecord = (draft: DraftRecord, lsn: bigint, receivedUnixNano: bigint): void => {
  draft.header.writeBigUInt64LE(lsn, LSN_OFFSET)
  draft.header.writeBigUInt64LE(receivedUnixNano, RECEIVED_OFFSET)
  draft.header.writeUInt32LE(crc32(draft.body, crc32(draft.meta, crc32(draft.header.subarray(LSN_OFFSET)))), 4)
}

export interface ParsedHeader extends Omit<WalRecordHeader, 'walUuid'> {
  readonly type: number
  /** Whole record on disk, with length and checksum. */
  readonly bytes: number
  readonly bodyOffset: number
}

/** The fixed fields that tell whether a header is plausible; reads 50 bytes at `offset`. */
export interface HeaderProbe {
  readonly bytes: number
  readonly lsn: bigint
  readonly metaBytes: number
}

/** Undefined where the bytes cannot be a record of this format, whatever they are followed by. */
export const probeHeader = (buffer: Buffer, offset: number): HeaderProbe | undefined => {
  if (buffer.length - offset < RECORD_HEADER_BYTES) return undefined
  const length = buffer.readUInt32LE(offset)
  const metaBytes = buffer.readUInt16LE(offset + META_LENGTH_OFFSET)
  const type = buffer.readUInt16LE(offset + TYPE_OFFSET)
  if (length < RECORD_LENGTH_MIN + metaBytes) return undefined
  if (type !== RECORD_TYPE_TRACE && type !== RECORD_TYPE_CONTROL) return undefined
  return { bytes: length + 8, lsn: buffer.readBigUInt64LE(offset + LSN_OFFSET), metaBytes }
}

/** Parses fixed fields and meta of a buffer that begins with both. Undefined if the meta is malformed. */
export const parseHeader = (buffer: Buffer, probe: HeaderProbe, metas: KnownMetas): ParsedHeader | undefined => {
  const bodyOffset = RECORD_HEADER_BYTES + probe.metaBytes
  const meta = metas.decode(buffer, RECORD_HEADER_BYTES, bodyOffset)
  if (meta === undefined) return undefined
  return {
    lsn: probe.lsn,
    receivedUnixNano: buffer.readBigUInt64LE(RECEIVED_OFFSET),
    type: buffer.readUInt16LE(TYPE_OFFSET),
    flags: buffer.readUInt16LE(FLAGS_OFFSET),
    spanCount: buffer.readUInt32LE(SPAN_COUNT_OFFSET),
    bodyHash: Buffer.from(buffer.subarray(BODY_HASH_OFFSET, META_LENGTH_OFFSET)),
    meta,
    bytes: probe.bytes,
    bodyOffset,
  }
}

/** True if `record` is exactly one record whose checksum fits. */
export const checksumFits = (record: Buffer): boolean =>
  record.length >= RECORD_HEADER_BYTES &&
  record.readUInt32LE(0) === record.length - 8 &&
  record.readUInt32LE(4) === crc32(record.subarray(LSN_OFFSET))
