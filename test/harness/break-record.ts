/** Makes the body of one stored record unreadable, with a checksum that fits: what a bug of an earlier version leaves. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'

const SEGMENT_HEADER_BYTES = 64
const RECORD_HEADER_BYTES = 50
const LSN_OFFSET = 8
const META_LENGTH_OFFSET = 48

export const breakRecord = (walDirectory: string, lsn: bigint): void => {
  for (const name of readdirSync(walDirectory).filter((file) => file.endsWith('.seg'))) {
    const segment = readFileSync(`${walDirectory}/${name}`)
    let at = SEGMENT_HEADER_BYTES
    while (at + RECORD_HEADER_BYTES < segment.length && segment.readUInt32LE(at) > 0) {
      const end = at + 8 + segment.readUInt32LE(at)
      if (segment.readBigUInt64LE(at + LSN_OFFSET) === lsn) {
        // A group of the wire format, which no message has.
        segment.fill(0x03, at + RECORD_HEADER_BYTES + segment.readUInt16LE(at + META_LENGTH_OFFSET), end)
        segment.writeUInt32LE(crc32(segment.subarray(at + LSN_OFFSET, end)), at + 4)
        writeFileSync(`${walDirectory}/${name}`, segment)
        return
      }
      at = end
    }
  }
  throw new Error(`no record ${lsn} in ${walDirectory}`)
}
