/**
 * Sums counters again, month by month, where they are not what the ledger says. A month is summed into a table beside its
 * target by the very statement that feeds it, and takes the place of the old one at once: readers see either. Whoever is
 * killed on the way leaves either state behind, and the next run finds what is left to do.
 *
 * Invariant: nothing is inserted into the ledger while a month is summed and put in place, else it would be lost or counted
 * twice. The caller holds its own writer for each month; a month that another writer changed meanwhile is summed once more.
 * On a cluster all of this is about one shard: its ledger, its targets.
 */
import { catchUp } from '#src/schema/catch-up.ts'
import { createCopy } from '#src/schema/copy-table.ts'
import { type CounterFeed, feedColumns, fedRows, readCounterFeeds } from '#src/schema/counter-feeds.ts'
import { lookAtFeed } from '#src/verify/check-counters.ts'
import { feedRange, feedSlices } from '#src/verify/feed-slices.ts'
import { ALL_TIME, type LedgerSource, rowsOf, type TimeRange } from '#src/verify/ledger-range.ts'

/** One month of one target; of a target without months, all of it. */
export interface CounterMonth {
  readonly feed: CounterFeed
  /** `202611`; empty where the target has no months. */
  readonly month: string
  readonly range: TimeRange
}

export interface RebuiltMonth {
  readonly target: string
  readonly month: string
  /** Rows that were not what the ledger said. */
  readonly differing: number
  /** Rows that still are not; 0 once it was put in place. */
  readonly remaining: number
}

const MONTHS_PER_YEAR = 12

const rangeOfMonth = (month: string): TimeRange => {
  const [year, index] = [Math.floor(Number(month) / 100), (Number(month) % 100) - 1]
  const at = (months: number): number =>
    Date.UTC(year + Math.floor(months / MONTHS_PER_YEAR), months % MONTHS_PER_YEAR) / 1_000
  return { from: at(index), to: Math.min(at(index + 1), ALL_TIME.to) }
}

/** Months of a target that a range touches, in the ledger or in the target; each is looked at whole. */
const monthsOf = async (
  source: LedgerSource,
  feed: CounterFeed,
  range: TimeRange,
): Promise<readonly CounterMonth[]> => {
  const { cutBy, sources, target } = feed
  if (cutBy === undefined) return [{ feed, month: '', range: ALL_TIME }]
  const months = await rowsOf<{ month: number }>(
    source,
    `SELECT DISTINCT month FROM (
       ${[...sources, { table: target, time: cutBy }]
         .map(
           ({ table, time }) =>
             `SELECT toYYYYMM(${time}) AS month FROM ${source.database}.${table} WHERE ${feedRange(feed, range, time)}`,
         )
         .join(' UNION ALL ')}
     ) ORDER BY month`,
  )
  return months.map(({ month }) => ({ feed, month: String(month), range: rangeOfMonth(String(month)) }))
}

/** Rows of the month that are not what the ledger says. */
const differingRows = async (source: LedgerSource, { feed, range }: Omit<CounterMonth, 'month'>): Promise<number> =>
  (await lookAtFeed(source, feed, await feedSlices(source, feed, range))).found

/** Months that a range touches and that are not what the ledger says, with the number of their rows that are not. */
export async function* differingMonths(
  source: LedgerSource,
  range: TimeRange,
): AsyncGenerator<CounterMonth & { readonly differing: number }> {
  for (const feed of await readCounterFeeds(source.client, source.database)) {
    const months = await monthsOf(source, feed, range)
    const [first, last] = [months[0], months.at(-1)]
    if (first === undefined || last === undefined) continue
    // Most are whole: one question tells so of all months of a target.
    const whole = { feed, range: { from: first.range.from, to: last.range.to } }
    if ((await differingRows(source, whole)) === 0) continue
    for (const month of months) {
      const differing = await differingRows(source, month)
      if (differing > 0) yield { ...month, differing }
    }
  }
}

/** Another writer may have inserted between summing and putting in place. */
const ATTEMPTS_MAX = 3

/** While nothing is inserted. Does nothing where the month is what the ledger says. */
export const rebuildMonth = async (source: LedgerSource, month: CounterMonth): Promise<RebuiltMonth | undefined> => {
  // What another replica took in and ours has not fetched yet would be missing in the sum, and be replaced in the target.
  const tables = ['calls', 'quarantine', ...(month.feed.target === 'span_index' ? ['spans'] : []), month.feed.target]
  await catchUp(source.client, source.database, tables)
  const differing = await differingRows(source, month)
  if (differing === 0) return undefined
  let remaining = differing
  for (let attempt = 0; attempt < ATTEMPTS_MAX && remaining > 0; attempt += 1) {
    await replaceMonth(source, month)
    remaining = await differingRows(source, month)
  }
  return { target: month.feed.target, month: month.month, differing, remaining }
}

/** Of no target and of no view: neither the windows nor the upgrade of counters take it for one. */
const shadowOf = (target: string): string => `${target}_shadow`

/** Removes what runs that were killed have left behind. */
export const dropShadows = async (source: LedgerSource): Promise<void> => {
  for (const { target } of await readCounterFeeds(source.client, source.database)) {
    await source.client.command({ query: `DROP TABLE IF EXISTS ${source.database}.${shadowOf(target)} SYNC` })
  }
}

const replaceMonth = async (source: LedgerSource, month: CounterMonth): Promise<void> => {
  const { client, database } = source
  const { feed, range } = month
  const [target, shadow] = [`${database}.${feed.target}`, `${database}.${shadowOf(feed.target)}`]
  const run = async (query: string): Promise<void> => {
    await client.command({ query, clickhouse_settings: { async_insert: 0, insert_deduplicate: 0 } })
  }
  await run(`DROP TABLE IF EXISTS ${shadow} SYNC`)
  await createCopy(client, database, { table: feed.target, copy: shadowOf(feed.target) })
  const columns = feedColumns(feed).join(', ')
  for (const slice of await feedSlices(source, feed, range)) {
    await run(`INSERT INTO ${shadow} (${columns}) ${fedRows(feed, slice)}`)
  }
  const [summed] = await rowsOf<{ rows: string }>(source, `SELECT count() AS rows FROM ${shadow}`)
  const partition = feed.cutBy === undefined ? 'tuple()' : month.month
  if (summed?.rows === '0') await run(`ALTER TABLE ${target} DROP PARTITION ${partition}`)
  else await run(`ALTER TABLE ${target} REPLACE PARTITION ${partition} FROM ${shadow}`)
  await run(`DROP TABLE ${shadow} SYNC`)
}
