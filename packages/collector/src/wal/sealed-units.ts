/**
 * `sealed/<unit>.unit`: manifest and payload of one unit, exactly as they will be sent until the database acks.
 * `magic 8 | format u16 | name length u16 | manifest length u32 | payload length u64 | sequence u64 | crc32 u32 | name |
 * manifest (JSON) | payload`. The checksum covers everything but itself; the sequence orders units by their sealing.
 */
import { crc32 } from 'node:zlib'
import { assert } from '@outlay/core'
import { type WalFileSystem, writeFileAtomically } from './file-system.ts'
import type { Quarantine } from './quarantine.ts'
import type { SealedUnit } from './types.ts'

const MAGIC = Buffer.from('OUTLAYUN', 'latin1')
const UNIT_FORMAT = 1
const HEADER_BYTES = 36
const CRC_OFFSET = 32
const NAME_BYTES_MAX = 180
const SUFFIX = '.unit'

/** Reversible, never a path: tokens hold colons. */
const fileNameOf = (unitName: string): string => {
  const name = encodeURIComponent(unitName)
  assert(name !== '' && name.length <= NAME_BYTES_MAX, 'the name of a unit must have 1 to 180 characters')
  return `${name}${SUFFIX}`
}

interface ParsedUnit extends SealedUnit {
  readonly sequence: bigint
}

const encodeUnit = (
  unit: { name: string; manifest: object; sequence: bigint },
  payload: readonly Buffer[],
): Buffer[] => {
  const name = Buffer.from(unit.name)
  const manifest = Buffer.from(JSON.stringify(unit.manifest))
  const header = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(header, 0)
  header.writeUInt16LE(UNIT_FORMAT, 8)
  header.writeUInt16LE(name.length, 10)
  header.writeUInt32LE(manifest.length, 12)
  header.writeBigUInt64LE(BigInt(payload.reduce((sum, part) => sum + part.length, 0)), 16)
  header.writeBigUInt64LE(unit.sequence, 24)
  const parts = [name, manifest, ...payload]
  header.writeUInt32LE(
    parts.reduce((sum, part) => crc32(part, sum), crc32(header.subarray(0, CRC_OFFSET))),
    CRC_OFFSET,
  )
  return [header, ...parts]
}

const parseUnit = (content: Buffer): ParsedUnit | undefined => {
  if (content.length < HEADER_BYTES || !content.subarray(0, 8).equals(MAGIC)) return undefined
  if (content.readUInt16LE(8) !== UNIT_FORMAT) return undefined
  const checksum = crc32(content.subarray(HEADER_BYTES), crc32(content.subarray(0, CRC_OFFSET)))
  if (content.readUInt32LE(CRC_OFFSET) !== checksum) return undefined
  const manifestStart = HEADER_BYTES + content.readUInt16LE(10)
  const payloadStart = manifestStart + content.readUInt32LE(12)
  if (BigInt(content.length - payloadStart) !== content.readBigUInt64LE(16)) return undefined
  return {
    name: content.toString('utf8', HEADER_BYTES, manifestStart),
    manifest: JSON.parse(content.toString('utf8', manifestStart, payloadStart)),
    payload: content.subarray(payloadStart),
    sequence: content.readBigUInt64LE(24),
  }
}

export class SealedUnits {
  readonly #fileSystem: WalFileSystem
  readonly #directory: string
  readonly #quarantine: Quarantine
  /** Of units that are there: one that is cut into parts keeps its place. */
  readonly #sequences = new Map<string, bigint>()
  #sequence = 0n
  #corrupt = 0

  constructor(fileSystem: WalFileSystem, directory: string, quarantine: Quarantine) {
    this.#fileSystem = fileSystem
    this.#directory = directory
    this.#quarantine = quarantine
  }

  /** Units moved to quarantine because their checksum did not fit. */
  get corrupt(): number {
    return this.#corrupt
  }

  async seal(name: string, payload: readonly Buffer[], manifest: object): Promise<void> {
    const file = fileNameOf(name)
    assert(!(await this.#fileSystem.exists(`${this.#directory}/${file}`)), `unit ${name} is sealed already`)
    this.#sequence += 1n
    this.#sequences.set(name, this.#sequence)
    const content = encodeUnit({ name, manifest, sequence: this.#sequence }, payload)
    await writeFileAtomically(this.#fileSystem, this.#directory, file, content)
  }

  /** Either the old bytes or the new ones are there at every moment. */
  async reseal(name: string, payload: readonly Buffer[], manifest: object): Promise<void> {
    const sequence = this.#sequences.get(name)
    assert(sequence !== undefined, `unit ${name} is not sealed`)
    const content = encodeUnit({ name, manifest, sequence }, payload)
    await writeFileAtomically(this.#fileSystem, this.#directory, fileNameOf(name), content)
  }

  /** Oldest first. */
  async list(): Promise<SealedUnit[]> {
    const units: ParsedUnit[] = []
    for (const file of await this.#fileSystem.list(this.#directory)) {
      if (!file.endsWith(SUFFIX)) continue
      const content = await this.#fileSystem.readFile(`${this.#directory}/${file}`)
      const unit = parseUnit(content)
      if (unit !== undefined && fileNameOf(unit.name) === file) {
        units.push(unit)
        continue
      }
      this.#corrupt += 1
      await this.#quarantine.put(file, content, { reason: 'unit_corrupt' })
      await this.#removeFile(file)
    }
    units.sort((a, b) => (a.sequence < b.sequence ? -1 : 1))
    this.#sequence = units.at(-1)?.sequence ?? this.#sequence
    for (const { name, sequence } of units) this.#sequences.set(name, sequence)
    return units.map(({ name, manifest, payload }) => ({ name, manifest, payload }))
  }

  async remove(name: string): Promise<void> {
    this.#sequences.delete(name)
    await this.#removeFile(fileNameOf(name))
  }

  async #removeFile(file: string): Promise<void> {
    await this.#fileSystem.remove(`${this.#directory}/${file}`)
    await this.#fileSystem.syncDirectory(this.#directory)
  }
}
