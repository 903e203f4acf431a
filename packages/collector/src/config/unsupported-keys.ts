/**
 * Keys that an OpenTelemetry Collector or a later Outlay has and this version has not. They are refused by name with the
 * reason: a setting that is quietly ignored is worse than none.
 */
export interface UnsupportedKey {
  /** With everything below it. */
  readonly path: string
  readonly why: string
}

export const UNSUPPORTED_KEYS: readonly UnsupportedKey[] = [
  {
    path: 'processors.batch',
    why: 'a batch processor answers before anything is durable; batches are built behind the log. Remove it',
  },
  {
    path: 'processors.memory_limiter.check_interval',
    why: 'bytes are admitted before they are read, at every request',
  },
  {
    path: 'processors.memory_limiter.spike_limit_mib',
    why: 'bytes are admitted before they are read: there are no spikes',
  },
  { path: 'processors.genai.candidate_ttl', why: 'not supported by this version; it is 30 days' },
  { path: 'processors.attribution.map', why: 'not supported by this version; send the attributes of Outlay' },
  { path: 'exporters.otlp', why: 'the mirror speaks OTLP over HTTP: want otlp_http' },
  { path: 'exporters.clickhouse.timeout', why: 'not supported by this version; it is 120s' },
  { path: 'exporters.clickhouse.in_flight_per_table', why: 'not supported by this version' },
  {
    path: 'exporters.clickhouse.fsync_after_insert',
    why: 'not supported by this version; it is a setting of the tables',
  },
  {
    path: 'receivers.otlp.protocols.grpc.keepalive.enforcement_policy',
    why: 'not supported by this version: the gRPC library has no such policy',
  },
  { path: 'service.telemetry.logs', why: 'not supported by this version; messages go to stderr, one a line' },
  { path: 'service.telemetry.traces', why: 'not supported by this version' },
]
