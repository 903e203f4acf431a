/** KPI 4: how much of the budgets is used, and when do they run out? */
import { count, coverage, date, ratio, text, tokens, usd, usdOrNoPrice, verdict } from '../view-columns.ts'
import type { ViewDefinition } from '../view-definition.ts'

export const TIER_VIEWS = [
  {
    name: 'kpi_tier_utilization',
    parameters: ['as_of', 'top', 'tenants', 'tiers', 'book'],
    by: [],
    question: 'KPI 4: how much of its budget has each subject used, and when will it hit the cap?',
    columns: {
      subject: text(
        'User, or tenant where the tier is scoped to the workspace, with net calls in the month so far; calls without a user in a user-scoped tier have no subject',
      ),
      tenant: text('Tenant of the subject'),
      tier: text(
        'Tier on the latest UTC day of the month with net charges; of several on that day the last in the alphabet. After a change of tier the whole month counts against the new one; rows of tiers without facts are left out',
      ),
      used: tokens('Effective tokens in the month of as_of so far'),
      soft_cap: tokens('Soft cap of the month', { empty: 'no cap' }),
      hard_cap: tokens('Hard cap of the month: of the tier, times seats, or the contracted pool', { empty: 'no cap' }),
      utilization: ratio('used ÷ hard_cap', { empty: 'no cap' }),
      band: verdict('utilization', 'utilization'),
      projected: tokens('used ÷ part of the month that has passed'),
      projected_utilization: ratio('projected ÷ hard_cap', { empty: 'no cap' }),
      projected_band: verdict('projected_utilization', 'utilization'),
      projected_cap_date: date('UTC day on which used reaches the hard cap at the pace of the month so far', {
        empty: 'not this month',
      }),
      pattern: text('Overage pattern of the tier'),
      used_usd: usdOrNoPrice('Cost of the subject in the month so far'),
      budget_usd: usd(
        'Budget in money per month: max_cost_usd of the tier, or seat price × (1 − target margin) of the user',
        { empty: 'no budget in money' },
      ),
      budget_utilization: ratio('used_usd ÷ budget_usd', { empty: 'no budget in money' }),
    },
  },
  {
    name: 'kpi_tier_summary',
    parameters: ['as_of', 'by', 'tenants', 'tiers', 'book'],
    by: ['all', 'tier'],
    question: 'KPI 4: how many subjects are over their caps, now and at the end of the month?',
    columns: {
      tier: text('What `by` asked for'),
      subjects: count('Rows of kpi_tier_utilization'),
      over_soft: count('Of them with used at or above the soft cap'),
      over_hard: count('Of them with used at or above the hard cap'),
      projected_over: count('Of them with projected at or above the hard cap'),
      projected_7d: count(
        'Of them below the hard cap that reach it within 7 days of as_of at the pace of the month so far, in this month or after it',
      ),
      first_cap_date: date('Earliest projected_cap_date', { empty: 'nobody this month' }),
      p50: ratio('Median of utilization'),
      p90: ratio('90th percentile of utilization'),
      p99: ratio('99th percentile of utilization'),
      projected_p90: ratio('90th percentile of projected_utilization'),
      projected_p90_band: verdict('projected_p90', 'utilization'),
      recommended_hard: tokens('3 × median of projected, rounded up to 1,000', { empty: 'no data' }),
      recommended_soft: tokens('70 % of recommended_hard, rounded up to 1,000', { empty: 'no data' }),
      ...coverage,
    },
  },
  {
    name: 'kpi_tier_histogram',
    parameters: ['as_of', 'tenants', 'tiers', 'book'],
    by: [],
    question: 'KPI 4: how is utilization distributed, by tier?',
    columns: {
      tier: text('Tier'),
      bucket: text(
        'Lower edge of utilization in steps of a tenth, included: 0.0 … 1.9; 2.0 holds everything from there; no cap',
      ),
      subjects: count('Subjects in the bucket'),
    },
  },
] as const satisfies readonly ViewDefinition[]
