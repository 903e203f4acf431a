/**
 * Counters are sums over the ledger: of every target, every row by all of its keys, in every column. Both sides are grouped
 * by the engine, slice by slice; what differs is shown by its keys.
 */
import { limits } from '@outlay/core'
import { type CounterFeed, fedRows, feedColumns, readCounterFeeds } from '#src/schema/counter-feeds.ts'
import { type Finding, keyed, type KeyedFinding, type Look, mergeLooks } from './finding.ts'
import { ALL_TIME, type LedgerSource, pricedIn, rowsOf, type TimeRange, timeSlices } from './ledger-range.ts'

type Difference = readonly [column: string, want: string, got: string, delta: string]

interface DifferingRow {
  readonly keys: readonly (readonly [string, string])[]
  readonly differences: readonly Difference[]
  readonly found: string
}

const SUMMED = new Set(['sum'])

/** Rows of a target that are not what the ledger says. */
const differingRows = (source: LedgerSource, feed: CounterFeed, where: string, limit: number): string => {
  const { keys, measures, target } = feed
  const sides = measures.map(
    ({ name, combined }) =>
      `${combined}If(${name}, side = 0) AS want_${name}, ${combined}If(${name}, side = 1) AS got_${name}`,
  )
  const differences = measures.map(
    ({ name, combined }) =>
      `('${name}', toString(want_${name}), toString(got_${name}), ${SUMMED.has(combined) ? `toString(got_${name} - want_${name})` : `concat(toString(want_${name}), ' ', toString(got_${name}))`})`,
  )
  return `SELECT [${keys.map((key) => `('${key}', toString(${key}))`).join(', ')}] AS keys, ${sides.join(', ')},
      arrayFilter(each -> each.2 != each.3, [${differences.join(', ')}]) AS differences
    FROM (
      SELECT 0 AS side, * FROM (${fedRows(feed, where)})
      UNION ALL SELECT 1 AS side, ${feedColumns(feed).join(', ')} FROM ${source.database}.${target} WHERE ${where}
    )
    GROUP BY ${keys.join(', ')}
    HAVING notEmpty(differences)
    ORDER BY keys LIMIT ${limit}`
}

const REBUILD = '`outlay rebuild` sums the target of that time again; a unit whose insert is in doubt may also heal it, see `outlay doctor`'

const findingOf = (feed: CounterFeed, { keys, differences }: DifferingRow): KeyedFinding => {
  const finding: Finding = {
    check: feed.isMonthly ? 'counters' : 'skus',
    what: feed.isMonthly ? 'counters are not the sum of the ledger' : 'the list of skus is not what the ledger names',
    where: { table: feed.target, ...Object.fromEntries(keys.filter(([, value]) => value !== '')) },
    got: differences.map(([column, , got]) => `${column} ${got}`).join(', '),
    want: differences.map(([column, want]) => `${column} ${want}`).join(', '),
    fix: REBUILD,
  }
  return keyed(finding, differences.map(([column, , , delta]) => `${column} ${delta}`).join(','))
}

/** Differences of one target in one slice. */
const lookAtSlice = async (source: LedgerSource, feed: CounterFeed, range: TimeRange): Promise<Look> => {
  const where = feed.isMonthly ? pricedIn(range) : '1'
  const inner = differingRows(source, feed, where, limits.verifyRowsPerQueryMax)
  const rows = await rowsOf<DifferingRow>(
    source,
    `SELECT keys, differences, count() OVER () AS found FROM (${inner}) ORDER BY keys LIMIT ${limits.verifyFindingsListedMax}`,
  )
  return { checked: {}, found: Number(rows[0]?.found ?? 0), listed: rows.map((row) => findingOf(feed, row)) }
}

const rowsIn = async (source: LedgerSource, feed: CounterFeed, where: string): Promise<number> => {
  const [row] = await rowsOf<{ rows: string }>(
    source,
    `SELECT count() AS rows FROM ${source.database}.${feed.target} WHERE ${where}`,
  )
  return Number(row?.rows ?? 0)
}

/** Targets whose rows of a range are not what the ledger says, one by one. */
export const differsInRange = async (source: LedgerSource, feed: CounterFeed, range: TimeRange): Promise<Look> => {
  const slices = feed.isMonthly ? await timeSlices(source, range) : [ALL_TIME]
  const looks: Look[] = []
  for (const slice of slices) looks.push(await lookAtSlice(source, feed, slice))
  return mergeLooks(looks)
}

export const lookAtCounters = async (source: LedgerSource, range: TimeRange): Promise<Look> => {
  const feeds = (await readCounterFeeds(source.client, source.database)).filter(({ isMonthly }) => isMonthly)
  const looks: Look[] = [{ checked: { targets: feeds.length, 'target rows': 0 }, found: 0, listed: [] }]
  for (const feed of feeds) {
    looks.push(await differsInRange(source, feed, range))
    looks.push({ checked: { 'target rows': await rowsIn(source, feed, pricedIn(range)) }, found: 0, listed: [] })
  }
  return mergeLooks(looks)
}
