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

type Dimension = 'tenant' | 'feature' | 'tier' | 'model' | 'environment'

/** Values with calls in the window, the dearest first. The list depends on no other variable, so none waits for another. */
const valuesOf = (dimension: Dimension): string =>
  selectFrom({
    view: 'dim_values',
    args: { dimension, book: CURRENT_BOOK },
    columns: ['value'],
    where: "value != ''",
    limit: VALUES_MAX,
  })

export const homeVariables = (): Builder<VariableModel>[] => [
  new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .type(DATASOURCE_TYPE)
    .regex('/outlay/i')
    .current({ selected: true, text: 'Outlay', value: DATASOURCE_UID }),
  single('database', 'Ledger', DATABASES),
  fromQuery('tenant', 'Tenant', valuesOf('tenant')),
  fromQuery('feature', 'Feature', valuesOf('feature')),
  fromQuery('tier', 'Tier', valuesOf('tier')),
  new CustomVariableBuilder('workload')
    .label('Workload')
    .values(WORKLOADS.join(','))
    .multi(true)
    .includeAll(true)
    .allValue(ALL_VALUE),
  fromQuery('model', 'Model', valuesOf('model')),
  fromQuery('environment', 'Environment', valuesOf('environment')),
  // One book is compiled today; pinned and what-if books join this list when they can be made.
  single('book', 'Price book', [CURRENT_BOOK]),
]
