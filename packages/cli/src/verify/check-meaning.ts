/** The checks of `outlay verify` in words: the law that each of them proves. */
import type { CheckName } from '@outlay/clickhouse'

export const CHECK_MEANINGS: Readonly<Record<CheckName, string>> = {
  schema: 'every target and the view that feeds it are there',
  windows: 'every table recognises an insert that comes again',
  entry_ids: 'no entry stands twice',
  net_signs: 'every call stands once or not at all',
  reversals: 'every reversal repeats its charge',
  counters: 'every row of the eight targets is the sum of the ledger',
  skus: 'every sku is listed with what it sums',
  trace_indexes: 'every trace is found where its spans and entries are',
  cuts: 'every call stands in its band and slot',
  evidence: 'every call has its span',
  log_records: 'every record of every log is stored once and whole',
  settlement: 'every trace, derived again from its evidence, gives the net ledger that it has',
}
