export {
  type Collector,
  type CollectorEvent,
  type CollectorSettings,
  DEFAULT_REQUIRED,
  startCollector,
} from './collector.ts'
