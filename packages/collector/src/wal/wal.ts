/** The write-ahead log: one directory, one process, one writer. Its invariants are at the top of `types.ts`. */
import { assert, type Clock, limits, systemClock } from '@outlay/core'
import { CursorFile } from './cursors.ts'
import { type DirectoryLock, lockDirectory } from './directory-lock.ts'
import { isOutOfSpace, isSystemError, nodeFileSystem, type WalFileSystem } from './file-system.ts'
import { GroupCommit } from './group-commit.ts'
import { LogReader } from './log-reader.ts'
import { openIdentity, type WalIdentity } from './meta-file.ts'
import { openQuarantine, type Quarantine } from './quarantine.ts'
import { draftRecord } from './record-codec.ts'
import { RecordWaiters } from './record-waiters.ts'
import { findSegments, type RecoveredLog, recoverLog } from './recovery.ts'
import { Retention } from './retention.ts'
import { SealedUnits } from './sealed-units.ts'
import { SpaceGuard } from './space-guard.ts'
import type {
  AppendOutcome,
  AppendRecord,
  LostRange,
  ReadOptions,
  ScanStart,
  SealedUnit,
  Wal,
  WalAnomaly,
  WalRecord,
  WalRecordHeader,
  WalRecoveryReport,
  WalSettings,
  WalStats,
} from './types.ts'

const RETAIN_AFTER_ACK_MS = 15 * 60_000
const RESERVE_BYTES = 256 * 1024 * 1024

interface OpenedLog {
  readonly settings: WalSettings
  readonly fileSystem: WalFileSystem
  readonly clock: Clock
  readonly lock: DirectoryLock
  readonly identity: WalIdentity
  readonly cursors: CursorFile
  readonly quarantine: Quarantine
  readonly sealed: SealedUnits
  readonly recovered: RecoveredLog
  readonly anomalies: readonly WalAnomaly[]
}

class DirectoryWal implements Wal {
  readonly uuid: string
  readonly epoch: bigint
  readonly directory: string
  readonly recovery: WalRecoveryReport
  readonly #opened: OpenedLog
  readonly #commit: GroupCommit
  readonly #reader: LogReader
  readonly #retention: Retention
  readonly #waiters: RecordWaiters
  #closed = false

  constructor(opened: OpenedLog) {
    const { settings, fileSystem, clock, identity, cursors, quarantine, recovered } = opened
    const { directory } = settings
    const { segments, losses } = recovered
    this.#opened = opened
    this.uuid = identity.uuid
    this.epoch = identity.epoch
    this.directory = directory
    const place = { fileSystem, directory, clock, segments }
    const retainAfterAckMs = settings.retainAfterAckMs ?? RETAIN_AFTER_ACK_MS
    this.#retention = new Retention({ ...place, retainAfterAckMs, cursorOf: (name) => cursors.get(name) })
    const space = new SpaceGuard({
      ...place,
      bytesMax: settings.bytesMax ?? limits.walBytesMax,
      reserveBytes: settings.reserveBytes ?? RESERVE_BYTES,
      reclaim: () => this.#retention.reclaim(),
    })
    // A consumer that is past the end would otherwise never see the records that reuse those lsns.
    const highest = recovered.lastLsn > cursors.highest ? recovered.lastLsn : cursors.highest
    losses.add(recovered.lastLsn + 1n, highest)
    this.#commit = new GroupCommit({
      ...place,
      identity,
      segmentBytes: settings.segmentBytes ?? limits.walSegmentBytes,
      space,
      nextLsn: highest + 1n,
      lastReceivedUnixNano: recovered.lastReceivedUnixNano,
      onCommit: settings.onCommit ?? (() => undefined),
      onFailed: settings.onFailed ?? (() => undefined),
      onDurable: () => this.#waiters.announce(this.#commit.durableLsn),
    })
    this.recovery = reportOf(opened)
    this.#waiters = new RecordWaiters(highest)
    this.#reader = new LogReader({ fileSystem, directory, segments, losses, quarantine })
  }

  get durableLsn(): bigint {
    return this.#commit.durableLsn
  }

  get uuids(): ReadonlySet<string> {
    return new Set([this.uuid, ...this.#opened.recovered.segments.all.map(({ uuid }) => uuid)])
  }

  get firstLsn(): bigint {
    return this.#opened.recovered.segments.all[0]?.firstLsn ?? this.durableLsn + 1n
  }

  get failed(): boolean {
    return this.#commit.failed
  }

  append(record: AppendRecord): Promise<AppendOutcome> {
    return this.#commit.append(draftRecord(record))
  }

  async read(fromLsn: bigint, options: ReadOptions): Promise<WalRecord[]> {
    const durableLsn = this.durableLsn
    const records = await this.#reader.read(fromLsn, options)
    if (records.length === 0 && this.durableLsn === durableLsn) this.#waiters.retract(fromLsn - 1n)
    return records
  }

  scanHeaders(from: ScanStart, visit: (header: WalRecordHeader) => void): Promise<void> {
    return this.#reader.scanHeaders(from, visit)
  }

  waitForRecords(afterLsn: bigint, signal?: AbortSignal): Promise<void> {
    return this.#waiters.wait(afterLsn, signal)
  }

  lostRanges(): readonly LostRange[] {
    return this.#opened.recovered.losses.ranges
  }

  cursor(consumer: string): bigint {
    return this.#opened.cursors.get(consumer)
  }

  async advanceCursor(consumer: string, lsn: bigint): Promise<void> {
    assert(lsn <= this.durableLsn, 'a cursor may not pass the durable end of the log')
    await this.#orFail(this.#opened.cursors.advance(consumer, lsn))
    await this.#orFail(this.#retention.reclaim())
  }

  registerConsumers(names: readonly string[]): void {
    this.#retention.register(names)
  }

  seal(unitName: string, payload: readonly Buffer[] | Buffer, manifest: object): Promise<void> {
    const parts = Buffer.isBuffer(payload) ? [payload] : payload
    return this.#orFail(this.#opened.sealed.seal(unitName, parts, manifest))
  }

  reseal(unitName: string, payload: readonly Buffer[], manifest: object): Promise<void> {
    return this.#orFail(this.#opened.sealed.reseal(unitName, payload, manifest))
  }

  bytesAfter(lsn: bigint): number {
    return this.#opened.recovered.segments.bytesAfter(lsn)
  }

  cursorLeaving(bytes: number): bigint {
    return this.#opened.recovered.segments.lsnLeaving(bytes)
  }

  sealedUnits(): Promise<SealedUnit[]> {
    return this.#opened.sealed.list()
  }

  removeSealed(unitName: string): Promise<void> {
    return this.#orFail(this.#opened.sealed.remove(unitName))
  }

  quarantine(name: string, content: Buffer, reason: object): Promise<void> {
    return this.#orFail(this.#opened.quarantine.put(name, content, reason))
  }

  stats(): WalStats {
    const { recovered, settings, quarantine, cursors } = this.#opened
    const backlogOf = (name: string): bigint => this.durableLsn - cursors.get(name)
    return {
      pendingBytes: this.#commit.pendingBytes,
      logBytes: recovered.segments.bytes,
      logBytesMax: settings.bytesMax ?? limits.walBytesMax,
      segments: recovered.segments.all.length,
      durableLsn: this.durableLsn,
      firstLsn: this.firstLsn,
      backlogRecords: new Map([...this.#retention.consumers].map((name) => [name, backlogOf(name)])),
      truncatedBytes: recovered.truncatedBytes,
      lostRecords: recovered.losses.records,
      corruptSegments: recovered.corruptSegments.length,
      quarantined: quarantine.count,
      failed: this.failed,
    }
  }

  async close(): Promise<void> {
    await this.#commit.close()
    this.#closed = true
    this.#waiters.close()
    await this.#opened.cursors.close()
    await this.#opened.lock.release()
  }

  /** A file of the log that could not be made durable for any reason but space is final for the process. */
  async #orFail<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      // Whoever comes too late finds files closed, which says nothing about the disk.
      if (!this.#closed && isSystemError(error) && !isOutOfSpace(error)) this.#commit.fail(error)
      throw error
    }
  }
}

const reportOf = ({ recovered, anomalies, lock }: OpenedLog): WalRecoveryReport => ({
  segments: recovered.segments.all.length,
  records: recovered.records,
  truncatedBytes: recovered.truncatedBytes,
  corruptSegments: recovered.corruptSegments,
  lost: [...recovered.losses.ranges],
  lostRecords: recovered.losses.records,
  anomalies,
  staleLockBroken: lock.staleBroken,
})

const removeTemporaries = async (fileSystem: WalFileSystem, directory: string): Promise<void> => {
  for (const name of await fileSystem.list(directory)) {
    if (name.endsWith('.tmp')) await fileSystem.remove(`${directory}/${name}`)
  }
}

const recover = async (settings: WalSettings, lock: DirectoryLock): Promise<OpenedLog> => {
  const { directory, fileSystem = nodeFileSystem, clock = systemClock } = settings
  const quarantine = openQuarantine(fileSystem, `${directory}/quarantine`)
  for (const place of [directory, `${directory}/sealed`, `${directory}/quarantine`]) {
    await removeTemporaries(fileSystem, place)
  }
  const found = await findSegments(fileSystem, directory)
  const hasSegments = found.length > 0
  const highestEpoch = found.reduce((most, { header }) => (header && header.epoch > most ? header.epoch : most), 0n)
  const { identity, anomaly } = await openIdentity(fileSystem, directory, { hasSegments, highestEpoch })
  const cursors = await CursorFile.open({ fileSystem, directory, quarantine, hasSegments })
  const recovered = await recoverLog({ fileSystem, directory, quarantine, found, uuid: identity.uuid })
  const sealed = new SealedUnits(fileSystem, `${directory}/sealed`, quarantine)
  // Reading them once tells whether all are intact, and where their sequence stands.
  await sealed.list()
  const anomalies: WalAnomaly[] = [
    ...(anomaly === undefined ? [] : [anomaly]),
    ...cursors.anomalies,
    ...(sealed.corrupt > 0 ? (['unit_corrupt'] as const) : []),
  ]
  return { settings, fileSystem, clock, lock, identity, cursors, quarantine, sealed, recovered, anomalies }
}

/**
 * Opens the log of a directory, creating it if needed. Fails with E_WAL_LOCKED if another process owns it and with
 * E_WAL_FORMAT if a newer version wrote it; damage never keeps it from opening (see `Wal.recovery`).
 *
 * ```ts
 * const wal = await openWal({ directory: './data/wal' })
 * const outcome = await wal.append({ body, spanCount, meta: { authority: 'local', rulesetId: '1', transport: 'http' } })
 * ```
 */
export const openWal = async (settings: WalSettings): Promise<Wal> => {
  const { directory, fileSystem = nodeFileSystem } = settings
  for (const place of [directory, `${directory}/sealed`, `${directory}/quarantine`]) {
    await fileSystem.makeDirectory(place)
  }
  const lock = await lockDirectory(fileSystem, directory)
  try {
    return new DirectoryWal(await recover(settings, lock))
  } catch (error) {
    await lock.release()
    throw error
  }
}
