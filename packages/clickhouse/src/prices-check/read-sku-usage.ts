/** What the ledger saw, as a check of the price book asks it: every sku there ever was, and which meters calls used lately. */
import type { ClickHouseClient } from '@clickhouse/client'
import { METERS, type Meter } from '@outlay/core'
import type { SeenSku, SkuParts, SkuUsage } from '@outlay/pricing'
import { assertIdentifier } from '#src/schema/render-sql.ts'
import { readWhole } from '#src/schema/stored-form.ts'

interface StoredParts {
  readonly provider: string
  readonly model: string
  readonly region: string
  readonly tier: string
  readonly prompt_band: number
}

const partsOf = ({ provider, model, region, tier, prompt_band: promptBand }: StoredParts): SkuParts => ({
  provider,
  model,
  region,
  tier,
  promptBand,
})

const PARTS = 'provider, model, region, tier, prompt_band'

/** Every sku of the ledger with its net calls. */
export const readSeenSkus = async (client: ClickHouseClient, database: string): Promise<readonly SeenSku[]> => {
  assertIdentifier(database, 'database')
  const whole = await readWhole(client, database)
  const result = await client.query({
    query: `SELECT ${PARTS}, sum(calls) AS net_calls, toUnixTimestamp(max(last_seen)) AS seen_at
      FROM ${whole('skus')} GROUP BY ${PARTS} ORDER BY ${PARTS}`,
    format: 'JSONEachRow',
  })
  const rows = await result.json<StoredParts & { readonly net_calls: string; readonly seen_at: number }>()
  return rows.map((row) => ({ ...partsOf(row), calls: Number(row.net_calls), lastSeen: row.seen_at }))
}

const metersOf = (bits: number): Meter[] => METERS.filter((_, position) => ((bits >>> position) & 1) === 1)

/** Net charges (calls and parts of calls) of a window by sku and by the meters that each of them used. Times are Unix seconds, `to` excluded. */
export const readSkuUsage = async (
  client: ClickHouseClient,
  database: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly SkuUsage[]> => {
  assertIdentifier(database, 'database')
  const whole = await readWhole(client, database)
  const result = await client.query({
    query: `SELECT ${PARTS}, usage_bits, sum(used.net_charges) AS calls
      FROM (
        SELECT sku, usage_bits, sum(charges) AS net_charges FROM ${whole('tenant_counters')}
        WHERE price_slot >= {from:DateTime('UTC')} AND price_slot < {to:DateTime('UTC')}
        GROUP BY sku, usage_bits
      ) AS used
      INNER JOIN (SELECT DISTINCT sku, ${PARTS} FROM ${whole('skus')}) AS parts USING (sku)
      GROUP BY ${PARTS}, usage_bits HAVING calls > 0 ORDER BY ${PARTS}, usage_bits`,
    query_params: { from, to },
    format: 'JSONEachRow',
  })
  const rows = await result.json<StoredParts & { readonly usage_bits: number; readonly calls: string }>()
  return rows.map((row) => ({ ...partsOf(row), meters: metersOf(row.usage_bits), calls: Number(row.calls) }))
}
