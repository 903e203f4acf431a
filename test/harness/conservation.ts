/** The conservation oracle: what was acked is stored, each once, and every view sums to the ledger. */
import type { TestLedger } from './test-ledger.ts'

const TARGETS = ['task', 'user', 'tenant', 'budget', 'overage', 'degradation', 'feature', 'product'].map(
  (name) => `${name}_counters`,
)

export interface Stored {
  /** Times each span id stands in `spans`. */
  readonly spans: ReadonlyMap<string, number>
  /** Net sign of each span id in `calls`. */
  readonly calls: ReadonlyMap<string, number>
}

const rowsOf = async <Row>({ client }: TestLedger, query: string): Promise<Row[]> =>
  (await client.query({ query, format: 'JSONEachRow' })).json<Row>()

export const readStored = async (ledger: TestLedger, database: string): Promise<Stored> => {
  const counts = async (query: string): Promise<Map<string, number>> =>
    new Map((await rowsOf<{ id: string; n: string }>(ledger, query)).map(({ id, n }) => [id, Number(n)]))
  return {
    spans: await counts(`SELECT lower(hex(span_id)) AS id, count() AS n FROM ${database}.spans GROUP BY id`),
    calls: await counts(`SELECT lower(hex(span_id)) AS id, sum(sign) AS n FROM ${database}.calls GROUP BY id`),
  }
}

/** Targets whose sums differ from the ledger's. Reads are not one snapshot: poll while something may still be inserting. */
export const targetsThatDiffer = async (ledger: TestLedger, database: string): Promise<readonly string[]> => {
  const sums = (table: string, signed: boolean): string =>
    `SELECT ${signed ? 'sum(sign), sum(sign * input), sum(sign * output)' : 'sum(charges), sum(input), sum(output)'} FROM ${database}.${table}`
  const parts = TARGETS.map((target) => `if((${sums(target, false)}) = (${sums('calls', true)}), '', '${target}')`)
  const [row] = await rowsOf<{ differ: string[] }>(
    ledger,
    `SELECT arrayFilter(name -> name != '', [${parts.join(', ')}]) AS differ`,
  )
  return row?.differ ?? ['no answer']
}

export const spanIdOf = (span: number): string => span.toString(16).padStart(16, '0')
