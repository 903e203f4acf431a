/** Net sums of the ledger and of each of its counters tables, meter by meter. */
import type { ClickHouseClient } from '@outlay/clickhouse'
import { METERS, UNIT_METERS } from '@outlay/core'

const TARGETS: readonly string[] = [
  'task',
  'user',
  'tenant',
  'budget',
  'overage',
  'degradation',
  'feature',
  'product',
].map((name) => `${name}_counters`)

export interface LedgerSums {
  /** What is charged: calls, and parts of calls that are billed beside them. */
  readonly charges: number
  /** Only meters that are not zero. */
  readonly meters: Readonly<Record<string, number>>
}

interface SumRow {
  readonly name: string
  readonly charges: string
  readonly meters: Readonly<Record<string, string>>
}

const rowsOf = async <Row>(client: ClickHouseClient, query: string, query_params = {}): Promise<Row[]> =>
  (await client.query({ query, query_params, format: 'JSONEachRow' })).json<Row>()

const sumOfCalls = (database: string): string => {
  const quantities = METERS.map((meter) => (UNIT_METERS.includes(meter) ? `units['${meter}']` : meter))
  const pairs = METERS.map((meter, index) => `'${meter}', toInt64(sum(sign * toInt64(${quantities[index]})))`)
  return `SELECT 'calls' AS name, toInt64(sum(sign)) AS charges, map(${pairs.join(', ')}) AS meters FROM ${database}.calls`
}

/** Some meters have a column of their own, all others lie in the map `rare`. */
const sumOfTarget = (database: string, target: string, columns: ReadonlySet<string>): string => {
  const pairs = METERS.filter((meter) => columns.has(meter)).map((meter) => `'${meter}', toInt64(sum(${meter}))`)
  return `SELECT '${target}' AS name, toInt64(sum(charges)) AS charges, mapUpdate(map(${pairs.join(', ')}), sumMap(rare)) AS meters FROM ${database}.${target}`
}

/** By table: `calls` and the eight targets. Reads are not one snapshot: poll while something may still be inserting. */
export const readLedgerSums = async (
  client: ClickHouseClient,
  database: string,
): Promise<ReadonlyMap<string, LedgerSums>> => {
  const columns = await rowsOf<{ name: string }>(
    client,
    `SELECT name FROM system.columns WHERE database = {database:String} AND table = {table:String}`,
    { database, table: TARGETS[0] },
  )
  const names = new Set(columns.map(({ name }) => name))
  const queries = [sumOfCalls(database), ...TARGETS.map((target) => sumOfTarget(database, target, names))]
  const rows = await rowsOf<SumRow>(client, queries.join(' UNION ALL '))
  return new Map(rows.map(({ name, charges, meters }) => [name, { charges: Number(charges), meters: used(meters) }]))
}

const used = (meters: Readonly<Record<string, string>>): Record<string, number> =>
  Object.fromEntries(METERS.map((meter) => [meter, Number(meters[meter] ?? 0)] as const).filter(([, sum]) => sum !== 0))

/** Tables whose sums are not the expected ones, or not those of `calls` where nothing is expected. */
export const tablesThatDiffer = (
  sums: ReadonlyMap<string, LedgerSums>,
  expected: LedgerSums | undefined = sums.get('calls'),
): readonly string[] => {
  const wanted = JSON.stringify(expected && { charges: expected.charges, meters: used(textsOf(expected)) })
  return ['calls', ...TARGETS].filter((name) => JSON.stringify(sums.get(name)) !== wanted)
}

const textsOf = ({ meters }: LedgerSums): Record<string, string> =>
  Object.fromEntries(Object.entries(meters).map(([meter, sum]) => [meter, String(sum)]))
