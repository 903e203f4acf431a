/**
 * What a view cannot be faster than: the counters that its question needs, of the same target and time, summed at the
 * granularity of the question without any price. Grouped sums are summed once more, so that no floor is slow because
 * of the rows that it sends.
 */
import { HOT_METERS, type Target } from './counters-targets.ts'

export interface Floor {
  /** For the report: the table and what its sums are grouped by. */
  readonly label: string
  readonly statement: (database: string) => string
}

type Column = readonly [name: string, sum: string]

const CALLS: readonly Column[] = [['net_calls', 'sum(calls)']]
const TOKENS: readonly Column[] = [...CALLS, ['input_sum', 'sum(input_tokens)'], ['output_sum', 'sum(output_tokens)']]
const COUNTERS: readonly Column[] = [
  ...TOKENS,
  ['net_charges', 'sum(charges)'],
  ...HOT_METERS.map((meter): Column => [`${meter}_meter`, `sum(${meter})`]),
  ['rare_meters', 'sumMap(rare)'],
]
const ENTRY_METERS: readonly Column[] = [
  ['net_calls', `sum(sign * (part = 'main'))`],
  ['net_charges', 'sum(sign)'],
  ...HOT_METERS.map((meter): Column => [`${meter}_meter`, `sum(sign * ${meter})`]),
  ['rare_meters', 'sumMap(units)'],
]

const sumAgain = ([name]: Column): string => (name === 'rare_meters' ? `sum(length(${name}))` : `sum(${name})`)

interface Sums {
  readonly table: string
  readonly where: string
  readonly columns: readonly Column[]
  readonly by: readonly string[]
}

const floorOf = ({ table, where, columns, by }: Sums): Floor => ({
  label: by.length === 0 ? table : `${table} by ${by.join(', ')}`,
  statement: (database) => {
    const list = [...by, ...columns.map(([name, sum]) => `${sum} AS ${name}`)].join(', ')
    const sums = `SELECT ${list} FROM ${database}.${table} WHERE ${where}`
    if (by.length === 0) return sums
    return `SELECT count(), ${columns.map(sumAgain).join(', ')} FROM (${sums} GROUP BY ALL)`
  },
})

/** Calls, tokens of both sides and every meter. */
export const counters = (table: Target, where: string, by: readonly string[] = []): Floor =>
  floorOf({ table, where, columns: COUNTERS, by })

/** For views that read no single meter of the target. */
export const tokens = (table: Target, where: string, by: readonly string[] = []): Floor =>
  floorOf({ table, where, columns: TOKENS, by })

/** For views that only count in the target. */
export const calls = (table: Target, where: string, by: readonly string[] = []): Floor =>
  floorOf({ table, where, columns: CALLS, by })

/** For views that read entries: of the ledger, or of traces that are still open. */
export const entries = (table: 'calls' | 'open_entries', where: string): Floor =>
  floorOf({ table, where, columns: ENTRY_METERS, by: [] })

/** The figure of entries that is no sum: from receipt to the ledger. */
export const lag = (where: string): Floor => ({
  label: 'calls, lag',
  statement: (database) =>
    `SELECT quantileExactOrNull(0.99)(toUnixTimestamp64Milli(posted_at) / 1000. - toUnixTimestamp64Nano(received_at) / 1e9) FROM ${database}.calls WHERE ${where}`,
})

/** For views that list entries: the same rows without their cost. */
export const listed = (where: string): Floor => ({
  label: 'calls, listed',
  statement: (database) =>
    `SELECT lower(hex(entry_id)) AS id, sign, lower(hex(trace_id)) AS trace, lower(hex(span_id)) AS span, part, time, tenant, user, feature, task,
      price_provider, price_model, sku, price_slot, usage_bits, ${HOT_METERS.join(', ')}, units FROM ${database}.calls WHERE ${where}`,
})
