/**
 * Counters are sums over the ledger: of every target, every row by all of its keys, in every column. Both sides are grouped
 * by the engine, slice by slice; what differs is shown by its keys.
 */
import { limits } from '@outlay/core'
import { type CounterFeed, fedRows, feedColumns, readCounterFeeds } from '#src/schema/counter-feeds.ts'
import { feedRange, feedSlices } from './feed-slices.ts'
import { type Finding, keyed, type KeyedFinding, type Look, mergeLooks } from './finding.ts'
import { countOf, type LedgerSource, pricedIn, rowsOf, type TimeRange, timeSlices } from './ledger-range.ts'

type Difference = readonly [column: string, want: string, got: string, delta: string]

interface DifferingRow {
  readonly keys: readonly (readonly [string, string])[]
  readonly differences: readonly Difference[]
}

/**
 * Rows of a target that are not what the ledger says, with both sides. Compared as one text: thirty comparisons take the
 * engine longer to plan.
 */
const bothSides = (source: LedgerSource, feed: CounterFeed, where: string): string => {
  const { keys, measures, target } = feed
  const sides = measures.map(
    ({ name, combined }) =>
      `${combined}If(${name}, side = 0) AS want_${name}, ${combined}If(${name}, side = 1) AS got_${name}`,
  )
  const named = (side: string): string => measures.map(({ name }) => `${side}_${name}`).join(', ')
  return `SELECT ${keys.join(', ')}, ${sides.join(', ')}
    FROM (
      SELECT 0 AS side, * FROM (${fedRows(feed, where)})
      UNION ALL SELECT 1 AS side, ${feedColumns(feed).join(', ')} FROM ${source.database}.${target} WHERE ${where}
    )
    GROUP BY ${keys.join(', ')}
    HAVING toString((${named('want')})) != toString((${named('got')}))`
}

/** Named columns of the rows that differ. Telling them takes the engine three times as long as finding none. */
const describedRows = (source: LedgerSource, feed: CounterFeed, where: string): string => {
  const differences = feed.measures.map(({ name, combined }) => {
    const delta = combined === 'sum' ? `got_${name} - want_${name}` : `(want_${name}, got_${name})`
    return `('${name}', toString(want_${name}), toString(got_${name}), toString(${delta}))`
  })
  return `SELECT [${feed.keys.map((key) => `('${key}', toString(${key}))`).join(', ')}] AS keys,
      arrayFilter(each -> each.2 != each.3, [${differences.join(', ')}]) AS differences
    FROM (${bothSides(source, feed, where)}) ORDER BY keys LIMIT ${limits.verifyFindingsListedMax}`
}

const SAYS: Readonly<Record<'price_slot' | 'day' | 'list', Pick<Finding, 'check' | 'what'>>> = {
  price_slot: { check: 'counters', what: 'counters are not the sum of the ledger' },
  day: { check: 'trace_indexes', what: 'an index of traces does not say where their rows are' },
  list: { check: 'skus', what: 'the list of skus is not what the ledger names' },
}

const REBUILD =
  '`outlay rebuild` sums the target of that time again; a unit whose insert is in doubt may also heal it, see `outlay doctor`'

const findingOf = (feed: CounterFeed, { keys, differences }: DifferingRow): KeyedFinding => {
  const finding: Finding = {
    ...SAYS[feed.cutBy ?? 'list'],
    where: { table: feed.target, ...Object.fromEntries(keys.filter(([, value]) => value !== '')) },
    got: differences.map(([column, , got]) => `${column} ${got}`).join(', '),
    want: differences.map(([column, want]) => `${column} ${want}`).join(', '),
    fix: REBUILD,
  }
  return keyed(finding, differences.map(([column, , , delta]) => `${column} ${delta}`).join(','))
}

/** Differences of one target in one slice. */
const lookAtSlice = async (source: LedgerSource, feed: CounterFeed, where: string): Promise<Look> => {
  const [row] = await rowsOf<{ found: string }>(
    source,
    `SELECT count() AS found FROM (${bothSides(source, feed, where)})`,
  )
  const found = Number(row?.found ?? 0)
  const listed = found === 0 ? [] : await rowsOf<DifferingRow>(source, describedRows(source, feed, where))
  return { checked: {}, found, listed: listed.map((each) => findingOf(feed, each)) }
}

/** Rows of a target that are not what the ledger says, slice by slice (`feedSlices`). */
export const lookAtFeed = async (source: LedgerSource, feed: CounterFeed, slices: readonly string[]): Promise<Look> => {
  const looks: Look[] = []
  for (const slice of slices) looks.push(await lookAtSlice(source, feed, slice))
  return mergeLooks(looks)
}

export const lookAtCounters = async (source: LedgerSource, range: TimeRange): Promise<Look> => {
  const feeds = (await readCounterFeeds(source.client, source.database)).filter(({ cutBy }) => cutBy === 'price_slot')
  const slices = (await timeSlices(source, range)).map(pricedIn)
  const looks: Look[] = [{ checked: { targets: feeds.length, 'target rows': 0 }, found: 0, listed: [] }]
  for (const feed of feeds) {
    looks.push(await lookAtFeed(source, feed, slices))
    const rows = await countOf(source, feed.target, pricedIn(range))
    looks.push({ checked: { 'target rows': rows }, found: 0, listed: [] })
  }
  return mergeLooks(looks)
}

/** Settlement finds the rows of a trace by these: a row that they miss would be charged again. */
export const lookAtTraceIndexes = async (source: LedgerSource, range: TimeRange): Promise<Look> => {
  const feeds = (await readCounterFeeds(source.client, source.database)).filter(({ cutBy }) => cutBy === 'day')
  const looks: Look[] = []
  for (const feed of feeds) {
    looks.push(await lookAtFeed(source, feed, await feedSlices(source, feed, range)))
    const rows = await countOf(source, feed.target, feedRange(feed, range))
    looks.push({ checked: { 'index rows': rows }, found: 0, listed: [] })
  }
  return mergeLooks(looks)
}
