/** The daily courses of the eight headline figures, where this version has a view for them. */
import type { ClickHouseClient, KpiViewName } from '@outlay/clickhouse'
import type { Courses } from '#src/shared/answers.ts'
import { askView } from './ask-ledger.ts'
import { type AskedWindow, windowOf } from './asked-window.ts'
import { findView } from './view-pages.ts'

interface CourseLine {
  readonly kpi: string
  readonly day: string
  readonly value: number | null
}

/** Undefined where the registry does not have it. */
export const COURSES_VIEW: KpiViewName | undefined = findView('kpi_overview_series')

/** Points in the order of days. Fails with `E_UNREACHABLE` or `E_QUERY`. */
export const readCourses = async (client: ClickHouseClient, asked: AskedWindow): Promise<Courses> => {
  const { database, from, to, book } = asked
  const lines =
    COURSES_VIEW === undefined
      ? []
      : await askView<CourseLine>(client, database, COURSES_VIEW, { from_time: from, to_time: to, book })
  const inOrder = lines.toSorted((a, b) => (a.day < b.day ? -1 : 1))
  const byKpi = [...Map.groupBy(inOrder, ({ kpi }) => kpi)]
  return {
    ...windowOf(asked),
    courses: Object.fromEntries(
      byKpi.map(([kpi, points]) => [kpi, points.map(({ day, value }) => ({ day, value }))] as const),
    ),
  }
}
