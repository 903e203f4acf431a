import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RecordMeta, type Wal, type WalRecord, type WalSettings, openWal } from '#src/wal/index.ts'

export const META: RecordMeta = { authority: 'local', rulesetId: 'carriers@1', transport: 'http' }

/** A directory that is removed when the test ends. */
export class TemporaryDirectory implements AsyncDisposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async create(): Promise<TemporaryDirectory> {
    return new TemporaryDirectory(await mkdtemp(join(tmpdir(), 'outlay-wal-')))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}

/** Small segments, no reserve: tests choose what they need beyond that. */
export const openTestWal = (directory: string, settings: Partial<WalSettings> = {}): Promise<Wal> =>
  openWal({ directory, segmentBytes: 4_096, reserveBytes: 0, ...settings })

export const bodyOf = (text: string): Buffer => Buffer.from(text)

export const appendText = async (wal: Wal, text: string): Promise<bigint> => {
  const outcome = await wal.append({ body: bodyOf(text), spanCount: 1, meta: META })
  if (outcome.status !== 'durable') throw new Error(`append answered ${JSON.stringify(outcome)}`)
  return outcome.lsn
}

/** Every readable record from an lsn on, batch by batch, stepping over losses as a consumer does. */
export const readAll = async (wal: Wal, fromLsn = 1n): Promise<WalRecord[]> => {
  const records: WalRecord[] = []
  let next = fromLsn
  while (next <= wal.durableLsn) {
    const batch = await wal.read(next, { recordsMax: 7, bytesMax: 1_000_000 })
    if (batch.length === 0) break
    records.push(...batch)
    next = (batch.at(-1)?.lsn ?? next) + 1n
  }
  return records
}

export const textsOf = (records: readonly WalRecord[]): string[] => records.map(({ body }) => body.toString())

/** What a crash leaves behind: the files as they are now, without the owner's lock. */
export const crashCopy = async (directory: string): Promise<TemporaryDirectory> => {
  const copy = await TemporaryDirectory.create()
  await cp(directory, copy.path, { recursive: true })
  await rm(join(copy.path, 'LOCK'), { force: true })
  return copy
}
