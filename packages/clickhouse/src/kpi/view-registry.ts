/**
 * Every parameterised view that answers a question: the one list from which the CLI, the panel, the dashboards, lints and
 * the reference docs take names, parameters and columns. ClickHouse ignores unknown view arguments without an error, so
 * nothing calls a view except through this registry.
 */
import type { ViewDefinition } from './view-definition.ts'
import { PARAMETER_DEFINITIONS, type ViewParameter } from './view-parameters.ts'
import { BESIDE_VIEWS } from './views/beside.ts'
import { FEATURE_VIEWS } from './views/feature.ts'
import { LEDGER_VIEWS } from './views/ledger.ts'
import { OVERAGE_VIEWS } from './views/overage.ts'
import { REVENUE_VIEWS } from './views/revenue.ts'
import { TASK_VIEWS } from './views/task.ts'
import { TENANT_VIEWS } from './views/tenant.ts'
import { TIER_VIEWS } from './views/tier.ts'
import { USER_VIEWS } from './views/user.ts'

export type { ViewParameter } from './view-parameters.ts'

/** ClickHouse type of each parameter that a view may take. */
export const VIEW_PARAMETERS = Object.fromEntries(
  Object.entries(PARAMETER_DEFINITIONS).map(([name, { type }]) => [name, type]),
) as { readonly [P in ViewParameter]: (typeof PARAMETER_DEFINITIONS)[P]['type'] }

export const KPI_VIEWS = [
  ...TASK_VIEWS,
  ...USER_VIEWS,
  ...TENANT_VIEWS,
  ...TIER_VIEWS,
  ...OVERAGE_VIEWS,
  ...FEATURE_VIEWS,
  ...REVENUE_VIEWS,
  ...BESIDE_VIEWS,
  ...LEDGER_VIEWS,
] as const

export type KpiView = (typeof KPI_VIEWS)[number]
export type KpiViewName = KpiView['name']

/** The definition of a view by name. */
export const kpiViewOf = (name: KpiViewName): ViewDefinition => {
  const view = KPI_VIEWS.find((candidate) => candidate.name === name)
  if (!view) throw new Error(`BUG: no KPI view ${name}`)
  return view
}
