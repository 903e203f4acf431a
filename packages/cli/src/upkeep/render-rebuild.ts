/** What `outlay rebuild` did, or would do, for people. */
import type { RebuiltLedger } from '@outlay/collector'

export const renderRebuild = ({ counters, settlement }: RebuiltLedger, isDryRun: boolean): string => {
  const { charges, reversals, refusals, releases } = settlement
  const months = counters.map(({ target, month, differing_rows, remaining_rows }) => {
    const what = isDryRun
      ? 'would be summed again'
      : remaining_rows === 0
        ? 'summed again'
        : `still differs in ${remaining_rows} row(s)`
    return `  ${target} ${month === '' ? '' : `${month} `}${differing_rows} row(s) differ: ${what}`
  })
  const traces = settlement.differences.map(
    ({ what, where }) => `  ${what}: ${where['trace_id'] ?? ''}:${where['span_id'] ?? ''} ${where['part'] ?? ''}`,
  )
  const posted = `${charges} charge(s), ${reversals} reversal(s), ${refusals} refusal(s), ${releases} release(s)`
  return [
    counters.length === 0 ? 'Counters are the sum of the ledger.' : 'Counters:',
    ...months,
    settlement.differing_traces === 0
      ? `The ledger says what its evidence says (${settlement.traces} traces).`
      : `Ledger: ${settlement.differing_traces} of ${settlement.traces} traces differ from their evidence; ${isDryRun ? 'to post' : 'posted'}: ${posted}`,
    ...traces,
    ...(isDryRun || settlement.remaining_traces === 0
      ? []
      : [`  ${settlement.remaining_traces} trace(s) still differ`]),
  ].join('\n')
}
