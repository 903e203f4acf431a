/** What a collector needs, says and offers. */
import type { RequestListener } from 'node:http'
import type { ClickHouseClient, WindowLoad } from '@outlay/clickhouse'
import type { Clock } from '@outlay/core'
import type { BookTables } from '@outlay/pricing'
import type { OtlpGrpcSettings, OtlpHttpSettings } from '#src/otlp/index.ts'
import type { StripOptions } from '#src/redact/index.ts'
import type { WalSettings } from '#src/wal/index.ts'
import type { Dialects } from './ledger/plan-parts.ts'
import type { RequiredField } from './ledger/settled-row.ts'
import type { SharedTraceSettings } from './ledger/shared-traces.ts'
import type { Address } from './listen.ts'
import type { MirrorSettings } from './mirror/mirror-settings.ts'
import type { AttributionMap } from './pipeline/map-attribution.ts'
import type { DeliveryEvent } from './pipeline/create-delivery.ts'
import type { EngineCounts } from './telemetry/engine-metrics.ts'
import type { Health } from './telemetry/admin-server.ts'
import type { TlsSettings } from './tls/tls-files.ts'

/** What happened that an operator may want to know. Never holds content, tokens or keys. */
export type CollectorEvent =
  | { readonly type: 'prices_loaded'; readonly load: WindowLoad }
  | { readonly type: 'prices_failed'; readonly error: unknown }
  | DeliveryEvent
  | {
      readonly type: 'recovered'
      readonly truncatedBytes: number
      readonly lostRecords: bigint
      readonly sealedUnits: number
    }
  /** Everything that is open follows the dialect rules of this version now. */
  | { readonly type: 'rules_followed'; readonly traces: number; readonly corrections: number }
  /** From now on these tokens hold. */
  | { readonly type: 'tokens_reloaded'; readonly tokens: number }
  /** The tokens file cannot be read or is wrong; those of before hold. */
  | { readonly type: 'tokens_refused'; readonly error: unknown }
  /** New connections get the new certificate. */
  | { readonly type: 'tls_reloaded'; readonly endpoint: string }
  /** Certificate, key or CA cannot be used; those of before hold. */
  | { readonly type: 'tls_refused'; readonly endpoint: string; readonly error: unknown }
  /** The mirrored backend takes nothing, and why: a status of HTTP, or `network`. */
  | { readonly type: 'mirror_held'; readonly code: string }
  /** So much waited for the mirrored backend that some of it was left out. */
  | { readonly type: 'mirror_skipped'; readonly records: bigint }
  /** A mistake of ours; the mirror goes on after a while, the ledger never stopped. */
  | { readonly type: 'mirror_failed'; readonly error: unknown }
  /** A mistake of ours answered one request with 500; nothing of it is in the log. */
  | { readonly type: 'request_failed'; readonly error: unknown }
  /** `outlay rebuild` and `outlay replay` work only while this collector is stopped. */
  | { readonly type: 'upkeep_unavailable'; readonly error: unknown }
  /** A worker ended with an error of ours: the process should stop; the log keeps everything. */
  | { readonly type: 'failed'; readonly error: unknown }

export interface EndpointSettings extends Address {
  /** Absent = not encrypted. */
  readonly tls?: TlsSettings
  /** Of one request, on the wire and inflated. */
  readonly bodyBytesMax?: number
}

export interface TokenSettings {
  readonly file: string
  /** Looked at before `authorization`; lower case. The same key in the metadata of gRPC. */
  readonly header?: string
  readonly reloadIntervalMs?: number
}

export interface Redaction {
  /** What is taken out before the log. */
  readonly redact?: Pick<StripOptions, 'mode' | 'extraKeys' | 'mappedKeys' | 'unknownBytesMax' | 'keepStatusMessage'>
  /** Key that hashes raw user ids of foreign senders; without it they are dropped and counted. */
  readonly userKey?: string
}

/** What a call must say of itself, and under which names. */
export interface Attribution {
  readonly require?: readonly RequiredField[]
  /** Attribution under names of the senders' own. */
  readonly attributionMap?: AttributionMap
}

/** Settings that may change while the collector runs. */
export type Reloadable = Redaction & Attribution

/** How long the steps of `close` may take, in milliseconds; what is not done by then is left to the next start. */
export interface ShutdownSettings {
  /** For requests in flight to reach the log and be answered. */
  readonly requestsMs?: number
  /** For what is being read from the database, or sent to it, to be answered. */
  readonly unitsMs?: number
}

export interface CollectorSettings extends Reloadable {
  readonly client: ClickHouseClient
  /** Database of the ledger; prepared beforehand, or by `prepare`. */
  readonly database: string
  /**
   * Brings the database up to date before anything is read or written there, repeated until it can be reached. Receiving
   * does not wait for it.
   */
  readonly prepare?: () => Promise<unknown>
  readonly walDirectory: string
  readonly wal?: Pick<WalSettings, 'segmentBytes' | 'bytesMax' | 'reserveBytes' | 'retainAfterAckMs'>
  /** The packaged tables; edges and splits of the database take their place. */
  readonly book: BookTables
  /** OTLP/HTTP. Port 0 = any. */
  readonly http: EndpointSettings & Omit<OtlpHttpSettings, 'tls'>
  /** OTLP/gRPC. Port 0 = any; absent = not served. */
  readonly grpc?: EndpointSettings & Omit<OtlpGrpcSettings, 'tls' | 'isReady'>
  /** Who may send. Absent = everybody, as `local`. */
  readonly tokens?: TokenSettings
  /** `/metrics` and health. Port 0 = any; absent = not served. */
  readonly admin?: {
    readonly host: string
    readonly port: number
    /** Answers every path but those: the web panel. */
    readonly others?: RequestListener
  }
  /** In place of the built-in dialect table. What is open and was settled under another version is derived again. */
  readonly dialects?: Dialects
  readonly quietPeriodMs?: number
  /** How much longer a trace waits that another collector also has spans of. */
  readonly sharedTraces?: SharedTraceSettings
  /** Traces that wait for settlement before evidence stays in the log. */
  readonly waitingTracesMax?: number
  readonly quietPeriodOwnDialectMs?: number
  /** A trace settles after that, whatever still comes. */
  readonly traceOpenMsMax?: number
  readonly openTraceShownEveryMs?: number
  readonly unitAgeMs?: number
  readonly pricePollMs?: number
  /** Bytes of requests in memory at once. */
  readonly inFlightBytesMax?: number
  /** What the embedded engine did, where there is one. */
  readonly engine?: () => EngineCounts
  /** Another OTLP backend that gets the same spans as the log holds them: without content unless redaction is off. */
  readonly mirror?: MirrorSettings
  /** For one attempt to insert. */
  readonly insertAttemptMs?: number
  readonly shutdown?: ShutdownSettings
  readonly clock?: Clock
  readonly onEvent?: (event: CollectorEvent) => void
}

export interface Collector {
  /** Base URL for OTLP exporters. */
  readonly url: string
  /** The same for gRPC exporters. */
  readonly grpcUrl: string | undefined
  readonly adminUrl: string | undefined
  health(): Health
  metrics(): Promise<string>
  /**
   * Reads again what may change while it runs: tokens and certificates. What is wrong is left as it was, and said. With
   * settings, redaction follows them from the next request on, and attribution from the next unit on; what they leave out
   * holds as if it had never been set.
   */
  reload(next?: Reloadable): Promise<void>
  /** Resolves when everything acked so far is settled and priced. */
  settled(signal?: AbortSignal): Promise<void>
  /**
   * Says that it is not ready, waits, stops accepting, lets requests in flight reach the log, ends the workers. What is not
   * inserted stays in the log.
   */
  close(how?: {
    /** For balancers to notice, in milliseconds; 0 where nobody has to. */
    readonly drainDelayMs?: number
  }): Promise<void>
}

export const DEFAULT_REQUIRED: readonly RequiredField[] = ['tenant', 'feature', 'workload']
