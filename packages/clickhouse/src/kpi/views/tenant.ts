/** KPI 3: what does a tenant cost, and does its contract carry it? */
import { count, coverage, date, ratio, share, text, time, tokens, usd, usdOrNoPrice, verdict } from '../view-columns.ts'
import type { ViewDefinition } from '../view-definition.ts'

export const TENANT_VIEWS = [
  {
    name: 'kpi_tenant_cost',
    parameters: ['as_of', 'by', 'tenants', 'features', 'tiers', 'models', 'book'],
    by: ['all', 'tenant', 'segment'],
    question: 'KPI 3: what does a tenant cost this month, and does its contract carry that?',
    columns: {
      tenant: text(
        'What `by` asked for: the tenant, its segment, or all. Rows are tenants with net charges in the month so far or in the 30 days before as_of',
      ),
      tenants: count('Tenants with net calls in the month so far'),
      tier: text('Tier of the tenant by its fact; empty without one, and where rows are not tenants'),
      seats: count('Seats by the facts'),
      arr_usd: usdOrNoPrice('Annual recurring revenue by the facts', { empty: 'no ARR' }),
      month_usd: usdOrNoPrice('Cost in the month of as_of so far'),
      direct_usd: usd(
        'Of it, cost of calls of single users; with account-level calls under the policy even_split, which then belong to the users that were active in the month',
      ),
      shared_usd: usd('Of it, account-level cost that stays with the account'),
      share: share('month_usd ÷ month_usd of all rows'),
      top20_share: share('month_usd of the 20 dearest tenants of the row ÷ month_usd'),
      pool_utilization: ratio(
        'Effective tokens of the 30 days before as_of ÷ contracted pool per month, over tenants with a pool',
        { empty: 'no pool' },
      ),
      pool_utilization_band: verdict('pool_utilization', 'pool'),
      top_user_share: share(
        'Cost in the month of the dearest 5 % of the users (rounded up), with their shares under even_split, ÷ month_usd; only where the row is a tenant',
      ),
      top_user_share_band: verdict('top_user_share', 'top_user'),
      cost_to_arr: ratio('Cost of the 30 days before as_of × 365 ÷ 30 ÷ ARR, over tenants with an ARR above 0', {
        empty: 'no ARR',
      }),
      cost_to_arr_band: verdict('cost_to_arr', 'cost_to_arr'),
      revenue_usd: usdOrNoPrice(
        'Revenue of the month by the facts in US dollars, pro rata to the part of the month that has passed, rounded down',
        { empty: 'no revenue' },
      ),
      gross_margin: ratio('1 − cost ÷ revenue, over tenants with revenue above 0', { empty: 'no revenue' }),
      segment: text(
        'By gross margin: healthy from 0.6, power from 0.4, runaway below; unknown without revenue; empty where the row is all',
      ),
      runaway_tenants: count('Tenants of the row in the segment runaway'),
      renewal_date: date('Next renewal by the fact; only where the row is a tenant', { empty: 'no date' }),
      recommended_pool: tokens(
        'Pool that the 30 days before as_of would fill to 70 %, rounded up to 100,000; only tenants with a pool',
        { empty: 'no pool' },
      ),
      recommendation: text(
        'renegotiate at renewal (cost_to_arr above 0.2), upgrade candidate (pool_utilization above 0.9), funding off margin (cost_to_arr above 0.12), right-size candidate (pool_utilization below 0.3), in that order; empty otherwise and where the row is not a tenant',
      ),
      ...coverage,
    },
  },
  {
    name: 'kpi_tenant_series',
    parameters: ['from_time', 'to_time', 'step', 'tenants', 'features', 'tiers', 'models', 'book'],
    by: [],
    question: 'KPI 3: how does the cost of each tenant move?',
    columns: {
      time: time('Start of the bucket, as in kpi_task_cost_series'),
      tenant: text('Tenant'),
      calls: count('Net calls'),
      cost_usd: usdOrNoPrice('Cost'),
      effective_tokens: tokens('Effective tokens'),
      ...coverage,
    },
  },
] as const satisfies readonly ViewDefinition[]
