/** What the operator entered of the provider's charges to the account: facts beside the ledger, never spread over calls. */
import type { ClickHouseClient } from '@clickhouse/client'
import { parseUsd } from '@outlay/core'
import type { LedgerCharge, ReconcileProvider } from '@outlay/pricing'

interface StoredCharge {
  readonly period: string
  readonly kind: LedgerCharge['kind']
  readonly label: string
  readonly model: string
  readonly amount: string
}

interface ChargeQuestion {
  readonly provider: ReconcileProvider
  /** First UTC day, `2026-11-01`. */
  readonly from: string
  /** UTC day after the last one. */
  readonly to: string
}

/** Charges of the days and of every month that has one of them. Of one key the charge loaded last holds; 0 withdraws it. */
export const readAccountCharges = async (
  client: ClickHouseClient,
  database: string,
  { provider, from, to }: ChargeQuestion,
): Promise<LedgerCharge[]> => {
  const result = await client.query({
    query: `SELECT if(grain = 'month', formatDateTime(charged, '%Y-%m'), toString(charged)) AS period, toString(kind) AS kind,
        spelled AS label, model, toString(latest) AS amount
      FROM (
        SELECT if(grain = 'month', toStartOfMonth(period), period) AS charged, grain, kind, lowerUTF8(trimBoth(label)) AS words, model,
          argMax(label, loaded_at) AS spelled, argMax(amount, loaded_at) AS latest
        FROM ${database}.account_charges
        WHERE provider = {provider:String} AND period >= toStartOfMonth({from:Date}) AND period < {to:Date}
        GROUP BY charged, grain, kind, words, model
      )
      WHERE latest != 0
      ORDER BY period, kind, label, model`,
    query_params: { provider, from, to },
    format: 'JSONEachRow',
  })
  const rows = await result.json<StoredCharge>()
  return rows.map(({ period, kind, label, model, amount }) => ({
    period,
    kind,
    label,
    amount: parseUsd(amount),
    ...(model === '' ? {} : { model }),
  }))
}
