/** KPI 5: who goes past the caps, and KPI 6: who is served by a cheaper model? */
import { count, coverage, date, share, text, usd, verdict } from '../view-columns.ts'
import type { ViewDefinition } from '../view-definition.ts'

export const OVERAGE_VIEWS = [
  {
    name: 'kpi_overage_rate',
    parameters: ['as_of', 'by', 'tenants', 'tiers', 'book'],
    by: ['all', 'tier'],
    question: 'KPI 5: what share of subjects hits the overage pattern of its tier this month?',
    columns: {
      tier: text(
        'What `by` asked for. A subject counts in every tier it made calls under; it is the user or the workspace, as the tier says',
      ),
      pattern: text('Overage pattern of the tier; empty where rows are not tiers'),
      subjects: count('Subjects with net calls in the month of as_of so far; denied requests are calls'),
      over: count('Of them with a denied (hard_cap), degraded (soft_cap) or metered (payg) call'),
      rate: share('over ÷ subjects'),
      band: verdict('rate', 'overage.hard_cap', ' by the band of the pattern; none for soft_cap, see KPI 6'),
      free_rate: share('over ÷ subjects of all hard_cap tiers', { empty: 'no such tier' }),
      free_rate_band: verdict('free_rate', 'overage.hard_cap'),
      payg_rate: share('over ÷ subjects of all payg tiers', { empty: 'no such tier' }),
      payg_rate_band: verdict('payg_rate', 'overage.payg'),
      days_outside: count(
        'How many days in a row, up to the day of as_of and within its month, the rate of kpi_overage_series was outside ok; for all: the longest of the tiers',
      ),
      overage_usd: usd('Cost of the denied, degraded or metered calls that make a subject count'),
      events: count(
        'Subjects whose first overage call of the 30 days from 60 to 30 days before as_of is followed by 30 whole days; for payg: workspaces whose renewal date lies in these 30 days and that had a metered call in the 365 days before it',
      ),
      conversions: count(
        'Of them with a plan event after that call and within 30 days of it: an upgrade (hard_cap, soft_cap); for payg an expansion at most 30 days before or after the renewal date, both days included',
      ),
      conversion_rate: share('conversions ÷ events', { empty: 'no event' }),
      conversion_band: verdict(
        'conversion_rate',
        'conversion.hard_cap',
        ' by the band of the pattern; none where rows are not tiers',
      ),
      ...coverage,
    },
  },
  {
    name: 'kpi_overage_series',
    parameters: ['from_time', 'to_time', 'tenants', 'tiers'],
    by: [],
    question: 'KPI 5: how does the overage rate of each tier move within its month?',
    columns: {
      day: date('UTC day, every day of the window on or after the first call of the tier in that month'),
      tier: text('Tier'),
      subjects: count(
        'Subjects with net calls from the first of the month up to and including the day, before to_time',
      ),
      over: count('Of them with an overage call by then'),
      rate: share('over ÷ subjects'),
      band: verdict('rate', 'overage.hard_cap', ' by the band of the pattern; none for soft_cap'),
    },
  },
  {
    name: 'kpi_degradation_rate',
    parameters: ['as_of', 'by', 'tenants', 'features', 'tiers', 'models', 'book'],
    by: ['all', 'feature', 'tenant'],
    question: 'KPI 6: what share of soft-capped traffic is served by the budget model, and what did it save?',
    columns: {
      key: text('What `by` asked for'),
      calls: count('Net calls of soft_cap tiers in the month of as_of so far, without denied ones'),
      calls_rate: share('Degraded calls ÷ calls'),
      band: verdict('calls_rate', 'degradation'),
      cost_rate: share('Cost of degraded calls ÷ cost'),
      cost_band: verdict('cost_rate', 'degradation'),
      saved_usd: usd('Over degraded charges with both prices: cost at the price of the requested model − cost'),
      served_usd: usd('Cost of degraded calls'),
      saving_unknown_calls: count('Degraded charges (calls, and parts of them) of which either price is missing'),
      ...coverage,
    },
  },
  {
    name: 'kpi_degradation_series',
    parameters: ['from_time', 'to_time', 'tenants', 'features', 'tiers', 'models', 'book'],
    by: [],
    question: 'KPI 6: how does the degraded share move from day to day?',
    columns: {
      day: date('UTC day with net charges of soft_cap tiers'),
      calls_rate: share('Degraded calls ÷ calls of the day, without denied ones'),
      cost_rate: share('Cost of degraded calls ÷ cost of the day'),
      ...coverage,
    },
  },
] as const satisfies readonly ViewDefinition[]
