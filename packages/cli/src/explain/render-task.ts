/** `outlay explain task` for people. */
import Table from 'cli-table3'
import type { ExplainedTask } from './explain-task.ts'
import { costText, exactUsd } from './render-call.ts'

const metersText = (meters: Readonly<Record<string, number>>): string =>
  Object.entries(meters)
    .map(([meter, quantity]) => `${meter} ${quantity}`)
    .join('\n')

const totalText = ({ total_usd, unpriced_calls, calls_count }: ExplainedTask): string => {
  const calls = `${calls_count} call(s)`
  if (total_usd === null) return `not priced, ${calls}`
  return `${exactUsd(total_usd)}${unpriced_calls === 0 ? '' : ` + ${unpriced_calls} charge(s) not priced`}, ${calls}`
}

const agreementText = ({ agree, kpi }: ExplainedTask): string => {
  if (agree) return 'The total is the figure of KPI 1 (kpi_task_cost).'
  const theirs = kpi === null ? 'no such task' : `${kpi.cost_usd ?? 'not priced'} over ${kpi.calls} call(s)`
  return `KPI 1 (kpi_task_cost) SAYS SOMETHING ELSE: ${theirs}. Run outlay verify, or report this.`
}

export const renderTask = (task: ExplainedTask): string => {
  const table = new Table({
    head: ['time', 'span', 'model', 'meters', 'cost', 'rule'],
    style: { head: [], border: [] },
  })
  for (const call of task.calls) {
    const about = [call.agent, call.tool, call.attempt > 1 ? `attempt ${call.attempt}` : ''].filter(Boolean)
    table.push([
      call.time,
      `${call.trace_id}:\n${call.span_id}${call.part === 'main' ? '' : ` ${call.part}`}`,
      [call.model, ...about].join('\n'),
      metersText(call.meters),
      `${costText(call)}${call.corrected === 0 ? '' : `\ncorrected ${call.corrected}×`}`,
      call.rule,
    ])
  }
  const refused = task.quarantined.map(
    ({ trace_id, span_id, model, reason, missing }) =>
      `  ${trace_id}:${span_id} ${model} ${reason}${missing.length === 0 ? '' : `, no ${missing.join(', ')}`}`,
  )
  return [
    `${totalText(task)} · task ${task.task} of ${task.tenant}${task.task_types.length === 0 ? '' : ` (${task.task_types.join(', ')})`} · book ${task.book.name}, revision ${task.book.revision}`,
    table.toString(),
    agreementText(task),
    ...(refused.length === 0 ? [] : ['Of the same traces, in quarantine and in no figure:', ...refused]),
    'More: outlay explain call TRACE:SPAN',
  ].join('\n')
}
