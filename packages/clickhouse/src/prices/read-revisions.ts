import type { ClickHouseClient } from '@clickhouse/client'

/** One applied revision of the book, as it is listed. */
export interface PriceRevision {
  readonly revision: number
  /** ISO 8601, UTC. */
  readonly applied_at: string
  /** edition, overlay, contract, add or supersede. */
  readonly kind: string
  readonly author: string
  readonly reason: string
  /** Price rows that became visible with it. */
  readonly rows: number
  /** Price rows that it closed. */
  readonly closed: number
}

/** All revisions, oldest first. */
export const readRevisions = async (client: ClickHouseClient, database: string): Promise<readonly PriceRevision[]> => {
  const result = await client.query({
    query: `SELECT revision, formatDateTime(applied_at, '%FT%TZ', 'UTC') AS applied_at, kind, author, reason,
        toUInt32(added.rows) AS rows, toUInt32(closed.rows) AS closed
      FROM ${database}.price_revisions
      LEFT JOIN (SELECT revision, count() AS rows FROM ${database}.price_rows FINAL GROUP BY revision) AS added USING (revision)
      LEFT JOIN (SELECT superseded_in AS revision, count() AS rows FROM ${database}.price_rows FINAL WHERE superseded_in > 0 GROUP BY revision) AS closed USING (revision)
      ORDER BY revision`,
    format: 'JSONEachRow',
  })
  return result.json<PriceRevision>()
}
