export { evidenceOf } from './pipeline/span-rows.ts'
export { startCollector } from './collector.ts'
export { type Collector, type CollectorEvent, type CollectorSettings, DEFAULT_REQUIRED } from './collector-settings.ts'
