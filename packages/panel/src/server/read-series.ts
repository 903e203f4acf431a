/** The daily course of the eight headline figures, where this version has a view for it. */
import type { ClickHouseClient } from '@outlay/clickhouse'
import type { SeriesPoint } from '#src/shared/answers.ts'
import { askView } from './ask-ledger.ts'
import { findView } from './view-pages.ts'

interface SeriesLine {
  readonly kpi: string
  readonly day: string
  readonly value: number | null
}

interface SeriesWindow {
  /** Unix seconds, half open. */
  readonly from_time: number
  readonly to_time: number
  readonly book: string
}

/** Points of each KPI by its number, in the order of days; nothing where there is no such view. */
export const readSeries = async (
  client: ClickHouseClient,
  database: string,
  window: SeriesWindow,
): Promise<ReadonlyMap<number, readonly SeriesPoint[]>> => {
  const view = findView('kpi_overview_series')
  if (view === undefined) return new Map()
  const lines = await askView<SeriesLine>(client, database, view, { ...window })
  const sorted = lines.toSorted((a, b) => (a.day < b.day ? -1 : 1))
  return new Map(
    [...Map.groupBy(sorted, ({ kpi }) => Number(kpi))].map(([kpi, points]) => [
      kpi,
      points.map(({ day, value }) => ({ day, value })),
    ]),
  )
}
