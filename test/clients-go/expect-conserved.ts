/** What a client says it sent is stored, each span once; and the ledger and its counters hold just that, meter by meter. */
import { expect } from 'vitest'
import { readStored } from '../harness/conservation.ts'
import { type LedgerSums, readLedgerSums, tablesThatDiffer } from '../harness/ledger-sums.ts'
import type { TestLedger } from '../harness/test-ledger.ts'

const POLL = { timeout: 30_000, interval: 100 }

/** How often the spans of a database are stored: so many spans, all of them so often. */
export const expectEachOnce = async (ledger: TestLedger, database: string, spans: number): Promise<void> => {
  const timesStored = async () => {
    const times = [...(await readStored(ledger, database)).spans.values()]
    return { spans: times.length, rows: times.reduce((sum, each) => sum + each, 0) }
  }
  await expect.poll(timesStored, POLL).toEqual({ spans, rows: spans })
}

export const expectCharged = async (ledger: TestLedger, database: string, sums: LedgerSums): Promise<void> => {
  const read = async () => {
    const found = await readLedgerSums(ledger.client, database)
    return { calls: found.get('calls'), differ: tablesThatDiffer(found, sums) }
  }
  await expect.poll(read, POLL).toEqual({ calls: sums, differ: [] })
}

/** And no others than those that the client names. */
export const expectConserved = async (
  ledger: TestLedger,
  database: string,
  sent: readonly { readonly spanId: string }[],
  sums: LedgerSums,
): Promise<void> => {
  await expectEachOnce(ledger, database, sent.length)
  await expectCharged(ledger, database, sums)
  const { spans, calls } = await readStored(ledger, database)
  const once = new Map(sent.map(({ spanId }) => [spanId, 1]))
  expect({ spans, calls }).toEqual({ spans: once, calls: once })
}
