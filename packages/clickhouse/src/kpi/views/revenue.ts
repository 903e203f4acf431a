/** KPI 8: what part of the revenue does the model cost eat? */
import { count, coverage, date, ratio, text, usdOrNoPrice, verdict } from '../view-columns.ts'
import type { ViewDefinition } from '../view-definition.ts'

const BY = ['all', 'tenant', 'tier', 'feature', 'product', 'cohort', 'segment'] as const

export const REVENUE_VIEWS = [
  {
    name: 'kpi_cost_to_revenue',
    parameters: ['as_of', 'by', 'tenants', 'features', 'tiers', 'models', 'environments', 'book'],
    by: BY,
    question: 'KPI 8: what part of the revenue does the model cost eat this month?',
    columns: {
      key: text(
        'What `by` asked for: `all` and segment rest on the revenue of tenants, product is service.name, cohort the signup month of the user as YYYY-MM, empty for calls without one',
      ),
      cost_usd: usdOrNoPrice('Cost in the month of as_of so far'),
      revenue_usd: usdOrNoPrice(
        'Revenue facts of that kind of scope in US dollars, pro rata to the part of the month that has passed, rounded down',
        { empty: 'no revenue' },
      ),
      revenue_month_usd: usdOrNoPrice('The same for the whole month', { empty: 'no revenue' }),
      ratio: ratio('Cost of scopes with revenue ÷ revenue; NULL where it is 0 or less', { empty: 'no revenue' }),
      band: verdict('ratio', 'cost_to_revenue'),
      gross_margin: ratio('1 − ratio', { empty: 'no revenue' }),
      trend: ratio('ratio − ratio of the whole month before', { empty: 'no month to compare' }),
      unfunded_scopes: count('Scopes of the row with net charges and without revenue'),
      ...coverage,
    },
  },
  {
    name: 'kpi_cost_to_revenue_series',
    parameters: ['from_time', 'to_time', 'by', 'tenants', 'features', 'tiers', 'models', 'environments', 'book'],
    by: BY,
    question: 'KPI 8: how does cost to revenue move from month to month?',
    columns: {
      month: date('First day of the UTC month; every month of the window, in which the part before to_time counts'),
      key: text('As in kpi_cost_to_revenue; segments are those of the month'),
      cost_usd: usdOrNoPrice('Cost in the month'),
      revenue_usd: usdOrNoPrice('Revenue, pro rata where the month is cut by to_time or now', { empty: 'no revenue' }),
      ratio: ratio('As in kpi_cost_to_revenue', { empty: 'no revenue' }),
      gross_margin: ratio('1 − ratio', { empty: 'no revenue' }),
      ...coverage,
    },
  },
] as const satisfies readonly ViewDefinition[]
