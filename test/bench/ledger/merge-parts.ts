/** Merges what was loaded, and waits for merges that the engine runs by itself. */
import { setTimeout as delay } from 'node:timers/promises'
import { type BenchLedger, rowsOf } from './bench-ledger.ts'

const MERGE_POLL_MS = 500

interface Partition {
  readonly table: string
  readonly partition_id: string
}

const unmerged = ({ client, database }: BenchLedger, tables: readonly string[]): Promise<Partition[]> =>
  rowsOf<Partition>(
    client,
    `SELECT table, partition_id FROM system.parts WHERE active AND database = {database:String} AND table IN {tables:Array(String)}
      GROUP BY ALL HAVING count() > 1 ORDER BY ALL`,
    { database, tables },
  )

/** One part per partition: no merge is left that could run while something is measured, or look like a rewritten row. */
export const mergeParts = async (
  ledger: BenchLedger,
  { tables, say }: { readonly tables: readonly string[]; readonly say: (line: string) => void },
): Promise<void> => {
  for (let left = await unmerged(ledger, tables); left.length > 0; left = await unmerged(ledger, tables)) {
    for (const { table, partition_id } of left) {
      say(`merging ${ledger.database}.${table}, ${partition_id}`)
      const query = `OPTIMIZE TABLE ${ledger.database}.${table} PARTITION ID '${partition_id}' FINAL`
      // A merge that outlives the request goes on in the engine: the next look at the parts tells.
      await ledger.client.command({ query }).catch(() => delay(MERGE_POLL_MS))
    }
  }
}
