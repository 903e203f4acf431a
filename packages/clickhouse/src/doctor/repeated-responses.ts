/** Responses that stand in the ledger more than once: two tracers in one process, each with traces of its own. */
import { type LedgerSource, rowsOf } from '#src/verify/ledger-range.ts'

export interface RepeatedResponses {
  readonly services: readonly string[]
  /** Instrumentation scopes that reported them. */
  readonly scopes: readonly string[]
  readonly responses: number
  /** Charges beyond the first one of each response. */
  readonly charges: number
}

const GROUPS_MAX = 20

/**
 * Of calls that were received within the last day, most charges first. What counts as repeated is the definition of
 * `double_counted` in the view `kpi_provider_usage`.
 */
export const readRepeatedResponses = async (source: LedgerSource): Promise<readonly RepeatedResponses[]> => {
  const yesterday = `now64(9, 'UTC') - INTERVAL 1 DAY`
  // What is received is posted later: that bound leaves out whole partitions.
  const recent = `${source.database}.calls
    WHERE received_at > ${yesterday} AND posted_at > ${yesterday} AND response_id != ''`
  const digest = 'cityHash64(price_provider, response_id, part)'
  const rows = await rowsOf<{ services: string[]; scopes: string[]; responses: string; charges: string }>(
    source,
    `SELECT services, scopes, count() AS responses, sum(open - 1) AS charges
     FROM (
       SELECT count() AS open, arraySort(groupUniqArray(service)) AS services, arraySort(groupUniqArray(scope)) AS scopes
       FROM (
         SELECT price_provider, response_id, part, any(service) AS service, any(scope_name) AS scope FROM ${recent}
           AND ${digest} IN (SELECT ${digest} FROM ${recent} GROUP BY ${digest} HAVING sum(sign) > 1)
         GROUP BY price_provider, response_id, part, authority, trace_id, span_id, seq HAVING sum(sign) > 0
       )
       GROUP BY price_provider, response_id, part HAVING open > 1
     )
     GROUP BY services, scopes ORDER BY charges DESC, services, scopes LIMIT ${GROUPS_MAX}`,
  )
  return rows.map(({ services, scopes, responses, charges }) => ({
    services,
    scopes,
    responses: Number(responses),
    charges: Number(charges),
  }))
}
