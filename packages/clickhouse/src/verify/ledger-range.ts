/**
 * The part of a ledger that is looked at, and how it is cut so that no query has to hold all of it: entries and counters by
 * the slot that prices them, evidence by its receipt, ids by their hash.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { limits, SLOT_SECONDS } from '@outlay/core'

export interface LedgerSource {
  readonly client: ClickHouseClient
  readonly database: string
}

/** Unix seconds, `to` excluded. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** As far as a `DateTime` goes. */
export const ALL_TIME: TimeRange = { from: 0, to: 2 ** 32 - 1 }

/** The slots that a range touches, whole. */
export const wholeSlots = ({ from, to }: TimeRange): TimeRange => ({
  from: Math.floor(from / SLOT_SECONDS) * SLOT_SECONDS,
  to: Math.min(Math.ceil(to / SLOT_SECONDS) * SLOT_SECONDS, ALL_TIME.to),
})

const instant = (seconds: number): string => `toDateTime(${seconds}, 'UTC')`

export const pricedIn = ({ from, to }: TimeRange): string =>
  `price_slot >= ${instant(from)} AND price_slot < ${instant(to)}`
export const receivedIn = ({ from, to }: TimeRange): string =>
  `received_at >= ${instant(from)} AND received_at < ${instant(to)}`

/** Whole days that a range touches, of a date. */
export const daysIn = (date: string, { from, to }: TimeRange): string =>
  `${date} >= toDate(${instant(from)}) AND ${date} <= toDate(${instant(to - 1)})`

/** Conditions that cut some rows by the hash of a column, each part small enough to be grouped at once. */
export const hashSlices = (column: string, rows: number): readonly string[] => {
  const slices = Math.max(1, Math.ceil(rows / limits.verifyRowsPerQueryMax))
  return Array.from({ length: slices }, (_, slice) => `cityHash64(${column}) % ${slices} = ${slice}`)
}

export const rowsOf = async <Row>({ client }: LedgerSource, query: string): Promise<Row[]> =>
  (await client.query({ query, format: 'JSONEachRow' })).json<Row>()

export const countOf = async (source: LedgerSource, table: string, where: string): Promise<number> => {
  const [row] = await rowsOf<{ rows: string }>(
    source,
    `SELECT count() AS rows FROM ${source.database}.${table} WHERE ${where}`,
  )
  return Number(row?.rows ?? 0)
}

/** Consecutive parts of a range that leave out none of it, each with so many entries that they can be grouped at once. */
export const timeSlices = async (source: LedgerSource, range: TimeRange): Promise<readonly TimeRange[]> => {
  const hours = await rowsOf<{ hour: number; entries: string }>(
    source,
    `SELECT toUnixTimestamp(toStartOfHour(price_slot)) AS hour, count() AS entries FROM ${source.database}.calls
     WHERE ${pricedIn(range)} GROUP BY hour ORDER BY hour`,
  )
  const slices: TimeRange[] = []
  let from = range.from
  let held = 0
  for (const { hour, entries } of hours) {
    if (held > 0 && held + Number(entries) > limits.verifyRowsPerQueryMax) {
      slices.push({ from, to: hour })
      from = hour
      held = 0
    }
    held += Number(entries)
  }
  return [...slices, { from, to: range.to }]
}
