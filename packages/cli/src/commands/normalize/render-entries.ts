/** The entries of `outlay normalize --table`, for people. */
import Table from 'cli-table3'
import type { NormalizeAnswer, TraceEntry } from './trace-entries.ts'

const dispositionOf = ({ disposition, covered_by, calls_below, missing }: TraceEntry): string => {
  if (missing.length > 0) return `${disposition}: no ${missing.join(', ')}`
  if (covered_by !== null) return `${disposition} by ${covered_by}`
  return calls_below > 0 ? `${disposition} by ${calls_below} calls below` : disposition
}

const usageOf = ({ usage_status, meters, input_total, output_total }: TraceEntry): string => {
  const counted = Object.entries(meters).map(([meter, quantity]) => `${meter} ${quantity}`)
  if (counted.length > 0) return counted.join('\n')
  return usage_status === 'conflict' ? `conflict: ${input_total} in, ${output_total} out do not add up` : usage_status
}

const summaryOf = ({ entries, summary }: NormalizeAnswer): string => {
  const billed = entries.filter(({ billable }) => billable).length
  const traces = new Set(entries.map(({ trace_id }) => trace_id)).size
  const plain = summary.plain_spans === 0 ? '' : `, ${summary.plain_spans} plain spans`
  return `${billed} billable of ${entries.length} entries in ${traces} trace(s)${plain}`
}

export const renderEntries = (answer: NormalizeAnswer): string => {
  const table = new Table({
    head: ['trace : span', 'becomes', 'meters', 'model', 'rule', 'how', 'flags'],
    style: { head: [], border: [] },
  })
  for (const entry of answer.entries) {
    const { selectors } = entry
    table.push([
      `${entry.trace_id}\n:${entry.span_id}${entry.part === 'main' ? '' : ` ${entry.part}`}`,
      dispositionOf(entry),
      usageOf(entry),
      [selectors['provider'], selectors['response_model'] ?? selectors['request_model']].filter(Boolean).join('\n'),
      entry.rule,
      [entry.billable_reason, entry.inclusion].filter(Boolean).join('\n'),
      entry.flags.join('\n'),
    ])
  }
  return [table.toString(), summaryOf(answer)].join('\n')
}
