export { type Credentials, type EngineCredentials, type PublishedEngine, readPublishedEngine } from './credentials.ts'
export {
  type EmbeddedClickHouse,
  type EmbeddedClickHouseSettings,
  type EngineEvent,
  startEmbeddedClickHouse,
} from './embedded-clickhouse.ts'
