export type {
  ActiveAttribution,
  Attribution,
  LayerTokens,
  Overage,
  Workload,
} from './attribution/attribution.ts'
export { currentAttribution, type TaskOptions, withAttribution, withTask } from './attribution/attribution-context.ts'
export { withBranch } from './attribution/branch.ts'
export { MissingAttributionError } from './attribution/missing-attribution.ts'
export {
  type AttributionPolicy,
  configureAttribution,
  type OnMissing,
  type RequiredField,
} from './attribution/policy.ts'
export { hashUserId, type UserKey } from './attribution/user-id.ts'
export type { DatedUserKey, UserKeys } from './attribution/user-keys.ts'
export type { CallOperation } from './call/call-span.ts'
export type { UsageStatus } from './call/model-call.ts'
export { AttributionSpanProcessor } from './export/attribution-span-processor.ts'
export { OutlaySpanExporter, type OutlaySpanExporterOptions } from './export/outlay-span-exporter.ts'
export type { ExportStats } from './export/export-stats.ts'
export {
  type CaptureOptions,
  captureAttribution,
  type RunOptions,
  runWithAttribution,
} from './propagation/capture-attribution.ts'
export type { CarrierRefusal } from './propagation/carrier.ts'
export type { CarrierKey } from './propagation/carrier-keys.ts'
export { CarrierRefusedError, type CarrierStats, carrierStats } from './propagation/carrier-refusal.ts'
export { type IncomingHeaders, outgoingHeaders, runWithHeaders } from './propagation/http-headers.ts'
export { type RecordedCall, recordCall } from './record-call.ts'
export { AttributionPropagator, type AttributionPropagatorOptions } from './propagation/attribution-propagator.ts'
export {
  currentOutlay,
  type OutlayRegistration,
  type RegisterOptions,
  registerOutlay,
  type SignalSource,
} from './register.ts'
export { wrap } from './wrap.ts'
