import { REFUSAL_REASONS, type ReceiveMetrics } from '#src/otlp/index.ts'
import { REJECTION_REASONS } from '#src/otlp/span-ids.ts'
import { REDACTION_CLASSES } from '#src/redact/redaction-counts.ts'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

const ACK_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** The receive path's counters in Prometheus form (collector §12). They start at 0: absence never looks like health. */
export const createReceiveMetrics = (registry: Registry): ReceiveMetrics => {
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name: `outlay_${name}`, help, labelNames: [...labelNames], registers })
  const requests = counter('requests_total', 'Requests by answer', ['transport', 'encoding', 'code'])
  const ackSeconds = new Histogram({
    name: 'outlay_ack_duration_seconds',
    help: 'From the first header byte to the answer',
    labelNames: ['transport'],
    buckets: ACK_BUCKETS_SECONDS,
    registers,
  })
  const bytes = counter('request_bytes_total', 'Bytes of request bodies', ['stage'])
  const received = counter('spans_received_total', 'Spans in requests answered with success')
  const rejected = counter('spans_rejected_total', 'Spans rejected by count', ['reason'])
  const duplicates = counter('spans_duplicate_total', 'Spans of requests that were durable already', ['level'])
  const refused = counter('refused_total', 'Requests refused; with reason connections: connections', ['reason'])
  for (const reason of REFUSAL_REASONS) refused.inc({ reason }, 0)
  for (const reason of REJECTION_REASONS) rejected.inc({ reason }, 0)
  for (const stage of ['wire', 'inflated', 'stripped']) bytes.inc({ stage }, 0)
  for (const transport of ['http', 'grpc']) ackSeconds.zero({ transport })
  requests.inc({ transport: 'http', encoding: 'protobuf', code: 200 }, 0)
  requests.inc({ transport: 'grpc', encoding: 'protobuf', code: 0 }, 0)
  duplicates.inc({ level: 'body' }, 0)
  const redacted = counter('redacted_attributes_total', 'Attributes removed or replaced before the log', ['class'])
  for (const kind of REDACTION_CLASSES) redacted.inc({ class: kind }, 0)
  const inFlight = new Gauge({ name: 'outlay_inflight_bytes', help: 'Bytes of requests being read', registers })
  return {
    requestFinished: ({ transport, encoding, code, durationSeconds }) => {
      requests.inc({ transport, encoding, code })
      ackSeconds.observe({ transport }, durationSeconds)
    },
    bodyBytes: (stage, count) => bytes.inc({ stage }, count),
    spansReceived: (spans) => received.inc(spans),
    spansRejected: (reason, spans) => rejected.inc({ reason }, spans),
    spansDuplicate: (spans) => duplicates.inc({ level: 'body' }, spans),
    refused: (reason) => refused.inc({ reason }),
    redacted: (counts) => {
      for (const [kind, count] of Object.entries(counts)) {
        if (typeof count === 'number' && count > 0) redacted.inc({ class: kind }, count)
      }
    },
    inFlightBytes: (count) => inFlight.set(count),
  }
}
