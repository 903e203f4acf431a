/**
 * The first 64 bytes of a segment, little-endian: magic 8, format u16, hash id u8, wal_uuid 16, epoch u64, first_lsn u64,
 * created_ms u64, zeros, crc32 u32 of the 60 bytes before it. The file name repeats first_lsn, so that a segment whose
 * header is lost still has its place.
 */
import { crc32 } from 'node:zlib'

export const SEGMENT_HEADER_BYTES = 64
/** A reader refuses a newer format than its own and reads all older ones. */
export const SEGMENT_FORMAT = 1
/** Body hash 1: first 128 bits of SHA-256. */
const HASH_SHA256_128 = 1
const MAGIC = Buffer.from('OUTLAYWL', 'latin1')
const CRC_OFFSET = 60

export interface SegmentHeader {
  readonly format: number
  readonly uuid: string
  readonly epoch: bigint
  readonly firstLsn: bigint
  readonly createdMs: number
}

export const encodeSegmentHeader = (header: Omit<SegmentHeader, 'format'>): Buffer => {
  const buffer = Buffer.alloc(SEGMENT_HEADER_BYTES)
  MAGIC.copy(buffer, 0)
  buffer.writeUInt16LE(SEGMENT_FORMAT, 8)
  buffer.writeUInt8(HASH_SHA256_128, 10)
  buffer.write(header.uuid, 11, 16, 'hex')
  buffer.writeBigUInt64LE(header.epoch, 27)
  buffer.writeBigUInt64LE(header.firstLsn, 35)
  buffer.writeBigUInt64LE(BigInt(header.createdMs), 43)
  buffer.writeUInt32LE(crc32(buffer.subarray(0, CRC_OFFSET)), CRC_OFFSET)
  return buffer
}

/** Undefined if the bytes are not an intact header of any format. */
export const parseSegmentHeader = (buffer: Buffer): SegmentHeader | undefined => {
  if (buffer.length < SEGMENT_HEADER_BYTES || !buffer.subarray(0, 8).equals(MAGIC)) return undefined
  if (buffer.readUInt32LE(CRC_OFFSET) !== crc32(buffer.subarray(0, CRC_OFFSET))) return undefined
  return {
    format: buffer.readUInt16LE(8),
    uuid: buffer.toString('hex', 11, 27),
    epoch: buffer.readBigUInt64LE(27),
    firstLsn: buffer.readBigUInt64LE(35),
    createdMs: Number(buffer.readBigUInt64LE(43)),
  }
}

const NAME_DIGITS = 20
const SEGMENT_NAME = /^(\d{20})\.seg$/

export const segmentNameOf = (firstLsn: bigint): string => `${firstLsn.toString().padStart(NAME_DIGITS, '0')}.seg`

/** First lsn by file name; undefined for any other file. */
export const firstLsnOfName = (name: string): bigint | undefined => {
  const digits = SEGMENT_NAME.exec(name)?.[1]
  return digits === undefined ? undefined : BigInt(digits)
}
