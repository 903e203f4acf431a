/**
 * `META`: which log this is. 8 magic, format u16, wal_uuid 16, epoch u64, crc32 u32. Written anew at every start with
 * epoch + 1. A lost META means a new uuid: tokens of the old one must never be minted again with other borders.
 */
import { crc32 } from 'node:zlib'
import { OutlayError, randomHex } from '@outlay/core'
import { errorCodeOf, type WalFileSystem, writeFileAtomically } from './file-system.ts'
import type { WalAnomaly } from './types.ts'

const MAGIC = Buffer.from('OUTLAYMT', 'latin1')
const META_FORMAT = 1
const META_BYTES = 38
const CRC_OFFSET = 34
export const META_NAME = 'META'

export interface WalIdentity {
  readonly uuid: string
  readonly epoch: bigint
}

const encodeMeta = ({ uuid, epoch }: WalIdentity): Buffer => {
  const buffer = Buffer.alloc(META_BYTES)
  MAGIC.copy(buffer, 0)
  buffer.writeUInt16LE(META_FORMAT, 8)
  buffer.write(uuid, 10, 16, 'hex')
  buffer.writeBigUInt64LE(epoch, 26)
  buffer.writeUInt32LE(crc32(buffer.subarray(0, CRC_OFFSET)), CRC_OFFSET)
  return buffer
}

/** Undefined where the bytes are not intact. Fails with E_WAL_FORMAT if a newer version wrote them. */
export const parseMeta = (buffer: Buffer): WalIdentity | undefined => {
  if (buffer.length < META_BYTES || !buffer.subarray(0, 8).equals(MAGIC)) return undefined
  if (buffer.readUInt16LE(8) > META_FORMAT) {
    throw new OutlayError('E_WAL_FORMAT', 'the log was written by a newer version', {
      got: `format ${buffer.readUInt16LE(8)}`,
      want: `format ≤ ${META_FORMAT}`,
      fix: 'Start the version that wrote it, or a newer one.',
    })
  }
  if (buffer.readUInt32LE(CRC_OFFSET) !== crc32(buffer.subarray(0, CRC_OFFSET))) return undefined
  return { uuid: buffer.toString('hex', 10, 26), epoch: buffer.readBigUInt64LE(26) }
}

/**
 * Reads META, raises the epoch and writes it back durably. `highestEpoch` is the highest one seen in segment headers: a
 * META restored from a backup must not hand out an epoch twice.
 */
export const openIdentity = async (
  fileSystem: WalFileSystem,
  directory: string,
  { hasSegments, highestEpoch }: { hasSegments: boolean; highestEpoch: bigint },
): Promise<{ identity: WalIdentity; anomaly?: WalAnomaly }> => {
  let stored: WalIdentity | undefined
  let anomaly: WalAnomaly | undefined
  try {
    stored = parseMeta(await fileSystem.readFile(`${directory}/${META_NAME}`))
    if (stored === undefined) anomaly = 'meta_corrupt'
  } catch (error) {
    if (errorCodeOf(error) !== 'ENOENT') throw error
    if (hasSegments) anomaly = 'meta_missing'
  }
  const before = stored?.epoch ?? 0n
  const identity = {
    uuid: stored?.uuid ?? randomHex(16),
    epoch: (before > highestEpoch ? before : highestEpoch) + 1n,
  }
  await writeFileAtomically(fileSystem, directory, META_NAME, [encodeMeta(identity)])
  return anomaly === undefined ? { identity } : { identity, anomaly }
}
