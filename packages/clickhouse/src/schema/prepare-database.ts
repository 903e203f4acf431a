/** Everything a database needs before the first span: schema, bands, default tiers, band edges, price book. Safe to repeat. */
import type { ClickHouseClient } from '@clickhouse/client'
import type { Clock } from '@outlay/core'
import type { BookData } from '@outlay/pricing'
import { DEFAULT_TIERS } from '#src/facts/default-tiers.ts'
import type { ConfiguredBands } from '#src/kpi/bands-file.ts'
import { loadBands } from '#src/kpi/load-bands.ts'
import { readRows } from '#src/ledger/read-rows.ts'
import { writeRows } from '#src/ledger/write-rows.ts'
import { loadBandEdges } from '#src/prices/band-edges.ts'
import { seedPriceBook } from '#src/prices/record-book.ts'
import { tiersTable } from '#src/tables/fact-tables.ts'
import { catchUp } from './catch-up.ts'
import { type MigrationResult, migrate } from './migrate.ts'
import type { SchemaTarget } from './render-sql.ts'

interface PrepareSettings {
  readonly client: ClickHouseClient
  readonly target: SchemaTarget
  readonly book: BookData
  readonly clock: Clock
  /** The bands of the operator's file; without it what was configured before stays. */
  readonly bands?: ConfiguredBands
}

export const prepareDatabase = async ({
  client,
  target,
  book,
  clock,
  bands,
}: PrepareSettings): Promise<MigrationResult> => {
  const result = await migrate(client, target)
  // What is loaded below is looked for first, and may have been loaded through another replica.
  await catchUp(client, target.database)
  await loadBands(client, target.database, { clock, ...(bands === undefined ? {} : { configured: bands }) })
  await loadDefaultTiers(client, target.database)
  await loadBandEdges(client, target.database, book, {
    author: 'outlay',
    reason: 'packaged edges',
    atMs: clock.now(),
  })
  await seedPriceBook(client, target.database, book, {
    author: 'outlay',
    reason: 'packaged price book',
    atMs: clock.now(),
  })
  return result
}

const loadDefaultTiers = async (client: ClickHouseClient, database: string): Promise<void> => {
  const present = await readRows(client, database, tiersTable, { where: '1' })
  if (present.length > 0) return
  await writeRows(client, database, tiersTable, { rows: DEFAULT_TIERS, token: 'default-tiers' })
}
