/**
 * What the files of a log say, for somebody who does not own it: nothing is taken, written or repaired, and its owner may
 * be writing meanwhile.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { CURSORS_NAME, readCursors } from './cursors.ts'
import { LOCK_NAME } from './directory-lock.ts'
import { nodeFileSystem } from './file-system.ts'
import { META_NAME, parseMeta } from './meta-file.ts'
import { isProvablyGone, parseProcessIdentity } from './process-identity.ts'
import { type FoundSegment, findSegments } from './recovery.ts'
import { SEGMENT_HEADER_BYTES } from './segment-header.ts'
import { SegmentWalker } from './segment-walker.ts'

export interface InspectedLog {
  /** Undefined where its META cannot be read. */
  readonly walId: string | undefined
  /** A process that may be alive owns it. */
  readonly owner: number | undefined
  readonly bytes: number
  readonly segments: number
  /** When the oldest segment was begun; undefined without one. */
  readonly oldestSegmentMs: number | undefined
  /** 0 without a record. */
  readonly lastLsn: bigint
  readonly cursors: ReadonlyMap<string, bigint>
  /** Units whose delivery was begun, or waits. */
  readonly sealedUnits: number
  readonly oldestSealedMs: number | undefined
}

/** Undefined where the directory holds no log. Fails with `E_WAL_FORMAT` if a newer version wrote it. */
export const inspectLog = async (directory: string): Promise<InspectedLog | undefined> => {
  const meta = await readIfThere(`${directory}/${META_NAME}`)
  if (meta === undefined) return undefined
  const segments = await findSegments(nodeFileSystem, directory)
  const cursors = await readIfThere(`${directory}/${CURSORS_NAME}`)
  const sealed = await timesOf(`${directory}/sealed`, '.unit')
  const [oldest] = segments
  return {
    walId: parseMeta(meta)?.uuid,
    owner: await ownerOf(directory),
    bytes: segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    segments: segments.length,
    oldestSegmentMs: oldest?.header?.createdMs,
    lastLsn: await lastLsnOf(directory, segments.at(-1)),
    cursors: cursors === undefined ? new Map() : readCursors(cursors),
    sealedUnits: sealed.length,
    oldestSealedMs: sealed.length === 0 ? undefined : Math.min(...sealed),
  }
}

const readIfThere = (path: string): Promise<Buffer | undefined> => readFile(path).catch(() => undefined)

const ownerOf = async (directory: string): Promise<number | undefined> => {
  const lock = await readIfThere(`${directory}/${LOCK_NAME}`)
  const owner = lock && parseProcessIdentity(lock.toString('utf8'))
  return owner === undefined || (await isProvablyGone(owner)) ? undefined : owner.pid
}

/** What is being written behind the last whole record is left out. */
const lastLsnOf = async (directory: string, last: FoundSegment | undefined): Promise<bigint> => {
  if (last === undefined) return 0n
  const file = await nodeFileSystem.open(`${directory}/${last.name}`, 'r')
  try {
    const walker = new SegmentWalker(file, {
      startOffset: SEGMENT_HEADER_BYTES,
      endOffset: last.sizeBytes,
      expectedLsn: last.firstLsn,
      lsnMax: last.firstLsn + BigInt(last.sizeBytes),
      verify: false,
    })
    let lsn = last.firstLsn - 1n
    for (let step = await walker.next(); step?.kind === 'record'; step = await walker.next()) lsn = step.header.lsn
    return lsn
  } finally {
    await file.close()
  }
}

/** When files of a directory were written, in milliseconds. */
const timesOf = async (directory: string, ending: string): Promise<readonly number[]> => {
  const names = await readdir(directory).catch(() => [])
  const times = names
    .filter((name) => name.endsWith(ending))
    .map((name) =>
      stat(`${directory}/${name}`).then(
        ({ mtimeMs }) => mtimeMs,
        () => undefined,
      ),
    )
  return (await Promise.all(times)).filter((time) => time !== undefined)
}
