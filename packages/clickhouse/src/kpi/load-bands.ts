/**
 * The bands in a database. Each load appends one version, and the latest holds. What an operator configured stays until
 * another file says otherwise; everything else follows the release. Safe to repeat, by several processes in turn.
 */
import { createHash } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import type { Clock } from '@outlay/core'
import { readRows } from '#src/ledger/read-rows.ts'
import { writeRows } from '#src/ledger/write-rows.ts'
import { BANDS, type BandId, type BandRow, type BandStep, bandRows, bandsTable, type Verdict } from './bands.ts'
import type { ConfiguredBands } from './bands-file.ts'

interface BandLoad {
  readonly clock: Clock
  /** The bands of a file; without it what was configured before stays. */
  readonly configured?: ConfiguredBands
}

export interface LoadedBands {
  /** Bands that differ from the packaged ones now. */
  readonly configured: readonly BandId[]
  /** Whether a version was appended. */
  readonly changed: boolean
}

/** Appends a version of the bands when they differ from the latest one. */
export const loadBands = async (
  client: ClickHouseClient,
  database: string,
  { clock, configured }: BandLoad,
): Promise<LoadedBands> => {
  const latest = await readRows(client, database, bandsTable, {
    where: `version = (SELECT max(version) FROM ${database}.bands)`,
  })
  const latestVersion = Number(latest[0]?.version ?? 0)
  // Later than every version before it, whatever the clock of this machine says: the latest holds.
  const wanted = bandRows(Math.max(clock.now(), latestVersion + 1), configured ?? configuredIn(latest))
  const ids = Object.keys(BANDS) as BandId[]
  const differing = ids.filter((id) => wanted.some(({ band, origin }) => band === id && origin === 'file'))
  if (fingerprintOf(latest) === fingerprintOf(wanted)) return { configured: differing, changed: false }
  const token = createHash('sha256')
    .update(`${latestVersion}\n${fingerprintOf(wanted)}`)
    .digest('hex')
  await writeRows(client, database, bandsTable, { rows: wanted, token: `bands:${token}` })
  await client.command({ query: `SYSTEM RELOAD DICTIONARY ${database}.band_steps` })
  return { configured: differing, changed: true }
}

const fingerprintOf = (rows: readonly BandRow[]): string =>
  rows
    .map(({ band, lower, strict, verdict, origin }) => `${band} ${lower} ${strict} ${verdict} ${origin}`)
    .toSorted()
    .join('\n')

/** What an earlier file configured, of the bands that this release has. */
const configuredIn = (rows: readonly BandRow[]): ConfiguredBands => {
  const stepsOf = (id: string): readonly BandStep[] =>
    rows
      .filter(({ band, origin }) => band === id && origin === 'file')
      .toSorted((a, b) => a.lower - b.lower || a.strict - b.strict)
      .map(({ lower, strict, verdict }) => ({ lower, strict: strict === 1, verdict: verdict as Verdict }))
  const entries = Object.keys(BANDS).map((id) => [id, stepsOf(id)] as const)
  return Object.fromEntries(entries.filter(([, steps]) => steps.length > 0))
}
