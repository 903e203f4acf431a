export { evidenceOf } from './pipeline/span-rows.ts'
export { startCollector } from './collector.ts'
export {
  type Collector,
  type CollectorEvent,
  type CollectorSettings,
  DEFAULT_REQUIRED,
  type Reloadable,
} from './collector-settings.ts'
export {
  type CallDisposition,
  type NormalizedCall,
  type NormalizedTrace,
  type NormalizedTraces,
  normalizeTraces,
} from './normalize/normalize-traces.ts'
export { type RederivedTrace, rederiveTrace } from './normalize/rederive-trace.ts'
export { readStoredTraces } from './ledger/read-back.ts'
export type { StoredTrace } from './ledger/trace-record.ts'
export type { TraceFile } from './normalize/read-trace-file.ts'
export { collectorSettingsOf } from './config/collector-settings-of.ts'
export { changedKeys } from './config/changed-keys.ts'
export { CONFIG_KEYS, type ConfigValues } from './config/config-keys.ts'
export type { EffectiveValue } from './config/effective-config.ts'
export { type CollectorConfig, type ConfigOverride, parseCollectorConfig } from './config/parse-collector-config.ts'
export { endpointWith, parseInstantMs, parseTenantId } from './config/value-schemas.ts'
export { parseDurationMs } from './config/units.ts'
export {
  type CreatedToken,
  createToken,
  readTokensFile,
  revokeToken,
  type Scope,
  SCOPES,
  type TokenBinding,
  type TokenEntry,
} from './tokens/index.ts'
export { type SettlementQuestion, verifySettlement } from './verify/verify-settlement.ts'
export { planRebuild, type RebuiltLedger } from './upkeep/rebuild-ledger.ts'
export { runUpkeep } from './upkeep/upkeep.ts'
export type { ReplayedLedger, UpkeepAnswer, UpkeepJob } from './upkeep/upkeep-job.ts'
export type { EngineCounts } from './telemetry/engine-metrics.ts'
export { SETTLEMENT_CONSUMER } from './ledger/settlement-worker.ts'
export { EVIDENCE_CONSUMER } from './pipeline/evidence-worker.ts'
export { readQuarantinedFiles } from './pipeline/quarantined-files.ts'
export { type InspectedLog, inspectLog } from './wal/index.ts'
