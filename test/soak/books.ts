/** The books after a soak: what was acked is stored, each once; what is stored was sent; every sum is the expected one. */
import type { ClickHouseClient } from '@outlay/clickhouse'
import { readLedgerSums, tablesThatDiffer } from '../harness/ledger-sums.ts'
import type { SentCall } from './made-request.ts'
import type { SentCalls } from './sender-files.ts'

export interface Books {
  readonly acked: number
  readonly unacked: number
  readonly stored: number
  /** Un-acked and stored all the same, as is allowed. */
  readonly unackedStored: number
  readonly differences: readonly string[]
}

const countsBy = async (client: ClickHouseClient, query: string): Promise<ReadonlyMap<string, number>> => {
  const rows = await (await client.query({ query, format: 'JSONCompactEachRow' })).json<[string, string]>()
  return new Map(rows.map(([id, count]) => [id, Number(count)]))
}

const EXAMPLES = 3
const listed = (what: string, ids: readonly string[]): readonly string[] =>
  ids.length === 0 ? [] : [`${ids.length} ${what}, e.g. ${ids.slice(0, EXAMPLES).join(', ')}`]

const expectedSums = (calls: readonly SentCall[]): { charges: number; meters: Record<string, number> } => {
  const meters: Record<string, number> = {}
  for (const call of calls) {
    for (const [meter, quantity] of Object.entries(call.meters)) meters[meter] = (meters[meter] ?? 0) + quantity
  }
  return { charges: calls.length, meters }
}

export const readBooks = async (client: ClickHouseClient, database: string, sent: SentCalls): Promise<Books> => {
  const idsOf = (table: string, count: string): string =>
    `SELECT lower(hex(span_id)) AS id, toString(${count}) FROM ${database}.${table} GROUP BY id`
  const spans = await countsBy(client, idsOf('spans', 'count()'))
  const calls = await countsBy(client, idsOf('calls', 'sum(sign)'))
  const repeated = await countsBy(
    client,
    `SELECT toString(entry_id) AS id, toString(count()) FROM ${database}.calls GROUP BY id HAVING count() > 1`,
  )
  const refused = await countsBy(client, `SELECT 'rows', toString(count()) FROM ${database}.quarantine`)
  const known = (id: string): SentCall | undefined => sent.acked.get(id) ?? sent.unacked.get(id)
  const storedCalls = [...calls.keys()].flatMap((id) => known(id) ?? [])
  const differing = tablesThatDiffer(await readLedgerSums(client, database), expectedSums(storedCalls))
  const ackedIds = [...sent.acked.keys()]
  return {
    acked: sent.acked.size,
    unacked: sent.unacked.size,
    stored: calls.size,
    unackedStored: [...calls.keys()].filter((id) => sent.unacked.has(id)).length,
    differences: [
      ...listed(
        'acked spans are not stored',
        ackedIds.filter((id) => !spans.has(id)),
      ),
      ...listed(
        'acked calls are not in the ledger',
        ackedIds.filter((id) => !calls.has(id)),
      ),
      ...listed(
        'spans are stored more than once',
        idsWhere(spans, (count) => count !== 1),
      ),
      ...listed(
        'calls do not count once',
        idsWhere(calls, (net) => net !== 1),
      ),
      ...listed(
        'stored spans have no call',
        [...spans.keys()].filter((id) => !calls.has(id)),
      ),
      ...listed(
        'stored spans were never sent',
        [...spans.keys()].filter((id) => known(id) === undefined),
      ),
      ...listed(
        'calls were never sent',
        [...calls.keys()].filter((id) => known(id) === undefined),
      ),
      ...listed('entries are repeated', [...repeated.keys()]),
      ...((refused.get('rows') ?? 0) > 0 ? [`${refused.get('rows')} rows in quarantine`] : []),
      ...(differing.length > 0 ? [`other sums than were sent in ${differing.join(', ')}`] : []),
      ...listed('answers were wrong', sent.wrongAnswers),
    ],
  }
}

const idsWhere = (counts: ReadonlyMap<string, number>, isOdd: (count: number) => boolean): string[] =>
  [...counts].filter(([, count]) => isOdd(count)).map(([id]) => id)
