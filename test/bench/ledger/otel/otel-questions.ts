/** Three questions that the ledger and raw spans both answer. */
import type { KpiArguments, KpiViewName } from '@outlay/clickhouse'
import type { Target } from '../counters-targets.ts'
import { readOtelSql } from './load-spans.ts'

interface OtelQuestion {
  readonly question: string
  readonly file: string
  readonly view: KpiViewName
  readonly args: (from: number, to: number) => KpiArguments
  /** Where the tokens of each key are checked. */
  readonly target: Target
  readonly key: string
}

/** Longer than time itself: a series of one bucket is the answer for its range. */
const ONE_BUCKET = 4_000_000_000

const range = (from: number, to: number): KpiArguments => ({ from_time: from, to_time: to })

export const OTEL_QUESTIONS: readonly OtelQuestion[] = [
  {
    question: 'cost by tenant',
    file: 'cost-by-tenant.sql',
    view: 'kpi_tenant_series',
    args: (from, to) => ({ ...range(from, to), step: ONE_BUCKET }),
    target: 'tenant_counters',
    key: 'tenant',
  },
  {
    question: 'cost by feature',
    file: 'cost-by-feature.sql',
    view: 'kpi_feature_series',
    args: (from, to) => ({ ...range(from, to), step: ONE_BUCKET }),
    target: 'feature_counters',
    key: 'feature',
  },
  {
    question: 'cost per task, p50 and p95',
    file: 'cost-per-task.sql',
    view: 'kpi_task_cost',
    args: (from, to) => ({ ...range(from, to), by: 'all' }),
    target: 'task_counters',
    key: `''`,
  },
]

export const renderQuestion = (file: string, database: string): string =>
  readOtelSql(file)
    .replaceAll('{{priced_spans}}', () => readOtelSql('priced-spans.sql').trimEnd())
    .replaceAll('{{db}}', database)
