export type {
  ActiveAttribution,
  Attribution,
  LayerTokens,
  Overage,
  Workload,
} from './attribution/attribution.ts'
export { currentAttribution, type TaskOptions, withAttribution, withTask } from './attribution/attribution-context.ts'
export { MissingAttributionError } from './attribution/missing-attribution.ts'
export {
  type AttributionPolicy,
  configureAttribution,
  type OnMissing,
  type RequiredField,
} from './attribution/policy.ts'
export { hashUserId, type UserKey } from './attribution/user-id.ts'
export type { UsageStatus } from './call/model-call.ts'
export { AttributionSpanProcessor } from './export/attribution-span-processor.ts'
export { OutlaySpanExporter, type OutlaySpanExporterOptions } from './export/outlay-span-exporter.ts'
export type { ExportStats } from './export/span-queue.ts'
export { type OutlayRegistration, type RegisterOptions, registerOutlay, type SignalSource } from './register.ts'
export { wrap } from './wrap.ts'
