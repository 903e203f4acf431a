/** The list of skus as it is stored: every combination that a price depends on, once. */
import type { ClickHouseClient } from '@clickhouse/client'
import { readWhole } from '#src/schema/stored-form.ts'

export interface StoredSku {
  /** Digest of the parts, in decimal digits. */
  readonly sku: string
  readonly provider: string
  readonly model: string
  readonly region: string
  readonly tier: string
  readonly prompt_band: number
}

const PARTS = 'sku, provider, model, region, tier, prompt_band'

export const readStoredSkus = async (client: ClickHouseClient, database: string): Promise<StoredSku[]> => {
  const whole = await readWhole(client, database)
  const result = await client.query({
    query: `SELECT ${PARTS} FROM ${whole('skus')} GROUP BY ${PARTS} ORDER BY ${PARTS}`,
    format: 'JSONEachRow',
  })
  return result.json<StoredSku>()
}
