/**
 * The metrics that are a contract (spec: collector §12), and alert rules that name only such: held against a real collector,
 * whose database is away.
 */
import { connect } from '@outlay/clickhouse'
import { startCollector } from '@outlay/collector'
import { loadPackagedBook } from '@outlay/pricing'
import { tempDir } from '@outlay/testkit'
import { beforeAll, describe, expect, test } from 'vitest'
import { readText, readYaml } from './read-yaml.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: Readonly<Record<string, string>>
}

const PATH = 'deploy/prometheus/outlay-alerts.yaml'
const { groups } = readYaml(PATH) as {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}
const rules = groups.flatMap((group) => group.rules)
const metricsOf = (expr: string): readonly string[] => expr.match(/\boutlay_\w+/g) ?? []

/** Type of every metric of `/metrics`, by name. */
const types = new Map<string, string>()
/** Labels of every series that is printed before anything happened. */
const labelsOf = new Map<string, Set<string>>()

beforeAll(async () => {
  const directory = tempDir()
  const client = connect({ url: 'http://127.0.0.1:1', username: 'nobody', password: '', database: 'default' })
  const collector = await startCollector({
    client,
    database: 'outlay',
    walDirectory: `${directory.path}/wal`,
    book: loadPackagedBook(),
    http: { host: '127.0.0.1', port: 0 },
    mirror: {
      url: 'http://127.0.0.1:1/v1/traces',
      headers: {},
      compression: 'none',
      timeoutMs: 1_000,
      maxLagBytes: 1_000_000,
    },
  })
  try {
    const page = await collector.metrics()
    for (const [, name = '', type = ''] of page.matchAll(/^# TYPE (\w+) (\w+)$/gm)) types.set(name, type)
    for (const [, name = '', labels = ''] of page.matchAll(/^(outlay_\w+)(?:\{(.*)\})? /gm)) {
      const known = labelsOf.get(name) ?? new Set()
      for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label)
      labelsOf.set(name, known)
    }
  } finally {
    await collector.close()
    await client.close()
    directory.remove()
  }
})

const typeOf = (metric: string): string | undefined => {
  const own = types.get(metric)
  if (own !== undefined) return own
  const base = metric.replace(/_bucket$/, '')
  return types.get(base) === 'histogram' ? 'bucket' : undefined
}

describe('deploy/prometheus/outlay-alerts.yaml', () => {
  test('has a rule for everything that a collector should alert about, each once', () => {
    expect(rules.map(({ alert }) => alert)).toEqual([
      'OutlayCollectorAbsent',
      'OutlayLogFailed',
      'OutlayLogFilling',
      'OutlayLogNotDrained',
      'OutlayQuarantine',
      'OutlayLostRecords',
      'OutlayIntegrityErrors',
      'OutlayWriterHeld',
      'OutlayInDoubtTooLong',
      'OutlayGuardRefusals',
      'OutlayNoSpans',
      'OutlaySlowAck',
    ])
  })

  test.each(rules)('$alert asks only for what a collector registers', ({ expr, annotations }) => {
    const metrics = metricsOf(expr)
    expect(metrics).not.toEqual([])
    expect(metrics.filter((metric) => typeOf(metric) === undefined)).toEqual([])
    // Also the metrics that its text sends a reader to.
    expect(metricsOf(Object.values(annotations).join(' ')).filter((metric) => typeOf(metric) === undefined)).toEqual([])
  })

  test.each(rules)('$alert takes rates of counters and levels of gauges', ({ expr }) => {
    const rated = [...expr.matchAll(/(?:increase|rate)\((outlay_\w+)/g)].map(([, metric = '']) => metric)
    for (const metric of rated)
      expect([metric, typeOf(metric)]).toEqual([metric, expect.stringMatching(/^(counter|bucket)$/)])
    for (const metric of metricsOf(expr).filter((name) => typeOf(name) === 'bucket')) expect(rated).toContain(metric)
  })

  test.each(rules)('$alert closes its brackets, says how bad it is, what is wrong and what to do', (rule) => {
    const count = (sign: string): number => rule.expr.split(sign).length
    expect(count('(')).toBe(count(')'))
    expect(rule.labels.severity).toMatch(/^(warning|critical)$/)
    expect(Object.keys(rule.annotations)).toEqual(['summary', 'description'])
  })

  test('uses only labels that the metrics have, beside those of a scrape', () => {
    const labels = [...readText(PATH).matchAll(/by \(([^)]+)\)/g)].flatMap(([, list = '']) => list.split(', '))
    expect(new Set(labels)).toEqual(new Set(['instance', 'consumer', 'reason', 'table', 'transport', 'rule', 'le']))
  })
})

/** Names without `outlay_`, with their labels. */
const CONTRACT = `
requests_total{transport,encoding,code} ack_duration_seconds{transport} request_bytes_total{stage} spans_received_total
spans_rejected_total{reason} spans_duplicate_total{level} refused_total{reason} redacted_attributes_total{class} inflight_bytes
clock_skewed_spans_total{direction}
wal_appends_total wal_commit_duration_seconds wal_commit_records wal_bytes wal_capacity_bytes wal_backlog_records{consumer}
wal_oldest_unacked_seconds{consumer} wal_truncated_bytes_total wal_lost_records_total wal_corrupt_segments_total wal_failed
inserts_total{table,result} insert_duration_seconds{table} inserted_rows_total{table} insert_retries_total{class,code}
units_in_doubt{table} oldest_in_doubt_seconds writer_held{table} dedup_window_used_ratio{table} quarantined_total{reason}
ingest_delay_seconds
ledger_open_traces ledger_entries_total{sign,reason} ledger_late_spans_total ledger_oldest_unsettled_seconds
ledger_integrity_errors_total
mirror_lag_bytes mirror_skipped_records_total engine_restarts_total engine_queries_total{result}
engine_guard_refusals_total{rule} event_loop_lag_seconds worker_queue_bytes{stage} build_info{version,node}
`
const contract = CONTRACT.trim()
  .split(/\s+/)
  .map((entry) => {
    const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(entry) ?? []
    return { metric: `outlay_${name}`, labels: labels === '' ? [] : labels.split(',') }
  })
/** What can only be said once something was sent: a code of the database, a table. */
const WITHOUT_A_START = new Set([
  'insert_retries_total',
  'insert_duration_seconds',
  'units_in_doubt',
  'dedup_window_used_ratio',
])

describe('the page of metrics', () => {
  test.each(contract)('has $metric, by the labels of the contract, from the start', ({ metric, labels }) => {
    expect(types.get(metric)).toBeDefined()
    if (WITHOUT_A_START.has(metric.replace('outlay_', ''))) return
    const isHistogram = types.get(metric) === 'histogram'
    expect([...(labelsOf.get(isHistogram ? `${metric}_count` : metric) ?? ['absent'])]).toEqual(labels)
  })
})
