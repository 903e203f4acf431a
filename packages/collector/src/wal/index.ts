export type {
  SealedUnit,
  AppendOutcome,
  CommitReport,
  RecordMeta,
  Wal,
  WalRecord,
  WalSettings,
} from './types.ts'
export { isOutOfSpace, nodeFileSystem, type WalFile, type WalFileSystem, writeFileAtomically } from './file-system.ts'
export { hashBody, RECORD_FLAGS } from './record-codec.ts'
export { type InspectedLog, inspectLog } from './inspect-log.ts'
export { openWal } from './wal.ts'
