/** How a target is cut so that no query has to hold all of it: conditions on its keys that leave out none of a range. */
import type { CounterFeed } from '#src/schema/counter-feeds.ts'
import { countOf, daysIn, hashSlices, type LedgerSource, pricedIn, type TimeRange, timeSlices } from './ledger-range.ts'

/** A row of an index takes about that part of the memory that a row of counters takes. */
const INDEX_ROWS_PER_ROW = 8

export const feedSlices = async (
  source: LedgerSource,
  feed: CounterFeed,
  range: TimeRange,
): Promise<readonly string[]> => {
  if (feed.cutBy === undefined) return ['1']
  if (feed.cutBy === 'price_slot') return (await timeSlices(source, range)).map(pricedIn)
  const counts = await Promise.all(
    feed.sources.map(({ table, time }) => countOf(source, table, feedRange(feed, range, time))),
  )
  const rows = counts.reduce((sum, count) => sum + count, 0)
  const whole = feedRange(feed, range)
  return hashSlices('trace_id', rows / INDEX_ROWS_PER_ROW).map((slice) => `${whole} AND ${slice}`)
}

/** The part of a target that a range touches, or of what feeds it: by the column that tells the time there. */
export const feedRange = (
  { cutBy, sources }: Pick<CounterFeed, 'cutBy' | 'sources'>,
  range: TimeRange,
  time: string | undefined = cutBy,
): string => {
  if (cutBy === undefined || time === undefined) return '1'
  if (cutBy === 'price_slot') return pricedIn(range)
  const date = `toDate(${time})`
  const days = daysIn(date, range)
  return sources.some(({ table }) => table === 'spans') ? `${days} AND ${comparableEvidence(date)}` : days
}

/** Rows of evidence are forgotten after 13 months, those of their index by the month: older ones cannot be compared. */
const comparableEvidence = (date: string): string => `toYYYYMM(${date}) > toYYYYMM(today() - INTERVAL 12 MONTH)`
