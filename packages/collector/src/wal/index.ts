export type {
  AppendOutcome,
  AppendRecord,
  LostRange,
  ReadOptions,
  RecordMeta,
  SealedUnit,
  Wal,
  WalAnomaly,
  WalRecord,
  WalRecordHeader,
  WalRecoveryReport,
  WalSettings,
  WalStats,
} from './types.ts'
export { nodeFileSystem, type WalFile, type WalFileSystem } from './file-system.ts'
export { hashBody, RECORD_FLAGS } from './record-codec.ts'
export { openWal } from './wal.ts'
