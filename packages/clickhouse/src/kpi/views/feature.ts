/** KPI 7: which features carry the cost, and why did one change? */
import { count, coverage, factor, ratio, share, text, time, usd, usdOrNoPrice } from '../view-columns.ts'
import type { ViewDefinition } from '../view-definition.ts'

export const FEATURE_VIEWS = [
  {
    name: 'kpi_feature_concentration',
    parameters: ['from_time', 'to_time', 'by', 'tenants', 'features', 'workloads', 'models', 'environments', 'book'],
    by: ['feature', 'route', 'prompt_version', 'tenant', 'model'],
    question: 'KPI 7: which features carry the cost, next to their share of usage?',
    columns: {
      key: text('What `by` asked for; rows are keys with net charges in the window'),
      cost_usd: usdOrNoPrice('Cost in the window'),
      cost_share: share('Cost ÷ cost of all rows'),
      usage_events: count('Usage events: distinct (tenant, task) with net calls under the key', {
        empty: 'not counted by prompt version',
      }),
      usage_share: share('usage_events ÷ their sum over all rows'),
      wow_shift: ratio('Share of cost in the 7 days before to_time − share in the 7 days before those', {
        empty: 'no week to compare',
      }),
      cost_per_event: usdOrNoPrice('Cost ÷ usage_events, rounded down; NULL where unpriced_calls is above 0'),
      calls: count('Net calls'),
      ...coverage,
    },
  },
  {
    name: 'kpi_feature_totals',
    parameters: ['from_time', 'to_time', 'tenants', 'features', 'workloads', 'models', 'environments', 'book'],
    by: [],
    question: 'KPI 7: how concentrated is the cost over features?',
    columns: {
      top1: share('Cost of the dearest feature ÷ cost'),
      top3: share('Cost of the three dearest features ÷ cost'),
      top5: share('Cost of the five dearest features ÷ cost'),
      gini: ratio(
        'Gini coefficient of cost over features: Σ (2i − n − 1) × cost_i ÷ (n × Σ cost), costs ascending, i from 1',
      ),
      features: count('Features with net charges'),
      cost_usd: usdOrNoPrice('Cost in the window'),
      ...coverage,
    },
  },
  {
    name: 'kpi_feature_series',
    parameters: ['from_time', 'to_time', 'step', 'tenants', 'features', 'workloads', 'models', 'environments', 'book'],
    by: [],
    question: 'KPI 7: how does the cost of each feature move?',
    columns: {
      time: time('Start of the bucket, as in kpi_task_cost_series'),
      feature: text('Feature'),
      calls: count('Net calls'),
      cost_usd: usdOrNoPrice('Cost'),
      ...coverage,
    },
  },
  {
    name: 'kpi_feature_answer',
    parameters: ['as_of', 'feature', 'tenants', 'workloads', 'book'],
    by: [],
    question: 'KPI 7: why did the cost per task of a feature change over 30 days?',
    columns: {
      driver: text(
        'calls per task, model mix, tokens per call, cache hit rate or price: one row each, in the order of rank',
      ),
      effect_usd: usd(
        'What the driver changed in cost per task, each step from where the one before ends, in femto-dollars: calls per task = calls per task now × cost per call then; model mix = calls of each model now × its cost per call then; tokens per call = quantities of now with the input of each model split over its meters as then, at the unit prices of then; cache hit rate = the quantities of now at these prices; price = the cost of now. What a model did not use then is taken as it is now. The five add up to cost_per_task_now − cost_per_task_then exactly',
        { empty: 'nothing to compare' },
      ),
      share_of_change: ratio('effect_usd ÷ the change', { empty: 'no change' }),
      rank: count('1 = largest effect by its amount'),
      cost_per_task_now: usd(
        'Cost of complete tasks ÷ complete tasks in the 30 days before as_of, to the nearest femto-dollar',
        { empty: 'no complete task' },
      ),
      cost_per_task_then: usd('The same in the 30 days before those', { empty: 'no complete task' }),
      tasks_now: count('Complete tasks of the 30 days before as_of'),
      tasks_then: count('Complete tasks of the 30 days before those'),
      calls_per_task_now: factor('Calls of complete tasks ÷ complete tasks now'),
      calls_per_task_then: factor('The same then'),
      tokens_per_call_now: factor('Input and output tokens of complete tasks ÷ their calls now'),
      tokens_per_call_then: factor('The same then'),
      cache_hit_rate_now: share('Cache-read tokens ÷ input tokens of complete tasks now'),
      cache_hit_rate_then: share('The same then'),
      unpriced_tasks: count(
        'Tasks of the 30 days before as_of that are left out because a call, or a part of one, has no price',
      ),
    },
  },
] as const satisfies readonly ViewDefinition[]
