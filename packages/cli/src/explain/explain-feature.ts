/** The five-minute answer: what a task of a feature costs now and 30 days ago, why, and where to look first. */
import { type ClickHouseClient, type KpiArguments, type KpiViewName, kpiStatement, queryKpi } from '@outlay/clickhouse'
import { OutlayError, SLOT_SECONDS } from '@outlay/core'
import { suggestionFor } from '@outlay/pricing'
import { isoOf } from '#src/kpi/view-answer.ts'
import { driverSentences } from './driver-sentences.ts'
import { type AnswerRow, type FeatureChange, featureChangeOf, type ModelShift } from './feature-drivers.ts'

/** What a part of the feature costs in the 30 days before `as_of`. */
export interface FeaturePart {
  readonly key: string
  readonly calls: string
  readonly cost_usd: string | null
  readonly cost_share: number | null
  readonly unpriced_calls: string
}

export interface DearTask {
  readonly task_id: string
  readonly tenant: string
  readonly task_type: string
  readonly cost_usd: string
  readonly type_median_usd: string
  /** Cost ÷ median of its type. */
  readonly ratio: number
}

/** Shape: docs/reference/cli/explain-feature.schema.json. */
export interface ExplainedFeature extends FeatureChange {
  readonly kind: 'feature'
  readonly feature: string
  readonly database: string
  readonly book: string
  /** ISO 8601; the 30 days before it are now, the 30 before those are then. */
  readonly as_of: string
  readonly tenants: readonly string[]
  readonly workloads: readonly string[]
  readonly tasks_now: string
  readonly tasks_then: string
  /** Tasks of now that are left out because a call has no price. */
  readonly unpriced_tasks: string
  readonly sentences: readonly string[]
  /** The dearest complete tasks of now, at most ten. */
  readonly tasks: readonly DearTask[]
  readonly models: readonly FeaturePart[]
  readonly routes: readonly FeaturePart[]
}

export interface FeatureQuestion {
  readonly database: string
  readonly feature: string
  /** Unix seconds. */
  readonly asOf: number
  readonly book: string
  readonly tenants: readonly string[]
  readonly workloads: readonly string[]
}

const PERIOD_SECONDS = 30 * 86_400
const TASKS_MAX = 10
const NAMES_SHOWN_MAX = 10

/** Windows begin with a slot of 30 minutes, `kpi_feature_answer` with the first slot that is whole. */
const nextSlot = (seconds: number): number => Math.ceil(seconds / SLOT_SECONDS) * SLOT_SECONDS

interface Asker {
  readonly client: ClickHouseClient
  readonly question: FeatureQuestion
}

const partsOf = (
  { client, question }: Asker,
  by: 'feature' | 'model' | 'route',
  window: Pick<KpiArguments, 'from_time' | 'to_time'>,
): Promise<FeaturePart[]> => {
  const { database, feature, tenants, workloads, book } = question
  const args = { ...window, by, features: [feature], tenants, workloads, book }
  return queryKpi<FeaturePart>(client, database, 'kpi_feature_concentration', args)
}

/** Only the dearest: a feature may have millions of tasks. */
const dearestTasks = async ({ client, question }: Asker, window: KpiArguments): Promise<DearTask[]> => {
  const { database, feature, tenants, workloads, book } = question
  const name: KpiViewName = 'kpi_task_outliers'
  const args = { ...window, min_ratio: 0, features: [feature], tenants, workloads, book }
  const { query, query_params } = kpiStatement(database, name, args)
  const result = await client.query({
    query: `SELECT task_id, tenant, task_type, cost_usd, type_median_usd, ratio FROM (${query}) ORDER BY cost_usd DESC, tenant, task_id LIMIT ${TASKS_MAX}`,
    query_params,
    format: 'JSONEachRow',
  })
  return result.json<DearTask>()
}

const modelShifts = (now: readonly FeaturePart[], before: readonly FeaturePart[]): readonly ModelShift[] => {
  const shareIn = (parts: readonly FeaturePart[], model: string): number => {
    const total = parts.reduce((sum, { calls }) => sum + Number(calls), 0)
    const own = parts.find(({ key }) => key === model)
    return own === undefined || total === 0 ? 0 : Number(own.calls) / total
  }
  const models = new Set([...now, ...before].map(({ key }) => key))
  return [...models].map((model) => ({ model, share_now: shareIn(now, model), share_then: shareIn(before, model) }))
}

/** Refuses a feature without calls in both periods, with the names that are near or dear. */
const assertFeature = async (
  asker: Asker,
  window: { readonly from_time: number; readonly to_time: number },
): Promise<void> => {
  const { client, question } = asker
  const { database, feature, book, tenants, workloads } = question
  // The sentinel of "everything" is no feature.
  const found = feature === '*' ? [] : await partsOf(asker, 'feature', window)
  if (found.length > 0) return
  const known = await queryKpi<{ value: string }>(client, database, 'dim_values', {
    ...window,
    dimension: 'feature',
    book,
  })
  const names = known.map(({ value }) => value)
  const isKnown = names.includes(feature)
  const shown = names.slice(0, NAMES_SHOWN_MAX)
  const more = names.length - shown.length
  throw new OutlayError(
    'E_FEATURE',
    `no calls of that feature in the 60 days before ${isoOf(question.asOf)}${isKnown ? ' under --where' : suggestionFor(feature, names)}`,
    {
      got: isKnown ? [feature, ...tenants, ...workloads].filter((word) => word !== '*').join(', ') : feature,
      ...(isKnown || names.length === 0
        ? {}
        : { want: `${shown.join(', ')}${more > 0 ? ` or one of ${more} more` : ''}` }),
      fix: 'outlay kpi dim-values --dimension feature lists them; ask about another time with --as-of',
    },
  )
}

/** Fails with `E_FEATURE` where the feature has no calls now or then. */
export const explainFeature = async (
  client: ClickHouseClient,
  question: FeatureQuestion,
): Promise<ExplainedFeature> => {
  const { database, feature, asOf, book, tenants, workloads } = question
  const asker = { client, question }
  const now = { from_time: nextSlot(asOf - PERIOD_SECONDS), to_time: asOf }
  const then = { from_time: nextSlot(asOf - 2 * PERIOD_SECONDS), to_time: now.from_time }
  await assertFeature(asker, { from_time: then.from_time, to_time: asOf })
  const [rows, models, modelsThen, routes, tasks] = await Promise.all([
    queryKpi<AnswerRow>(client, database, 'kpi_feature_answer', { as_of: asOf, feature, tenants, workloads, book }),
    partsOf(asker, 'model', now),
    partsOf(asker, 'model', then),
    partsOf(asker, 'route', now),
    dearestTasks(asker, now),
  ])
  const change = featureChangeOf(rows)
  const [first] = rows
  const plain = ({ key, calls, cost_usd, cost_share, unpriced_calls }: FeaturePart): FeaturePart => ({
    key,
    calls,
    cost_usd,
    cost_share,
    unpriced_calls,
  })
  return {
    kind: 'feature',
    feature,
    database,
    book,
    as_of: isoOf(asOf),
    tenants,
    workloads,
    ...change,
    tasks_now: first?.tasks_now ?? '0',
    tasks_then: first?.tasks_then ?? '0',
    unpriced_tasks: first?.unpriced_tasks ?? '0',
    sentences: driverSentences(change.drivers, modelShifts(models, modelsThen)),
    tasks,
    models: models.map(plain),
    routes: routes.map(plain),
  }
}
