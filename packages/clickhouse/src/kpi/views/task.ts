/** KPI 1: what does a task cost? */
import {
  costPerCall,
  count,
  coverage,
  factor,
  ratio,
  share,
  text,
  time,
  tokens,
  usd,
  usdOrNoPrice,
  verdict,
} from '../view-columns.ts'
import type { ViewDefinition } from '../view-definition.ts'

const perTask = 'Cost of a complete task: one without an unpriced call or part of a call'

export const TASK_VIEWS = [
  {
    name: 'kpi_task_cost',
    parameters: ['from_time', 'to_time', 'by', 'tenants', 'features', 'workloads', 'models', 'book'],
    by: ['all', 'workload', 'feature', 'task_type', 'tenant', 'model', 'task'],
    question: 'KPI 1: what does a task cost, and what does a model call cost?',
    columns: {
      key: text('What `by` asked for; a task that has calls under several keys counts under each with its calls there'),
      workload: text('Workload of the row: chat, agent or rag; empty where the row mixes several'),
      tasks: count('Distinct (tenant, task) with net calls above 0 in the window'),
      calls: count('Net model calls'),
      cost_usd: usdOrNoPrice('Sum of the cost of all charges, of unpriced ones what is priced of them'),
      ...coverage,
      cost_per_task_avg: usdOrNoPrice('Cost of complete tasks ÷ complete tasks, rounded down to the femto-dollar'),
      cost_per_task_p50: usdOrNoPrice(
        `${perTask}; median. Percentiles are the value at position floor(level × n) of the sorted values, from 0; exact at any size`,
      ),
      cost_per_task_p95: usdOrNoPrice(`${perTask}; 95th percentile`),
      cost_per_task_p99: usdOrNoPrice(`${perTask}; 99th percentile`),
      cost_per_task_max: usdOrNoPrice(`${perTask}; dearest`),
      p95_over_p50: factor('cost_per_task_p95 ÷ cost_per_task_p50: how uneven tasks are'),
      p95_over_p50_band: verdict('p95_over_p50', 'task_variance'),
      cost_per_call: costPerCall,
      cost_per_success: usdOrNoPrice(
        'Cost of complete tasks ÷ complete tasks with a call that carried outcome = success',
        { empty: 'no success' },
      ),
      effective_tokens_p50: tokens(
        'Median over tasks of effective tokens: input + output × (output price ÷ input price; 4 without either price)',
        { empty: 'no task' },
      ),
      effective_tokens_band: verdict(
        'effective_tokens_p50',
        'tokens.chat',
        ' by the band of the workload; none where the row mixes workloads',
      ),
      tool_call_factor: factor('Calls ÷ distinct (tenant, task, turn); a task without turns is one turn'),
      tool_call_factor_band: verdict('tool_call_factor', 'tool_call_factor', '; only where the workload is agent'),
      retrieved_context_ratio: factor('Memory tokens ÷ prompt tokens, both as the application counts them (layers)', {
        empty: 'no layers reported',
      }),
      retrieved_context_ratio_band: verdict(
        'retrieved_context_ratio',
        'retrieved_context',
        '; only where the workload is rag',
      ),
      output_cost_share: share('Cost of output meters ÷ cost'),
      token_efficiency: ratio('Output tokens ÷ input tokens'),
      token_efficiency_band: verdict('token_efficiency', 'token_efficiency'),
      retry_overhead: ratio('Cost of calls with attempt > 1 ÷ cost of first attempts'),
      retry_overhead_band: verdict('retry_overhead', 'retry_overhead'),
      baseline_ratio: ratio('cost_per_task_avg ÷ the same figure of the same key over the 7 days before the window', {
        empty: 'no baseline',
      }),
      baseline_ratio_band: verdict('baseline_ratio', 'task_baseline'),
      lever: text('What usually lowers the figure, by workload; empty where the row mixes workloads'),
    },
  },
  {
    name: 'kpi_task_cost_series',
    parameters: ['from_time', 'to_time', 'step', 'tenants', 'features', 'workloads', 'models', 'book'],
    by: [],
    question: 'KPI 1: how does the cost of a task move, by workload?',
    columns: {
      time: time('Start of the bucket: `step` seconds, at least 1800, counted from 1970-01-01 00:00 UTC'),
      workload: text('chat, agent or rag'),
      tasks: count('Distinct tasks with net calls in the bucket'),
      calls: count('Net model calls'),
      cost_per_task: usdOrNoPrice('Cost in the bucket of tasks that are complete there ÷ those tasks, rounded down'),
      cost_per_task_p95: usdOrNoPrice('95th percentile of the same costs'),
      cost_per_call: costPerCall,
      ...coverage,
    },
  },
  {
    name: 'kpi_task_histogram',
    parameters: ['from_time', 'to_time', 'step', 'tenants', 'features', 'workloads', 'models', 'book'],
    by: [],
    question: 'KPI 1: how are the costs of tasks distributed over time?',
    columns: {
      time: time('Start of the bucket of time, as in kpi_task_cost_series'),
      bucket: text(
        'Upper edge of the cost in US dollars, included: 0.0001, 0.0002, 0.0005, 0.001 … 1000 in steps of 1, 2, 5; more; or no price',
      ),
      tasks: count('Distinct tasks with net calls in that bucket of time'),
    },
  },
  {
    name: 'kpi_task_outliers',
    parameters: ['from_time', 'to_time', 'min_ratio', 'tenants', 'features', 'workloads', 'book'],
    by: [],
    question: 'KPI 1: which single tasks cost a multiple of what their type usually does?',
    columns: {
      task_id: text('Task'),
      tenant: text('Tenant of the task'),
      task_type: text('Type of the task'),
      cost_usd: usd('Cost of the task'),
      type_median_usd: usd('Median cost of complete tasks of the type in the window'),
      ratio: factor('cost_usd ÷ type_median_usd; rows are those above min_ratio, dearest ratio first'),
      ratio_band: verdict('ratio', 'task_instance'),
    },
  },
  {
    name: 'kpi_session_cost',
    parameters: ['from_time', 'to_time', 'tenants', 'features', 'workloads', 'models', 'book'],
    by: [],
    question: 'KPI 1: what does a session cost, and what makes the dearest ones dear?',
    columns: {
      workload: text('chat, agent or rag; a session with several counts under each with its calls there'),
      sessions: count('Distinct (tenant, session) with net calls; calls without a session are left out'),
      p50: usdOrNoPrice('Median cost of complete sessions'),
      p95: usdOrNoPrice('95th percentile'),
      p99: usdOrNoPrice('99th percentile'),
      p99_driver: text(
        'Of the sessions from p99 up, against all complete ones: longest input (largest of one call), most calls or most expensive model (cost ÷ tokens of the session), whichever median is the largest multiple; ties in that order',
      ),
      ...coverage,
    },
  },
] as const satisfies readonly ViewDefinition[]
