/** The log's own figures in Prometheus form (collector §12): most are read off the log when somebody asks. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '@outlay/core'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { CommitReport, Wal } from '#src/wal/index.ts'

const NANOS_PER_SECOND = 1e9
const NANOS_PER_MS = 1_000_000n
const MS_PER_SECOND = 1_000
const PERCENTILE = 99
const LOOP_RESOLUTION_MS = 10
const COMMIT_BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
const RECORD_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256]

/** What the log reports as it commits; exists before the log is open. */
export const createCommitMetrics = (registry: Registry): ((commit: CommitReport) => void) => {
  const registers = [registry]
  const appends = new Counter({ name: 'outlay_wal_appends_total', help: 'Records made durable', registers })
  const seconds = new Histogram({
    name: 'outlay_wal_commit_duration_seconds',
    help: 'Time of a group commit, with its fdatasync',
    buckets: COMMIT_BUCKETS_SECONDS,
    registers,
  })
  const records = new Histogram({
    name: 'outlay_wal_commit_records',
    help: 'Records of a group commit',
    buckets: RECORD_BUCKETS,
    registers,
  })
  return (commit) => {
    appends.inc(commit.records)
    seconds.observe(commit.seconds)
    records.observe(commit.records)
  }
}

/** Registers what follows the open log. Totals are of this run. */
export const registerLogMetrics = (registry: Registry, wal: Wal, clock: Clock): void => {
  const registers = [registry]
  type Read = (stats: ReturnType<Wal['stats']>) => number
  const gauge = (name: string, help: string, read: Read): void => {
    const metric: Gauge = new Gauge({ name, help, registers, collect: () => metric.set(read(wal.stats())) })
  }
  const total = (name: string, help: string, read: Read): void => {
    const collect = (): void => {
      metric.reset()
      metric.inc(read(wal.stats()))
    }
    const metric: Counter = new Counter({ name, help, registers, collect })
  }
  gauge('outlay_wal_bytes', 'Bytes of all retained segments', ({ logBytes }) => logBytes)
  gauge('outlay_wal_capacity_bytes', 'Size at which senders are asked to come back', ({ logBytesMax }) => logBytesMax)
  gauge('outlay_wal_failed', '1 after a write or fsync failed: nothing is acked any more', ({ failed }) => +failed)
  total('outlay_wal_truncated_bytes_total', 'Bytes of a torn tail, cut at the start', (stats) => stats.truncatedBytes)
  total('outlay_wal_lost_records_total', 'Records that were durable once and cannot be read', ({ lostRecords }) =>
    Number(lostRecords),
  )
  total('outlay_wal_corrupt_segments_total', 'Damaged segments, copied to quarantine', (stats) => stats.corruptSegments)
  registerBacklog(registry, wal, clock)
  registerLoopLag(registry)
}

const registerBacklog = (registry: Registry, wal: Wal, clock: Clock): void => {
  const labelNames = ['consumer'] as const
  const registers = [registry]
  const records: Gauge<'consumer'> = new Gauge({
    name: 'outlay_wal_backlog_records',
    help: 'Durable records that a consumer has not finished',
    labelNames,
    registers,
    collect: () => {
      for (const [consumer, count] of wal.stats().backlogRecords) records.set({ consumer }, Number(count))
    },
  })
  const oldest: Gauge<'consumer'> = new Gauge({
    name: 'outlay_wal_oldest_unacked_seconds',
    help: 'Age of the oldest record that a consumer has not finished; 0 without any',
    labelNames,
    registers,
    collect: async () => {
      for (const consumer of wal.stats().backlogRecords.keys()) {
        const [record] = await wal.read(wal.cursor(consumer) + 1n, { recordsMax: 1, bytesMax: 0 })
        const ageMs = record === undefined ? 0 : clock.now() - Number(record.receivedUnixNano / NANOS_PER_MS)
        oldest.set({ consumer }, Math.max(0, ageMs) / MS_PER_SECOND)
      }
    },
  })
}

/** Since the last scrape: a slow moment must not be averaged away by the hours before it. */
const registerLoopLag = (registry: Registry): void => {
  const delay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
  delay.enable()
  const metric: Gauge = new Gauge({
    name: 'outlay_event_loop_lag_seconds',
    help: '99th percentile of the delay of the event loop since the last scrape',
    registers: [registry],
    collect: () => {
      const lag = delay.percentile(PERCENTILE) / NANOS_PER_SECOND
      metric.set(Number.isFinite(lag) ? lag : 0)
      delay.reset()
    },
  })
}
