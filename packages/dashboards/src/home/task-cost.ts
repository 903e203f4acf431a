import { count, fineMoney, money, pricedShare, ratio, share, text, tokens } from '#src/fields.ts'
import { pickedGaugePanel } from '#src/panels/bar-gauge.ts'
import { statPanel } from '#src/panels/stat.ts'
import { tablePanel } from '#src/panels/table.ts'
import { place, type Section } from './section.ts'

const TASK_TYPES_MAX = 50

/** Row 1: what a task costs, and what a model call costs, always side by side. */
export const taskCost = (): Section => ({
  row: { id: 100, title: '1 · Per-task cost' },
  panels: [
    statPanel({
      id: 101,
      title: 'Cost per task and per call',
      at: place(0, 8),
      explanation: {
        answers: 'What does a task cost, and what does one model call cost?',
        formula: 'per task = Σ cost ÷ distinct tasks (median shown); per call = Σ cost ÷ model calls.',
        lever: 'routing (chat), tool-call caps and reasoning budget (agent), chunk size and top-k (rag).',
      },
      from: { view: 'kpi_task_cost', args: { by: 'all' } },
      fields: [
        fineMoney('cost_per_task_p50', 'Per task, median'),
        fineMoney('cost_per_call', 'Per call'),
        share('retry_overhead', 'Retry overhead', { band: 'retry_overhead' }),
        pricedShare(),
      ],
    }),
    pickedGaugePanel({
      id: 103,
      title: 'Effective tokens per task, by workload',
      at: place(8, 16),
      explanation: {
        answers: 'Is the usual task of each workload over-stuffed, starved, or looping?',
        formula: 'input + output × (output price ÷ input price), median over tasks.',
        lever: 'prompt trimming (chat), loop caps (agent), fewer or smaller chunks (rag).',
      },
      from: { view: 'kpi_task_cost', args: { by: 'workload' } },
      column: 'effective_tokens_p50',
      bars: [
        { field: tokens('chat', 'chat', { band: 'tokens.chat' }), where: "key = 'chat'" },
        { field: tokens('agent', 'agent', { band: 'tokens.agent' }), where: "key = 'agent'" },
        { field: tokens('rag', 'rag', { band: 'tokens.rag' }), where: "key = 'rag'" },
      ],
    }),
    tablePanel({
      id: 104,
      title: 'By task type',
      at: place(0, 24, 1),
      explanation: {
        answers: 'Which task types cost most, and why?',
        formula: 'as above, per task type; p95 ÷ p50 is the variance signal; output share = cost of output ÷ cost.',
        lever: 'the last column, by workload.',
      },
      from: {
        view: 'kpi_task_cost',
        args: { by: 'task_type' },
        orderBy: ['cost_usd DESC', 'key'],
        limit: TASK_TYPES_MAX,
      },
      fields: [
        text('key', 'Task type'),
        count('tasks', 'Tasks'),
        money('cost_usd', 'Cost'),
        fineMoney('cost_per_task_p50', 'p50'),
        fineMoney('cost_per_task_p95', 'p95'),
        ratio('p95_over_p50', 'p95 ÷ p50'),
        fineMoney('cost_per_call', 'Per call'),
        fineMoney('cost_per_success', 'Per success', { noValue: 'no success' }),
        share('output_cost_share', 'Output share'),
        share('token_efficiency', 'Efficiency', { band: 'token_efficiency' }),
        share('retry_overhead', 'Retries', { band: 'retry_overhead' }),
        pricedShare(),
        text('lever', 'Lever'),
      ],
    }),
  ],
})
