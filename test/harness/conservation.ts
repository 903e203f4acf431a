/** The conservation oracle: what was acked is stored, each once, and every view sums to the ledger. */
import { readLedgerSums, tablesThatDiffer } from './ledger-sums.ts'
import type { TestLedger } from './test-ledger.ts'

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

/** Targets whose sums of any meter differ from the ledger's. Reads are not one snapshot: poll while something may still be inserting. */
export const targetsThatDiffer = async ({ client }: TestLedger, database: string): Promise<readonly string[]> =>
  tablesThatDiffer(await readLedgerSums(client, database))

export const spanIdOf = (span: number): string => span.toString(16).padStart(16, '0')
