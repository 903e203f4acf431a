/** One change of the price book at a time: a table that exists while one runs, since creating a table is atomic. */
import { ClickHouseError, type ClickHouseClient } from '@clickhouse/client'
import { limits, OutlayError } from '@outlay/core'

const LOCK = 'price_book_change'
const TABLE_ALREADY_EXISTS = '57'

const dropLeftOver = async (client: ClickHouseClient, database: string): Promise<void> => {
  const result = await client.query({
    query: `SELECT name FROM system.tables WHERE database = {database:String} AND name = {name:String}
      AND metadata_modification_time < now() - {ageSeconds:UInt32}`,
    query_params: { database, name: LOCK, ageSeconds: limits.priceBookChangeSeconds },
    format: 'JSONEachRow',
  })
  const left = await result.json()
  if (left.length > 0) await client.command({ query: `DROP TABLE IF EXISTS ${database}.${LOCK}` })
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
  await dropLeftOver(client, database)
  try {
    await client.command({
      query: `CREATE TABLE ${database}.${LOCK} (held UInt8) ENGINE = Memory COMMENT 'Exists while the price book is being changed'`,
    })
  } catch (error) {
    if (!(error instanceof ClickHouseError) || error.code !== TABLE_ALREADY_EXISTS) throw error
    throw new OutlayError('E_PRICE_BOOK_BUSY', 'the price book is being changed by somebody else', {
      where: `${database}.${LOCK}`,
      fix: `try again; a change that died is forgotten after ${limits.priceBookChangeSeconds} seconds`,
      cause: error,
    })
  }
  try {
    return await change()
  } finally {
    await client.command({ query: `DROP TABLE IF EXISTS ${database}.${LOCK}` })
  }
}
