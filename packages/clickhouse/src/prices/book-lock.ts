/**
 * One change of the price book at a time: a table that exists while one runs, since creating a table is atomic. On a cluster
 * it is a replica in Keeper that every server would have to claim under the same name, and only one can.
 */
import { ClickHouseError, type ClickHouseClient } from '@clickhouse/client'
import { limits, OutlayError } from '@outlay/core'
import { catchUp } from '#src/schema/catch-up.ts'
import { readCluster } from '#src/schema/stored-form.ts'

const LOCK = 'price_book_change'
/** The table is there; the replica is there. */
const TAKEN: ReadonlySet<string> = new Set(['57', '253'])

interface Lock {
  readonly engine: string
  /** Where the table may stand. */
  readonly tables: string
  readonly drop: string
}

const lockOf = (database: string, cluster: string | undefined): Lock =>
  cluster === undefined
    ? { engine: 'Memory', tables: 'system.tables', drop: `DROP TABLE IF EXISTS ${database}.${LOCK}` }
    : {
        engine: `ReplicatedMergeTree('/clickhouse/tables/everywhere/{database}/{table}', 'holder') ORDER BY held`,
        tables: `clusterAllReplicas('${cluster}', system.tables)`,
        drop: `DROP TABLE IF EXISTS ${database}.${LOCK} ON CLUSTER '${cluster}' SYNC`,
      }

const dropLeftOver = async (client: ClickHouseClient, database: string, { tables, drop }: Lock): Promise<void> => {
  const result = await client.query({
    query: `SELECT name FROM ${tables} WHERE database = {database:String} AND name = {name:String}
      AND metadata_modification_time < now() - {ageSeconds:UInt32}`,
    query_params: { database, name: LOCK, ageSeconds: limits.priceBookChangeSeconds },
    format: 'JSONEachRow',
  })
  const left = await result.json()
  if (left.length > 0) await client.command({ query: drop })
}

/**
 * Runs one change of the book. Fails with `E_PRICE_BOOK_BUSY` while another one runs; one that died is forgotten after
 * `limits.priceBookChangeSeconds`.
 */
export const whileBookIsLocked = async <Result>(
  client: ClickHouseClient,
  database: string,
  change: () => Promise<Result>,
): Promise<Result> => {
  const lock = lockOf(database, await readCluster(client, database))
  await dropLeftOver(client, database, lock)
  try {
    await client.command({
      query: `CREATE TABLE ${database}.${LOCK} (held UInt8) ENGINE = ${lock.engine} COMMENT 'Exists while the price book is being changed'`,
    })
  } catch (error) {
    if (!(error instanceof ClickHouseError) || !TAKEN.has(error.code)) throw error
    throw new OutlayError('E_PRICE_BOOK_BUSY', 'the price book is being changed by somebody else', {
      where: `${database}.${LOCK}`,
      fix: `try again; a change that died is forgotten after ${limits.priceBookChangeSeconds} seconds`,
      cause: error,
    })
  }
  try {
    // What the last change wrote through another replica.
    await catchUp(client, database)
    return await change()
  } finally {
    await client.command({ query: `DROP TABLE IF EXISTS ${database}.${LOCK} SYNC` })
  }
}
