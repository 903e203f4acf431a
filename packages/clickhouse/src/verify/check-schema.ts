/** What exactly once rests on: every target is there and fed, and every table recognises an insert that comes again. */
import { limits } from '@outlay/core'
import { readDeduplicationWindows } from '#src/schema/check-deduplication.ts'
import { readSchemaState } from '#src/schema/schema-state.ts'
import { keyed, type Look } from './finding.ts'
import type { LedgerSource } from './ledger-range.ts'

export const lookAtWindows = async ({ client, database }: LedgerSource): Promise<Look> => {
  const windows = await readDeduplicationWindows(client, database)
  const narrow = windows.filter(({ inserts }) => inserts < limits.deduplicationWindowInsertsMin)
  return {
    checked: { tables: windows.length },
    found: narrow.length,
    listed: narrow.map(({ table, inserts }) =>
      keyed({
        check: 'windows',
        what:
          inserts === 0 ? 'a table does not recognise an insert that comes again' : 'a table forgets inserts too soon',
        where: { table },
        got: `a window of ${inserts} inserts`,
        want: `${limits.deduplicationWindowInserts}, and ${limits.deduplicationWindowInsertsMin} at least`,
        fix: `ALTER TABLE ${database}.${table} MODIFY SETTING non_replicated_deduplication_window = ${limits.deduplicationWindowInserts} (or its replicated form); then \`outlay rebuild\` for what was counted twice meanwhile`,
      }),
    ),
  }
}

export const lookAtSchema = async ({ client, database }: LedgerSource): Promise<Look> => {
  const { lost, missing } = await readSchemaState(client, database)
  const fix = 'with its collectors stopped, run `outlay migrate`; what it does not make again comes from a backup'
  return {
    checked: {},
    found: lost.length + missing.length,
    listed: [
      ...lost.map((table) =>
        keyed({
          check: 'schema',
          what: 'a target of the ledger, or the view that feeds it, is gone',
          where: { table },
          got: 'none',
          want: 'the table or view that a migration made',
          fix,
        }),
      ),
      ...missing.map((migration) =>
        keyed({
          check: 'schema',
          what: 'the schema is older than this command',
          where: { migration },
          got: 'not applied',
          want: 'applied',
          fix: 'run `outlay migrate`, or the command of the version that runs the ledger',
        }),
      ),
    ],
  }
}
