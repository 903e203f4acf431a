/** Everything a database needs before the first span: schema, bands, default tiers, band edges, price book. Safe to repeat. */
import { createHash } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import type { Clock } from '@outlay/core'
import type { BookData } from '@outlay/pricing'
import { DEFAULT_TIERS } from '#src/facts/default-tiers.ts'
import { bandRows, bandsTable } from '#src/kpi/bands.ts'
import { readRows } from '#src/ledger/read-rows.ts'
import { writeRows } from '#src/ledger/write-rows.ts'
import { loadBandEdges } from '#src/prices/band-edges.ts'
import { seedPriceBook } from '#src/prices/record-book.ts'
import { tiersTable } from '#src/tables/fact-tables.ts'
import { type MigrationResult, migrate } from './migrate.ts'
import type { SchemaTarget } from './render-sql.ts'

interface PrepareSettings {
  readonly client: ClickHouseClient
  readonly target: SchemaTarget
  readonly book: BookData
  readonly clock: Clock
}

export const prepareDatabase = async ({ client, target, book, clock }: PrepareSettings): Promise<MigrationResult> => {
  const result = await migrate(client, target)
  await loadBands(client, target.database, clock)
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

/** Appends a version of the bands when they differ from the latest one. */
const loadBands = async (client: ClickHouseClient, database: string, clock: Clock): Promise<void> => {
  const wanted = bandRows(clock.now())
  const latest = await readRows(client, database, bandsTable, {
    where: `version = (SELECT max(version) FROM ${database}.bands)`,
  })
  const fingerprint = (rows: typeof wanted): string =>
    rows
      .map(({ band, lower, strict, verdict }) => `${band} ${lower} ${strict} ${verdict}`)
      .toSorted()
      .join('\n')
  if (fingerprint(latest) === fingerprint(wanted)) return
  const token = createHash('sha256')
    .update(`${latest[0]?.version ?? 0}\n${fingerprint(wanted)}`)
    .digest('hex')
  await writeRows(client, database, bandsTable, { rows: wanted, token: `bands:${token}` })
  await client.command({ query: `SYSTEM RELOAD DICTIONARY ${database}.band_steps` })
}

const loadDefaultTiers = async (client: ClickHouseClient, database: string): Promise<void> => {
  const present = await readRows(client, database, tiersTable, { where: '1' })
  if (present.length > 0) return
  await writeRows(client, database, tiersTable, { rows: DEFAULT_TIERS, token: 'default-tiers' })
}
