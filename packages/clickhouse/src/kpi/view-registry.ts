/**
 * Every parameterised view that answers a question, in order of dependence: the one list from which the CLI, the
 * dashboards, lints and the reference docs take names and parameters. ClickHouse ignores unknown view arguments
 * without an error, so nothing calls a view except through this registry.
 */

/** ClickHouse type of each parameter that a view may take. */
export const VIEW_PARAMETERS = {
  from_time: "DateTime('UTC')",
  to_time: "DateTime('UTC')",
  as_of: "DateTime('UTC')",
  by: 'String',
  top: 'UInt32',
  tenants: 'Array(String)',
  features: 'Array(String)',
  tiers: 'Array(String)',
  workloads: 'Array(String)',
  environments: 'Array(String)',
  book: 'String',
  other_book: 'String',
  currency: 'String',
  provider: 'String',
} as const

export type ViewParameter = keyof typeof VIEW_PARAMETERS

interface KpiViewDefinition {
  readonly name: string
  readonly parameters: readonly ViewParameter[]
  /** What `by` may be; empty where the view has no `by`. */
  readonly by: readonly string[]
  /** The question it answers. */
  readonly question: string
}

export const KPI_VIEWS = [
  {
    name: 'call_cost',
    parameters: ['from_time', 'to_time', 'tenants', 'book'],
    by: [],
    question: 'What did each ledger entry cost?',
  },
  {
    name: 'kpi_task_cost',
    parameters: ['from_time', 'to_time', 'by', 'tenants', 'features', 'workloads', 'book'],
    by: ['all', 'workload', 'feature', 'task_type', 'tenant', 'task'],
    question: 'KPI 1: what does a task cost, and what does a model call cost?',
  },
  {
    name: 'kpi_user_cost',
    parameters: ['as_of', 'tenants', 'features', 'tiers', 'book'],
    by: [],
    question: 'KPI 2: what does a user cost this month, and how concentrated is it?',
  },
  {
    name: 'kpi_tenant_cost',
    parameters: ['as_of', 'by', 'tenants', 'features', 'tiers', 'book'],
    by: ['all', 'tenant'],
    question: 'KPI 3: what does a tenant cost this month, and does its contract carry that?',
  },
  {
    name: 'kpi_tier_utilization',
    parameters: ['as_of', 'top', 'tenants', 'tiers', 'book'],
    by: [],
    question: 'KPI 4: how much of its budget has each subject used, and when will it hit the cap?',
  },
  {
    name: 'kpi_tier_summary',
    parameters: ['as_of', 'by', 'tenants', 'tiers', 'book'],
    by: ['all', 'tier'],
    question: 'KPI 4: how many subjects are over their caps, now and at the end of the month?',
  },
  {
    name: 'kpi_overage_rate',
    parameters: ['as_of', 'by', 'tenants', 'tiers', 'book'],
    by: ['all', 'tier'],
    question: 'KPI 5: what share of subjects hits the overage pattern of its tier this month?',
  },
  {
    name: 'kpi_degradation_rate',
    parameters: ['as_of', 'by', 'tenants', 'features', 'tiers', 'book'],
    by: ['all', 'feature', 'tenant'],
    question: 'KPI 6: what share of soft-capped traffic is served by the budget model, and what did it save?',
  },
  {
    name: 'kpi_feature_concentration',
    parameters: ['from_time', 'to_time', 'by', 'tenants', 'features', 'workloads', 'environments', 'book'],
    by: ['feature', 'route', 'prompt_version', 'tenant'],
    question: 'KPI 7: which features carry the cost, next to their share of usage?',
  },
  {
    name: 'kpi_feature_totals',
    parameters: ['from_time', 'to_time', 'tenants', 'features', 'workloads', 'environments', 'book'],
    by: [],
    question: 'KPI 7: how concentrated is the cost over features?',
  },
  {
    name: 'kpi_cost_to_revenue',
    parameters: ['as_of', 'by', 'tenants', 'features', 'tiers', 'environments', 'book'],
    by: ['all', 'tenant', 'feature', 'tier'],
    question: 'KPI 8: what part of the revenue does the model cost eat this month?',
  },
  {
    name: 'kpi_coverage',
    parameters: ['from_time', 'to_time', 'book'],
    by: [],
    question: 'Which provider, model and meter has usage without a price?',
  },
  {
    name: 'kpi_unattributed',
    parameters: ['from_time', 'to_time', 'by'],
    by: ['all', 'attribute', 'service'],
    question: 'What share of calls lacks a required attribute?',
  },
  {
    name: 'kpi_open_spend',
    parameters: ['by', 'tenants', 'book'],
    by: ['all', 'tenant', 'user', 'feature', 'task'],
    question: 'What will the traces cost that are still open, on top of the ledger?',
  },
  {
    name: 'kpi_book_impact',
    parameters: ['from_time', 'to_time', 'tenants', 'book', 'other_book'],
    by: [],
    question: 'What would the same calls cost under another book?',
  },
  {
    name: 'kpi_sheet_spend',
    parameters: ['from_time', 'to_time', 'book'],
    by: [],
    question: 'What was spent on each price?',
  },
  {
    name: 'kpi_spend_by_currency',
    parameters: ['from_time', 'to_time', 'tenants', 'book', 'currency'],
    by: [],
    question: 'What was spent per day in each currency, and what is that in one currency?',
  },
  {
    name: 'kpi_provider_usage',
    parameters: ['from_time', 'to_time', 'provider', 'book'],
    by: [],
    question: 'What does one provider bill us for, by our own count?',
  },
  {
    name: 'kpi_headline',
    parameters: ['from_time', 'to_time', 'book'],
    by: [],
    question: 'What are spend, coverage, attribution, lag and budget actions right now?',
  },
  {
    name: 'kpi_overview',
    parameters: ['from_time', 'to_time', 'book'],
    by: [],
    question: 'How do the eight KPIs stand?',
  },
] as const satisfies readonly KpiViewDefinition[]

export type KpiView = (typeof KPI_VIEWS)[number]
export type KpiViewName = KpiView['name']

/** The definition of a view by name. */
export const kpiViewOf = (name: KpiViewName): KpiViewDefinition => {
  const view = KPI_VIEWS.find((candidate) => candidate.name === name)
  if (!view) throw new Error(`BUG: no KPI view ${name}`)
  return view
}
