import { callsTable, quarantineTable, spansTable } from '@outlay/clickhouse'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { createInDoubt, type InDoubt } from './in-doubt.ts'

/** Metrics behind the ack (collector §12). Names are a contract; no tenant, user, model or key is ever a label. */
export interface PipelineMetrics {
  readonly inserts: Counter<'table' | 'result'>
  readonly insertDuration: Histogram<'table'>
  readonly insertedRows: Counter<'table'>
  readonly insertRetries: Counter<'class' | 'code'>
  readonly writerHeld: Gauge<'table'>
  readonly inDoubt: InDoubt
  readonly windowUsed: Gauge<'table'>
  readonly quarantined: Counter<'reason'>
  readonly tenantClaims: Counter<'reason'>
  readonly reloads: Counter<'what' | 'result'>
  readonly ingestDelay: Histogram
  readonly clockSkewed: Counter<'direction'>
  readonly ledgerEntries: Counter<'sign' | 'reason'>
  readonly lateSpans: Counter
  readonly integrityErrors: Counter
  readonly pricedSkus: Gauge
  readonly priceLoads: Counter
}

const counter = <Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
) => new Counter({ name: `outlay_${name}`, help, labelNames: [...labelNames], registers: [registry] })

const gauge = <Label extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
) => new Gauge({ name: `outlay_${name}`, help, labelNames: [...labelNames], registers: [registry] })

/** Counters that alarms look at are there from the start: absence must never look like health. */
const QUARANTINE_REASONS = [
  'missing_attribution',
  'unbilled_aggregate',
  'broken_ancestry',
  'refused_row',
  'unreadable_record',
]

export const createPipelineMetrics = (registry: Registry): PipelineMetrics => {
  const metrics = newPipelineMetrics(registry)
  for (const reason of QUARANTINE_REASONS) metrics.quarantined.inc({ reason }, 0)
  for (const direction of ['ahead', 'behind'] as const) metrics.clockSkewed.inc({ direction }, 0)
  metrics.ledgerEntries.inc({ sign: '1', reason: 'settled' }, 0)
  for (const table of [spansTable, callsTable, quarantineTable].map((each) => each.table)) {
    metrics.inserts.inc({ table, result: 'accepted' }, 0)
    metrics.insertedRows.inc({ table }, 0)
    metrics.writerHeld.set({ table }, 0)
  }
  return metrics
}

const newPipelineMetrics = (registry: Registry): PipelineMetrics => ({
  inserts: counter(registry, 'inserts_total', 'Insert attempts by result', ['table', 'result']),
  insertDuration: new Histogram({
    name: 'outlay_insert_duration_seconds',
    help: 'Time of one insert attempt',
    labelNames: ['table'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  }),
  insertedRows: counter(registry, 'inserted_rows_total', 'Rows accepted by the database', ['table']),
  insertRetries: counter(registry, 'insert_retries_total', 'Attempts that must be repeated', ['class', 'code']),
  writerHeld: gauge(registry, 'writer_held', '1 while a table waits for an operator', ['table']),
  inDoubt: createInDoubt(registry),
  windowUsed: gauge(
    registry,
    'dedup_window_used_ratio',
    'Share of its deduplication window that the block in doubt has used; at 1 its token may be forgotten',
    ['table'],
  ),
  quarantined: counter(registry, 'quarantined_total', 'Calls, rows and spans of records put into quarantine', [
    'reason',
  ]),
  tenantClaims: counter(registry, 'tenant_claims_total', 'Spans that named a tenant which does not hold', ['reason']),
  reloads: counter(registry, 'reloads_total', 'Files read again while running; refused = the old one holds', [
    'what',
    'result',
  ]),
  ingestDelay: new Histogram({
    name: 'outlay_ingest_delay_seconds',
    help: 'From receiving a request to its spans in the database, of the oldest request of each unit',
    buckets: [0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3_600],
    registers: [registry],
  }),
  clockSkewed: counter(
    registry,
    'clock_skewed_spans_total',
    'Spans that start more than five minutes after they were received (ahead), or more than 400 days before (behind)',
    ['direction'],
  ),
  ledgerEntries: counter(registry, 'ledger_entries_total', 'Entries posted to the ledger', ['sign', 'reason']),
  lateSpans: counter(registry, 'ledger_late_spans_total', 'Spans that came when their trace had been settled already'),
  integrityErrors: counter(
    registry,
    'ledger_integrity_errors_total',
    'Entries that stand twice, and calls that stand more than once or less than not at all, as settlement meets them',
  ),
  pricedSkus: gauge(registry, 'price_window_skus', 'Skus in the compiled price windows'),
  priceLoads: counter(registry, 'price_window_loads_total', 'Loads of the compiled price windows'),
})
