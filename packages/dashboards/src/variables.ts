/** Variables of the dashboards, in the order of the page (spec: dashboards §6). */
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { CURRENT_BOOK } from '@outlay/clickhouse'
import { EVERYTHING, TIME_ARGUMENTS } from './kpi-call.ts'
import { DATASOURCE_REF, DATASOURCE_TYPE, DATASOURCE_UID, selectFrom } from './query.ts'
import { ALL_VALUE } from './variable-values.ts'

/** The most values a drop-down offers. */
const VALUES_MAX = 500
const DATABASES = ['outlay', 'outlay_demo'] as const
const WORKLOADS = ['chat', 'agent', 'rag']

const single = (name: string, label: string, values: readonly [string, ...string[]]): CustomVariableBuilder =>
  new CustomVariableBuilder(name)
    .label(label)
    .values(values.join(','))
    .current({ selected: true, text: values[0], value: values[0] })
    .multi(false)
    .includeAll(false)

const fromQuery = (name: string, label: string, sql: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE_REF)
    .query(sql)
    .definition(sql)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.Disabled)
    .multi(true)
    .includeAll(true)
    .allValue(ALL_VALUE)

/** Keys with traffic in the window, the dearest first. The list depends on no other variable, so none waits for another. */
const bySpend = (by: 'tenant' | 'feature'): string =>
  selectFrom({
    view: 'kpi_feature_concentration',
    args: {
      by,
      tenants: EVERYTHING,
      features: EVERYTHING,
      workloads: EVERYTHING,
      environments: EVERYTHING,
      book: CURRENT_BOOK,
    },
    columns: ['key'],
    where: "key != ''",
    orderBy: ['cost_usd DESC', 'key'],
    limit: VALUES_MAX,
  })

// No view lists tiers or environments: tiers are the loaded facts, environments those with traffic in the window.
const TIERS = `SELECT DISTINCT CAST(tier AS String) AS tier FROM \${database}.tiers ORDER BY tier LIMIT ${VALUES_MAX}`
const ENVIRONMENTS =
  'SELECT DISTINCT CAST(environment AS String) AS environment FROM ${database}.feature_counters ' +
  `WHERE price_slot >= ${TIME_ARGUMENTS.from_time} AND price_slot < ${TIME_ARGUMENTS.to_time} AND environment != '' ` +
  `ORDER BY environment LIMIT ${VALUES_MAX}`

export const homeVariables = (): Builder<VariableModel>[] => [
  new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .type(DATASOURCE_TYPE)
    .regex('/outlay/i')
    .current({ selected: true, text: 'Outlay', value: DATASOURCE_UID }),
  single('database', 'Ledger', DATABASES),
  fromQuery('tenant', 'Tenant', bySpend('tenant')),
  fromQuery('feature', 'Feature', bySpend('feature')),
  fromQuery('tier', 'Tier', TIERS),
  new CustomVariableBuilder('workload')
    .label('Workload')
    .values(WORKLOADS.join(','))
    .multi(true)
    .includeAll(true)
    .allValue(ALL_VALUE),
  fromQuery('environment', 'Environment', ENVIRONMENTS),
  // One book is compiled today; pinned and what-if books join this list when they can be made.
  single('book', 'Price book', [CURRENT_BOOK]),
]
