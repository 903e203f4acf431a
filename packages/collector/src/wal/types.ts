/**
 * The contract of the write-ahead log. What it guarantees:
 * 1. `durable` means that the `fdatasync` covering the record returned without error.
 * 2. `lsn` grows by one per record, survives restarts and is never reused; `epoch` grows at every start.
 * 3. Readers see only durable records, so nothing they saw can be taken back by a crash.
 * 4. A cursor is fsynced before any segment below it is deleted.
 * 5. A failed fsync is final for this process: nothing is acked afterwards.
 */
import type { Clock } from '@outlay/core'
import type { WalFileSystem } from './file-system.ts'

/** What is known about the sender of a record. Never holds content, tokens or keys. */
export interface RecordMeta {
  /** A bound tenant, the account of a trusted token, or `local`. Part of every trace key. */
  readonly authority: string
  readonly tenant?: string
  readonly tokenId?: string
  /** Version of the redaction list that stripped the body. */
  readonly rulesetId: string
  /** `http` or `grpc`. */
  readonly transport: string
}

export interface AppendRecord {
  /** Stripped protobuf trace request. Must not be changed by the caller afterwards. */
  readonly body: Buffer
  readonly spanCount: number
  readonly meta: RecordMeta
  /** `hashBody(body)` if the caller has it already. */
  readonly bodyHash?: Buffer
  /** Assigned by the log, never by the caller. */
  readonly receivedUnixNano?: never
  /** Bits of `RECORD_FLAGS`. */
  readonly flags?: number
}

/** `retryable` leaves nothing behind that a later `durable` answer would depend on; `failed` is final for the process. */
export type AppendOutcome =
  | { readonly status: 'durable'; readonly lsn: bigint }
  | { readonly status: 'retryable'; readonly reason: 'full' | 'draining' }
  | { readonly status: 'failed' }

export interface WalRecordHeader {
  /** Of the segment that holds it: differs from `Wal.uuid` only for records older than a lost META. */
  readonly walUuid: string
  readonly lsn: bigint
  /** The collector's wall clock, never below the previous record of this log. */
  readonly receivedUnixNano: bigint
  readonly flags: number
  readonly spanCount: number
  /** First 128 bits of SHA-256 of the body. */
  readonly bodyHash: Buffer
  readonly meta: RecordMeta
}

export interface WalRecord extends WalRecordHeader {
  readonly body: Buffer
}

/** Records that were durable once and cannot be read any more. Bounds inclusive. */
export interface LostRange {
  readonly firstLsn: bigint
  readonly lastLsn: bigint
}

/** Something that breaks the protection by tokens: ranges above the last certain cursor must be reconciled by lsn. */
export type WalAnomaly = 'meta_missing' | 'meta_corrupt' | 'cursors_missing' | 'cursor_corrupt' | 'unit_corrupt'

/** What opening the log found. Recovery never refuses to start and never deletes evidence. */
export interface WalRecoveryReport {
  readonly segments: number
  readonly records: number
  /** Bytes cut from the torn tail of the last segment. */
  readonly truncatedBytes: number
  /** File names; a copy of each is in `quarantine/`. */
  readonly corruptSegments: readonly string[]
  readonly lost: readonly LostRange[]
  readonly lostRecords: bigint
  readonly anomalies: readonly WalAnomaly[]
  readonly staleLockBroken: boolean
}

/** One sealed unit: bytes that will be sent to the database unchanged until it acks. */
export interface SealedUnit {
  readonly name: string
  readonly manifest: unknown
  readonly payload: Buffer
}

export interface WalStats {
  readonly pendingBytes: number
  /** Bytes of all retained segments. */
  readonly logBytes: number
  readonly logBytesMax: number
  readonly segments: number
  readonly durableLsn: bigint
  readonly firstLsn: bigint
  /** Records between the consumer's cursor and the durable end. */
  readonly backlogRecords: ReadonlyMap<string, bigint>
  readonly truncatedBytes: number
  readonly lostRecords: bigint
  readonly corruptSegments: number
  readonly quarantined: number
  readonly failed: boolean
}

/** One group that became durable together. */
export interface CommitReport {
  readonly records: number
  /** From taking the group to the end of its `fdatasync`. */
  readonly seconds: number
}

/** Where a scan begins: both must be reached. Default: at the first record. */
export interface ScanStart {
  readonly lsn?: bigint
  readonly receivedUnixNano?: bigint
}

export interface WalSettings {
  /** Owned by exactly one process; created with mode 0700. */
  readonly directory: string
  readonly clock?: Clock
  readonly segmentBytes?: number
  /** All segments together; at this size appends answer `retryable: full`. */
  readonly bytesMax?: number
  /** Free space on the volume below which appends answer `retryable: full`. */
  readonly reserveBytes?: number
  /** How long segments outlive the slowest cursor, in milliseconds. */
  readonly retainAfterAckMs?: number
  readonly fileSystem?: WalFileSystem
  /** Called after every group commit; must not throw. */
  readonly onCommit?: (commit: CommitReport) => void
  /** Called once, when a write or fsync failed for good: the process should end, recovery tells what is durable. */
  readonly onFailed?: (error: unknown) => void
}

export interface ReadOptions {
  readonly recordsMax: number
  /** A single larger record is still returned alone. */
  readonly bytesMax: number
}

export interface Wal {
  /** 32 hex digits, random per directory. */
  readonly uuid: string
  /** Every name under which this directory holds records: META that was lost is followed by a new one. */
  readonly uuids: ReadonlySet<string>
  readonly epoch: bigint
  /** Highest lsn that readers may see; 0 before the first record. */
  readonly durableLsn: bigint
  /** Lowest retained lsn. */
  readonly firstLsn: bigint
  readonly directory: string
  readonly recovery: WalRecoveryReport
  /** True after a write or fsync failed: the process must stop acking, answer 503 and exit non-zero. */
  readonly failed: boolean
  append(record: AppendRecord): Promise<AppendOutcome>
  /**
   * Durable records of one `walUuid` from `fromLsn` on, without a hole between two of them. A first record above `fromLsn`, or an empty
   * answer while `durableLsn >= fromLsn`, means that what lies between was lost or deleted; losses are in `lostRanges`.
   */
  read(fromLsn: bigint, options: ReadOptions): Promise<WalRecord[]>
  /** Headers from a place and time on, oldest first, without reading bodies. For rebuilding windows at start. */
  scanHeaders(from: ScanStart, visit: (header: WalRecordHeader) => void): Promise<void>
  /** Resolves when a record above `afterLsn` can be read. Rejects with the signal's reason, or E_WAL_CLOSED. */
  waitForRecords(afterLsn: bigint, signal?: AbortSignal): Promise<void>
  lostRanges(): readonly LostRange[]
  /** Highest lsn the consumer has finished; 0n if none. */
  cursor(consumer: string): bigint
  /** Durable when resolved; going backwards has no effect. Then deletes segments nobody needs. */
  advanceCursor(consumer: string, lsn: bigint): Promise<void>
  /** Bytes of the log behind a record, to about 256 KiB. */
  bytesAfter(lsn: bigint): number
  /** The lowest record behind which no more than some bytes lie, to about 256 KiB. */
  cursorLeaving(bytes: number): bigint
  /** The consumers whose cursors hold back deletion. Without any, nothing is ever deleted. */
  registerConsumers(names: readonly string[]): void
  /** Durable when resolved. A name may be sealed once: sealed bytes never change. */
  seal(unitName: string, payload: readonly Buffer[] | Buffer, manifest: object): Promise<void>
  /**
   * Puts the parts of a unit in its place, before the first of them is sent. Durable when resolved. For a unit of which
   * the database refused a block before anything of it was stored; never otherwise.
   */
  reseal(unitName: string, payload: readonly Buffer[], manifest: object): Promise<void>
  /** Oldest first. A unit whose checksum does not fit is moved to quarantine and counted as anomaly. */
  sealedUnits(): Promise<SealedUnit[]>
  removeSealed(unitName: string): Promise<void>
  /**
   * Keeps refused content with its reason as two files; returns once both are durable. Put again after a crash, the same
   * content is not kept twice.
   */
  quarantine(name: string, content: Buffer, reason: object): Promise<void>
  stats(): WalStats
  /** Commits what was accepted, releases the lock. Later appends answer `retryable: draining`. */
  close(): Promise<void>
}
