/**
 * `cursors`: how far each consumer has come. Preallocated; per consumer two slots of 512 bytes in sectors of their own,
 * `{crc u32, name length u16, name, seq u64, lsn u64}`, overwritten in turn: advancing needs no new space, and a torn
 * write leaves the other slot. The valid slot with the higher seq counts.
 */
import { crc32 } from 'node:zlib'
import { assert, OutlayError } from '@outlay/core'
import { errorCodeOf, type WalFile, type WalFileSystem, writeFileAtomically } from './file-system.ts'
import type { Quarantine } from './quarantine.ts'
import type { WalAnomaly } from './types.ts'

export const CURSORS_NAME = 'cursors'
const SLOT_BYTES = 512
const CONSUMERS_MAX = 32
const NAME_BYTES_MAX = 128
const SEQ_OFFSET = 8
const LSN_OFFSET = 16
const NAME_OFFSET = 24

interface Slot {
  readonly name: string
  readonly seq: bigint
  readonly lsn: bigint
}

interface CursorEntry {
  readonly name: string
  readonly place: number
  seq: bigint
  lsn: bigint
}

const encodeSlot = ({ name, seq, lsn }: Slot): Buffer => {
  const slot = Buffer.alloc(SLOT_BYTES)
  const text = Buffer.from(name)
  slot.writeUInt16LE(text.length, 4)
  slot.writeBigUInt64LE(seq, SEQ_OFFSET)
  slot.writeBigUInt64LE(lsn, LSN_OFFSET)
  text.copy(slot, NAME_OFFSET)
  slot.writeUInt32LE(crc32(slot.subarray(4)), 0)
  return slot
}

const parseSlot = (slot: Buffer): Slot | 'empty' | 'corrupt' => {
  if (slot.every((byte) => byte === 0)) return 'empty'
  const nameBytes = slot.readUInt16LE(4)
  if (slot.readUInt32LE(0) !== crc32(slot.subarray(4)) || nameBytes > NAME_BYTES_MAX) return 'corrupt'
  return {
    name: slot.toString('utf8', NAME_OFFSET, NAME_OFFSET + nameBytes),
    seq: slot.readBigUInt64LE(SEQ_OFFSET),
    lsn: slot.readBigUInt64LE(LSN_OFFSET),
  }
}

/** Takes out slots that cannot be read. Returns whether there were any. */
const clearCorruptSlots = (content: Buffer): boolean => {
  let corrupt = false
  for (let at = 0; at < content.length; at += SLOT_BYTES) {
    const slot = content.subarray(at, at + SLOT_BYTES)
    if (parseSlot(slot) !== 'corrupt') continue
    slot.fill(0)
    corrupt = true
  }
  return corrupt
}

const parseEntries = (content: Buffer): Map<string, CursorEntry> => {
  const entries = new Map<string, CursorEntry>()
  for (let index = 0; index < CONSUMERS_MAX * 2; index += 1) {
    const slot = parseSlot(content.subarray(index * SLOT_BYTES, (index + 1) * SLOT_BYTES))
    if (typeof slot !== 'object') continue
    const newer = entries.get(slot.name)
    if (newer !== undefined && newer.seq >= slot.seq) continue
    entries.set(slot.name, { name: slot.name, place: index >>> 1, seq: slot.seq, lsn: slot.lsn })
  }
  return entries
}

/** How far each consumer has come, of a file that another process may be writing. */
export const readCursors = (content: Buffer): ReadonlyMap<string, bigint> =>
  new Map([...parseEntries(content)].map(([name, { lsn }]) => [name, lsn]))

export interface CursorFileSettings {
  readonly fileSystem: WalFileSystem
  readonly directory: string
  readonly quarantine: Quarantine
  /** A log without cursors has lost them. */
  readonly hasSegments: boolean
}

export class CursorFile {
  /** A cursor of the last run may be lost or one step too low. */
  readonly anomalies: readonly WalAnomaly[]
  readonly #file: WalFile
  readonly #entries: Map<string, CursorEntry>
  #writing: Promise<void> = Promise.resolve()

  private constructor(file: WalFile, entries: Map<string, CursorEntry>, anomalies: readonly WalAnomaly[]) {
    this.#file = file
    this.#entries = entries
    this.anomalies = anomalies
  }

  static async open({ fileSystem, directory, quarantine, hasSegments }: CursorFileSettings): Promise<CursorFile> {
    const path = `${directory}/${CURSORS_NAME}`
    const content = Buffer.alloc(CONSUMERS_MAX * 2 * SLOT_BYTES)
    const anomalies: WalAnomaly[] = []
    let stored: Buffer | undefined
    try {
      stored = await fileSystem.readFile(path)
      stored.copy(content)
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') throw error
      if (hasSegments) anomalies.push('cursors_missing')
    }
    if (clearCorruptSlots(content) || (stored !== undefined && stored.length < content.length)) {
      anomalies.push('cursor_corrupt')
      await quarantine.put(CURSORS_NAME, stored ?? Buffer.alloc(0), { reason: 'cursor_corrupt' })
    }
    if (stored === undefined || anomalies.length > 0) {
      await writeFileAtomically(fileSystem, directory, CURSORS_NAME, [content])
    }
    return new CursorFile(await fileSystem.open(path, 'r+'), parseEntries(content), anomalies)
  }

  get(name: string): bigint {
    return this.#entries.get(name)?.lsn ?? 0n
  }

  get highest(): bigint {
    let highest = 0n
    for (const { lsn } of this.#entries.values()) if (lsn > highest) highest = lsn
    return highest
  }

  /** Durable when resolved; never moves backwards. */
  advance(name: string, lsn: bigint): Promise<void> {
    const step = this.#writing.then(() => this.#write(name, lsn))
    // The next writer goes on whatever became of this one.
    this.#writing = step.catch(() => undefined)
    return step
  }

  async #write(name: string, lsn: bigint): Promise<void> {
    const entry = this.#entries.get(name) ?? this.#allot(name)
    if (lsn <= entry.lsn) return
    const seq = entry.seq + 1n
    const slot = entry.place * 2 + Number(seq % 2n)
    await this.#file.writeAt([encodeSlot({ name, seq, lsn })], slot * SLOT_BYTES)
    await this.#file.sync()
    entry.seq = seq
    entry.lsn = lsn
    this.#entries.set(name, entry)
  }

  #allot(name: string): CursorEntry {
    assert(Buffer.byteLength(name) <= NAME_BYTES_MAX && name !== '', 'a consumer needs a name of 1 to 128 bytes')
    const taken = new Set([...this.#entries.values()].map(({ place }) => place))
    for (let place = 0; place < CONSUMERS_MAX; place += 1) {
      if (!taken.has(place)) return { name, place, seq: 0n, lsn: 0n }
    }
    throw new OutlayError('E_WAL_CONSUMERS', 'no room for one more consumer of the log', {
      want: `at most ${CONSUMERS_MAX} consumers`,
    })
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file.close()
  }
}
