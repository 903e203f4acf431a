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
  { path: 'exporters.otlp', why: 'the mirror speaks OTLP over HTTP: want otlp_http' },
  {
    path: 'receivers.otlp.protocols.grpc.keepalive.enforcement_policy',
    why: 'not supported by this version: the gRPC library has no such policy',
  },
  { path: 'service.telemetry.traces', why: 'not supported by this version' },
]
