/** `npm run schema:snapshot`: starts an engine, migrates a database, and writes what the engine says of it. */
import { writeFileSync } from 'node:fs'
import { startTestLedger } from '../harness/test-ledger.ts'
import { readSchema } from './read-schema.ts'
import { SNAPSHOT_URL, snapshotText } from './schema-snapshot.ts'

const ledger = await startTestLedger()
try {
  const schema = await readSchema(ledger.client, await ledger.createDatabase(['openai']))
  writeFileSync(SNAPSHOT_URL, snapshotText(schema))
} finally {
  await ledger.close()
}
