/** Whether calls of the last day are charged more than once because two tracers report them, each in traces of its own. */
import { type LedgerSource, readRepeatedResponses } from '@outlay/clickhouse'
import { type Line, ok, warning } from './diagnosis.ts'

const WHAT = 'repeated responses'

const listOf = (names: readonly string[]): string => names.map((name) => (name === '' ? '(none)' : name)).join(', ')

export const checkCharges = async (source: LedgerSource): Promise<readonly Line[]> => {
  const repeated = await readRepeatedResponses(source)
  if (repeated.length === 0) return [ok('ledger', WHAT, 'no response of the last day is charged twice')]
  return repeated.map(({ services, scopes, responses, charges }) =>
    warning(
      'ledger',
      WHAT,
      `${responses} of the last day have ${charges} charges too many: service ${listOf(services)}, scope ${listOf(scopes)}`,
      'let one tracer report each call, or both in the same trace; `outlay reconcile` and double_counted of kpi_provider_usage tell what it comes to',
    ),
  )
}
