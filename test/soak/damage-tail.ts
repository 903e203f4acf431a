/**
 * What a write that was torn by a crash leaves behind the last whole record of a log: nothing of it was ever acked, so
 * recovery cuts it off and loses nothing.
 */
import { appendFile, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { draftRecord, placeRecord } from '../../packages/collector/src/wal/record-codec.ts'
import { firstLsnOfName, SEGMENT_HEADER_BYTES } from '../../packages/collector/src/wal/segment-header.ts'
import type { Random } from '../../packages/collector/test/fuzz/random.ts'

const PREFIX_BYTES = 8
const META = { authority: 'local', rulesetId: 'carriers@1', transport: 'http' }

/** The lsn behind the last record that is whole by its length. */
const nextLsn = (segment: Buffer, firstLsn: bigint): bigint => {
  let lsn = firstLsn
  let at = SEGMENT_HEADER_BYTES
  while (at + PREFIX_BYTES < segment.length) {
    const bytes = segment.readUInt32LE(at) + PREFIX_BYTES
    if (bytes === PREFIX_BYTES || at + bytes > segment.length) break
    at += bytes
    lsn += 1n
  }
  return lsn
}

const recordOf = (lsn: bigint, random: Random): Buffer => {
  const draft = draftRecord({ body: random.bytes(random.between(100, 3_000)), spanCount: 1, meta: META })
  placeRecord(draft, lsn, BigInt(Date.now()) * 1_000_000n)
  return Buffer.concat([draft.header, draft.meta, draft.body])
}

const flipped = (record: Buffer, random: Random): Buffer => {
  const copy = Buffer.from(record)
  const at = random.between(PREFIX_BYTES, copy.length - 1)
  copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8))
  return copy
}

export type TailDamage = 'torn' | 'flipped' | 'zeros' | 'noise'

/** Damages the end of the newest segment; undefined where there is none. */
export const damageTail = async (walDirectory: string, random: Random): Promise<TailDamage | undefined> => {
  const names = (await readdir(walDirectory)).filter((name) => firstLsnOfName(name) !== undefined).sort()
  const name = names.at(-1)
  if (name === undefined) return undefined
  const path = join(walDirectory, name)
  const record = recordOf(nextLsn(await readFile(path), firstLsnOfName(name) ?? 0n), random)
  const damage = random.pick(['torn', 'flipped', 'zeros', 'noise'] as const)
  const tails: Readonly<Record<TailDamage, () => Buffer>> = {
    torn: () => record.subarray(0, random.between(1, record.length - 1)),
    flipped: () => flipped(record, random),
    zeros: () => Buffer.alloc(random.between(1, 5_000)),
    noise: () => random.bytes(random.between(1, 500)),
  }
  await appendFile(path, tails[damage]())
  return damage
}
