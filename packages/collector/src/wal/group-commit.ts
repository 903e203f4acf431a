/**
 * The one writer of the log. No timer: a commit takes everything that arrived while the previous one ran, writes it with
 * one `writev`, makes it durable with one `fdatasync`, and only then answers. Idle latency is one fsync; under load the
 * group grows by itself.
 *
 * Out of space: the file is cut back to its durable end, the whole group is answered `retryable`, and the next group tries
 * again. Any other failed write and every failed fsync is final: the page cache is in an unknown state.
 */
import { type Clock, limits, NANOS_PER_MS } from '@outlay/core'
import { isOutOfSpace, type WalFile, type WalFileSystem, writeFileAtomically } from './file-system.ts'
import type { WalIdentity } from './meta-file.ts'
import { type DraftRecord, placeRecord } from './record-codec.ts'
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, segmentNameOf } from './segment-header.ts'
import { notePosition, type Segment, type SegmentList } from './segments.ts'
import type { SpaceGuard } from './space-guard.ts'
import type { AppendOutcome, CommitReport } from './types.ts'

const MS_PER_SECOND = 1_000

export interface GroupCommitSettings {
  readonly fileSystem: WalFileSystem
  readonly directory: string
  readonly identity: WalIdentity
  readonly clock: Clock
  readonly segmentBytes: number
  readonly segments: SegmentList
  readonly space: SpaceGuard
  readonly nextLsn: bigint
  readonly lastReceivedUnixNano: bigint
  /** Called after every durable group, before its answers. */
  readonly onDurable: () => void
  readonly onCommit: (commit: CommitReport) => void
  /** Called once, when nothing more can be acked. */
  readonly onFailed: (error: unknown) => void
}

interface Pending {
  readonly draft: DraftRecord
  readonly answer: (outcome: AppendOutcome) => void
}

interface ActiveSegment {
  readonly file: WalFile
  readonly segment: Segment
}

export class GroupCommit {
  readonly #settings: GroupCommitSettings
  readonly #queue: Pending[] = []
  #active: ActiveSegment | undefined
  #nextLsn: bigint
  #lastReceivedUnixNano: bigint
  #durableLsn: bigint
  #pendingBytes = 0
  #running: Promise<void> | undefined
  #closing = false
  #failed = false

  constructor(settings: GroupCommitSettings) {
    this.#settings = settings
    this.#nextLsn = settings.nextLsn
    this.#durableLsn = settings.nextLsn - 1n
    this.#lastReceivedUnixNano = settings.lastReceivedUnixNano
  }

  get durableLsn(): bigint {
    return this.#durableLsn
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  get failed(): boolean {
    return this.#failed
  }

  append(draft: DraftRecord): Promise<AppendOutcome> {
    if (this.#failed) return Promise.resolve({ status: 'failed' })
    if (this.#closing) return Promise.resolve({ status: 'retryable', reason: 'draining' })
    if (this.#pendingBytes + draft.bytes > limits.inFlightBytesMax) {
      return Promise.resolve({ status: 'retryable', reason: 'full' })
    }
    return new Promise((answer) => {
      this.#queue.push({ draft, answer })
      this.#pendingBytes += draft.bytes
      this.#running ??= this.#run()
    })
  }

  /** Final: nothing is acked from here on. Also called when another file of the log could not be made durable. */
  fail(error: unknown): void {
    if (this.#failed) return
    this.#failed = true
    this.#settings.onFailed(error)
  }

  async close(): Promise<void> {
    this.#closing = true
    while (this.#running !== undefined) await this.#running
    await this.#active?.file.close()
    this.#active = undefined
  }

  async #run(): Promise<void> {
    // Lets everything that arrives in this turn of the loop join the first group.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const group = this.#takeGroup()
      const answers = await this.#commit(group)
      for (const [index, { draft, answer }] of group.entries()) {
        this.#pendingBytes -= draft.bytes
        answer(answers[index] ?? { status: 'failed' })
      }
    }
    this.#running = undefined
  }

  /** What fits one commit and one segment: at least one record, even one that is larger than a segment. */
  #takeGroup(): Pending[] {
    const segment = this.#active?.segment
    const { segmentBytes } = this.#settings
    const first = this.#queue[0]?.draft.bytes ?? 0
    const inActive = segment !== undefined && segment.bytes + first <= segmentBytes
    const room = segmentBytes - (inActive ? segment.bytes : SEGMENT_HEADER_BYTES)
    let bytes = 0
    let count = 0
    for (const { draft } of this.#queue) {
      const full = bytes + draft.bytes > Math.min(room, limits.walGroupBytesMax) || count === limits.walGroupRecordsMax
      if (count > 0 && full) break
      bytes += draft.bytes
      count += 1
    }
    return this.#queue.splice(0, count)
  }

  async #commit(group: readonly Pending[]): Promise<AppendOutcome[]> {
    const all = (outcome: AppendOutcome): AppendOutcome[] => group.map(() => outcome)
    const bytes = group.reduce((sum, { draft }) => sum + draft.bytes, 0)
    if (this.#failed) return all({ status: 'failed' })
    const startedMs = performance.now()
    try {
      if (!(await this.#settings.space.admits(bytes))) return all({ status: 'retryable', reason: 'full' })
      const active = await this.#segmentFor(bytes)
      const placed = this.#place(group, active.segment.bytes)
      await this.#write(active, group)
      await active.file.sync()
      // Another part of the log may have failed while this commit ran.
      if (this.#failed) return all({ status: 'failed' })
      this.#publish(active.segment, placed, bytes)
      this.#settings.onCommit({ records: placed.length, seconds: (performance.now() - startedMs) / MS_PER_SECOND })
      return placed.map(({ lsn }) => ({ status: 'durable', lsn }))
    } catch (error) {
      if (error instanceof OutOfSpace) {
        this.#settings.space.refresh()
        return all({ status: 'retryable', reason: 'full' })
      }
      this.fail(error)
      return all({ status: 'failed' })
    }
  }

  #place(group: readonly Pending[], startOffset: number): { lsn: bigint; offset: number; receivedUnixNano: bigint }[] {
    const now = BigInt(Math.floor(this.#settings.clock.now())) * NANOS_PER_MS
    const receivedUnixNano = now > this.#lastReceivedUnixNano ? now : this.#lastReceivedUnixNano
    let offset = startOffset
    return group.map(({ draft }, index) => {
      const lsn = this.#nextLsn + BigInt(index)
      placeRecord(draft, lsn, receivedUnixNano)
      const place = { lsn, offset, receivedUnixNano }
      offset += draft.bytes
      return place
    })
  }

  async #write({ file, segment }: ActiveSegment, group: readonly Pending[]): Promise<void> {
    try {
      const buffers = group.flatMap(({ draft }) => [draft.header, draft.meta, draft.body])
      await file.writeAt(buffers, segment.bytes)
    } catch (error) {
      if (!isOutOfSpace(error)) throw error
      await file.truncate(segment.bytes)
      throw new OutOfSpace()
    }
  }

  #publish(
    segment: Segment,
    placed: readonly { lsn: bigint; offset: number; receivedUnixNano: bigint }[],
    bytes: number,
  ): void {
    for (const { lsn, offset, receivedUnixNano } of placed) {
      notePosition(segment, lsn, offset)
      segment.lastLsn = lsn
      segment.lastReceivedUnixNano = receivedUnixNano
      this.#lastReceivedUnixNano = receivedUnixNano
    }
    segment.bytes += bytes
    this.#nextLsn = segment.lastLsn + 1n
    this.#durableLsn = segment.lastLsn
    this.#settings.space.note(bytes)
    this.#settings.onDurable()
  }

  async #segmentFor(bytes: number): Promise<ActiveSegment> {
    const { fileSystem, directory, identity, clock, segmentBytes, segments } = this.#settings
    const active = this.#active
    if (active !== undefined) {
      const empty = active.segment.lastLsn < active.segment.firstLsn
      if (empty || active.segment.bytes + bytes <= segmentBytes) return active
      await active.file.close()
      this.#active = undefined
    }
    const firstLsn = this.#nextLsn
    const name = segmentNameOf(firstLsn)
    const header = encodeSegmentHeader({ ...identity, firstLsn, createdMs: clock.now() })
    try {
      await writeFileAtomically(fileSystem, directory, name, [header])
    } catch (error) {
      if (isOutOfSpace(error)) throw new OutOfSpace()
      throw error
    }
    const file = await fileSystem.open(`${directory}/${name}`, 'r+')
    const segment: Segment = {
      name,
      uuid: identity.uuid,
      firstLsn,
      lastLsn: firstLsn - 1n,
      bytes: SEGMENT_HEADER_BYTES,
      lastReceivedUnixNano: this.#lastReceivedUnixNano,
      index: [],
      holes: [],
    }
    segments.add(segment)
    this.#active = { file, segment }
    return this.#active
  }
}

/** The group was not written and the file is as it was before. */
class OutOfSpace extends Error {}
