/** KPI 2: what does a user cost? */
import {
  count,
  coverage,
  date,
  factor,
  flag,
  ratio,
  share,
  text,
  time,
  usdOrNoPrice,
  verdict,
} from '../view-columns.ts'
import type { ViewDefinition } from '../view-definition.ts'

const complete = 'complete users: those without an unpriced call or part of a call in that time'

export const USER_VIEWS = [
  {
    name: 'kpi_user_cost',
    parameters: ['as_of', 'tenants', 'features', 'tiers', 'models', 'book'],
    by: [],
    question: 'KPI 2: what does a user cost this month, and how concentrated is it?',
    columns: {
      active_users: count(
        'Distinct (tenant, user) with net calls above 0 in the month of as_of so far; account-level calls have no user',
      ),
      month_usd: usdOrNoPrice(
        'Cost of the users in the month so far. Where a tenant shares by even_split, its account-level cost is split over its active users: equal femto-ninths, the remainder one each to the first users in order of their hash',
      ),
      median_user_usd: usdOrNoPrice(
        `Median of that cost over ${complete} (and without an unpriced shared one, where shared)`,
      ),
      top1_share: share('Cost of the dearest 1 % of active users (rounded up) ÷ month_usd'),
      top5_share: share('The same for 5 %'),
      top5_share_band: verdict('top5_share', 'top5_share'),
      top10_share: share('The same for 10 %'),
      seat_ratio: ratio(
        'Median over users with a seat price, complete over the 30 days before as_of, of (their own cost in these days ÷ seat price)',
        { empty: 'no seat price' },
      ),
      seat_ratio_band: verdict('seat_ratio', 'seat_ratio'),
      p90_soft_ratio: ratio(
        '90th percentile over active users of user-scoped tiers of (effective tokens of the month ÷ soft cap), as in kpi_tier_utilization',
        { empty: 'no soft cap' },
      ),
      p90_soft_ratio_band: verdict('p90_soft_ratio', 'p90_soft'),
      p99_hard_ratio: ratio('99th percentile of (effective tokens of the month ÷ hard cap) over the same users', {
        empty: 'no hard cap',
      }),
      p99_hard_ratio_band: verdict('p99_hard_ratio', 'p99_hard'),
      linear_past_cap: count('Those users at or above their hard cap that used tokens in the 24 hours before as_of'),
      active_user_hour_usd: usdOrNoPrice(
        'Cost of all users ÷ active users in the last full UTC hour before as_of, rounded down',
        { empty: 'no active user' },
      ),
      active_user_ratio: factor(
        'That ÷ the same figure over the same hour of the 7 days before (sum of cost ÷ sum of active users)',
        { empty: 'no baseline' },
      ),
      active_user_ratio_band: verdict('active_user_ratio', 'active_user'),
      ...coverage,
    },
  },
  {
    name: 'kpi_user_list',
    parameters: ['as_of', 'top', 'tenants', 'features', 'tiers', 'models', 'book'],
    by: [],
    question: 'KPI 2: who are the hot spots, and what drives them?',
    columns: {
      user: text('Keyed hash of the user'),
      tenant: text('Tenant of the user'),
      tier: text(
        'Tier of the user: on the latest UTC day with net charges in the 7 days; of several on that day the last in the alphabet',
      ),
      spend_7d_usd: usdOrNoPrice(
        'Own cost in the 7 × 24 hours before as_of; rows are users with net charges in them, dearest first, then by tenant and user',
      ),
      day_delta: ratio('Cost of the last 24 hours ÷ cost of the 24 hours before − 1', {
        empty: 'nothing the day before',
      }),
      median_multiple: factor('spend_7d_usd ÷ its median over all complete users of these days'),
      median_multiple_band: verdict('median_multiple', 'hot_spot'),
      trajectory: factor(
        'Cost of the UTC day of as_of so far ÷ median cost of the 30 full days before it, days without calls as 0',
        { empty: 'no usual spend' },
      ),
      trajectory_band: verdict('trajectory', 'trajectory'),
      power_user: flag('1: spend_7d_usd is 3 to 10 times the median of the complete users of the tier'),
      top_feature: text('Feature with the largest part of spend_7d_usd; of equal ones the first in the alphabet'),
      engagement: text('Signal of the latest engagement fact that holds at as_of; empty without one'),
      ...coverage,
    },
  },
  {
    name: 'kpi_user_cohorts',
    parameters: ['as_of', 'tenants', 'tiers', 'book'],
    by: [],
    question: 'KPI 2: do newer cohorts cost more than older ones?',
    columns: {
      signup_month: date('Signup month of the users fact that holds at as_of; NULL: users without a fact', {
        empty: 'no fact',
      }),
      tier: text(
        'Tier of that fact; where there is none the one on the latest UTC day with net charges, of several on that day the last in the alphabet',
      ),
      users: count('Users with net calls in the 30 days before as_of'),
      median_usd: usdOrNoPrice('Median own cost of complete users in these days'),
      p95_usd: usdOrNoPrice('95th percentile of the same'),
      drift: ratio('median_usd ÷ median_usd of the cohort of the same tier that signed up 12 months earlier − 1', {
        empty: 'no cohort a year older',
      }),
      drift_band: verdict('drift', 'cohort_drift'),
      ...coverage,
    },
  },
  {
    name: 'kpi_active_user_series',
    parameters: ['from_time', 'to_time', 'tenants', 'features', 'tiers', 'models', 'book'],
    by: [],
    question: 'KPI 2: what does an active user cost per hour, against the same hours of the week before?',
    columns: {
      time: time('Start of the UTC hour; every hour with net charges of users'),
      active_users: count('Distinct users with net calls in the hour'),
      cost_usd: usdOrNoPrice('Cost of the users in the hour ÷ active users, rounded down', {
        empty: 'no price, or no active user',
      }),
      baseline_usd: usdOrNoPrice(
        'Sum of cost ÷ sum of active users over the same hour of the 7 days before, rounded down',
        { empty: 'no baseline' },
      ),
      ...coverage,
    },
  },
] as const satisfies readonly ViewDefinition[]
