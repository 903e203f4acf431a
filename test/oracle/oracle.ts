/** The oracle of every view. */
import type { KpiViewName } from '@outlay/clickhouse'
import type { ViewOracle } from './model/view-rows.ts'
import { coverage, unattributed } from './views/attribution.ts'
import { cache } from './views/cache.ts'
import { costToRevenue, costToRevenueSeries } from './views/cost-to-revenue.ts'
import { degradationRate, degradationSeries } from './views/degradation.ts'
import { featureConcentration, featureSeries, featureTotals } from './views/feature-concentration.ts'
import { forecast } from './views/forecast.ts'
import { dimValues, headline } from './views/headline.ts'
import { modelMix, promptLength, toolShare } from './views/mixes.ts'
import { overageRate, overageSeries } from './views/overage-rate.ts'
import { overview, overviewSeries } from './views/overview.ts'
import { taskCost } from './views/task-cost.ts'
import { sessionCost, taskOutliers } from './views/task-outliers.ts'
import { taskCostSeries, taskHistogram } from './views/task-series.ts'
import { tenantCost, tenantSeries } from './views/tenant-cost.ts'
import { tierHistogram, tierSummary, tierUtilization } from './views/tier-utilization.ts'
import { activeUserSeries, userCohorts } from './views/user-cohorts.ts'
import { userCost } from './views/user-cost.ts'
import { userList } from './views/user-list.ts'

/** Single entries, and what rests on one price or one bill: proven in `test/ledger`. The answer of a feature is checked apart. */
export const PROVEN_ELSEWHERE = [
  'call_cost',
  'kpi_open_spend',
  'kpi_book_impact',
  'kpi_sheet_spend',
  'kpi_spend_by_currency',
  'kpi_provider_usage',
  'kpi_feature_answer',
] as const satisfies readonly KpiViewName[]

export type OracleViewName = Exclude<KpiViewName, (typeof PROVEN_ELSEWHERE)[number]>

export const ORACLE: { readonly [Name in OracleViewName]: ViewOracle<Name> } = {
  kpi_task_cost: taskCost,
  kpi_task_cost_series: taskCostSeries,
  kpi_task_histogram: taskHistogram,
  kpi_task_outliers: taskOutliers,
  kpi_session_cost: sessionCost,
  kpi_user_cost: userCost,
  kpi_user_list: userList,
  kpi_user_cohorts: userCohorts,
  kpi_active_user_series: activeUserSeries,
  kpi_tenant_cost: tenantCost,
  kpi_tenant_series: tenantSeries,
  kpi_tier_utilization: tierUtilization,
  kpi_tier_summary: tierSummary,
  kpi_tier_histogram: tierHistogram,
  kpi_overage_rate: overageRate,
  kpi_overage_series: overageSeries,
  kpi_degradation_rate: degradationRate,
  kpi_degradation_series: degradationSeries,
  kpi_feature_concentration: featureConcentration,
  kpi_feature_totals: featureTotals,
  kpi_feature_series: featureSeries,
  kpi_cost_to_revenue: costToRevenue,
  kpi_cost_to_revenue_series: costToRevenueSeries,
  kpi_cache: cache,
  kpi_model_mix: modelMix,
  kpi_tool_share: toolShare,
  kpi_prompt_length: promptLength,
  kpi_forecast: forecast,
  kpi_unattributed: unattributed,
  kpi_coverage: coverage,
  kpi_headline: headline,
  kpi_overview: overview,
  kpi_overview_series: overviewSeries,
  dim_values: dimValues,
}
