import { Counter, Gauge, type Registry } from 'prom-client'

/** The mirror's metrics (collector §12). They exist only where there is a mirror. */
export interface MirrorMetrics {
  readonly requests: Counter<'result'>
  readonly rejectedSpans: Counter
  readonly refusedRecords: Counter<'code'>
  readonly skippedRecords: Counter
  readonly lagBytes: Gauge
}

export const createMirrorMetrics = (registry: Registry): MirrorMetrics => {
  const registers = [registry]
  return {
    requests: new Counter({
      name: 'outlay_mirror_requests_total',
      help: 'Requests to the mirrored backend by what came of them',
      labelNames: ['result'],
      registers,
    }),
    rejectedSpans: new Counter({
      name: 'outlay_mirror_rejected_spans_total',
      help: 'Spans that the mirrored backend rejected of requests that it took',
      registers,
    }),
    refusedRecords: new Counter({
      name: 'outlay_mirror_refused_records_total',
      help: 'Records that the mirrored backend refused for good',
      labelNames: ['code'],
      registers,
    }),
    skippedRecords: new Counter({
      name: 'outlay_mirror_skipped_records_total',
      help: 'Records that were left out because too much waited',
      registers,
    }),
    lagBytes: new Gauge({
      name: 'outlay_mirror_lag_bytes',
      help: 'Bytes of the log that wait for the mirrored backend, to about 256 KiB',
      registers,
    }),
  }
}
