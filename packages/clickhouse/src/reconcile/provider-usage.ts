/** Our side of a reconciliation, as the ledger tells it: net use per UTC day, model, tier, meter and unit price. */
import type { ClickHouseClient } from '@clickhouse/client'
import { assert, isMeter } from '@outlay/core'
import {
  type BookData,
  canonicalModelsOf,
  canonicalTierIn,
  type LedgerUsage,
  type ReconcileProvider,
} from '@outlay/pricing'
import { queryKpi } from '#src/kpi/query-kpi.ts'

export interface ProviderUsageQuestion {
  readonly provider: ReconcileProvider
  /** First UTC day, `2026-11-01`. */
  readonly from: string
  /** UTC day after the last one. */
  readonly to: string
  /** Name of the book that prices are taken from. */
  readonly book: string
}

/** A row of `kpi_provider_usage`. */
interface StoredUsage {
  readonly day: string
  readonly model: string
  readonly tier: string
  readonly tier_as_sent: string
  readonly meter: string
  readonly quantity: string
  readonly fusd: string | null
  readonly ninths: number
  readonly tier_assumed: string
  readonly double_counted: string
  readonly unsettled: string
  readonly retries_or_aborts: string
  readonly next_day: string
  readonly previous_day: string
}

const secondsOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 1000

interface Selectors {
  readonly model: string
  readonly tier: string
}

/** A row without a tier was not found in the windows: its names are as the calls sent them. */
const canonicalNames = (book: BookData, provider: ReconcileProvider): ((row: StoredUsage) => Selectors) => {
  const modelOf = canonicalModelsOf(book, provider)
  return ({ day, model, tier, tier_as_sent }) =>
    tier === '' ? { model: modelOf(model, day), tier: canonicalTierIn(book, provider, tier_as_sent) } : { model, tier }
}

const ledgerUsageOf = (row: StoredUsage, names: Selectors): LedgerUsage => {
  const { meter } = row
  assert(isMeter(meter), `kpi_provider_usage has no meter ${meter}`)
  return {
    day: row.day,
    ...names,
    meter,
    quantity: BigInt(row.quantity),
    fusd: row.fusd === null ? null : BigInt(row.fusd),
    ninths: row.ninths,
    row: '',
    evidence: {
      unsettled: BigInt(row.unsettled),
      tierAssumed: BigInt(row.tier_assumed),
      doubleCounted: BigInt(row.double_counted),
      retriesOrAborts: BigInt(row.retries_or_aborts),
      nextDay: BigInt(row.next_day),
      previousDay: BigInt(row.previous_day),
    },
  }
}

/** Models and tiers are canonical where the book, with its name tables, knows them. Units without a price have `fusd` null, never 0. */
export const readProviderUsage = async (
  client: ClickHouseClient,
  database: string,
  question: ProviderUsageQuestion,
  book: BookData,
): Promise<LedgerUsage[]> => {
  const { provider, from, to } = question
  const rows = await queryKpi<StoredUsage>(client, database, 'kpi_provider_usage', {
    from_time: secondsOf(from),
    to_time: secondsOf(to),
    provider,
    book: question.book,
  })
  const namesOf = canonicalNames(book, provider)
  return rows.map((row) => ledgerUsageOf(row, namesOf(row)))
}
