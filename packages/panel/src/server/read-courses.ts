/** The daily courses of the eight KPIs: what each day adds, with a gap where a day has no figure. */
import { type ClickHouseClient, kpiViewOf } from '@outlay/clickhouse'
import type { Course, Courses, SeriesPoint, Unit } from '#src/shared/answers.ts'
import { askView } from './ask-ledger.ts'
import { type AskedWindow, windowOf } from './asked-window.ts'

interface CourseLine {
  readonly kpi: string
  readonly day: string
  readonly value: number | null
}

const VIEW = 'kpi_overview_series'
const SECONDS_PER_DAY = 86_400
const MS_PER_SECOND = 1_000

/** The registry says what the figure of each KPI is on a day: `1 median cost … · 2 …`. */
const TITLES: ReadonlyMap<string, string> = new Map(
  (kpiViewOf(VIEW).columns['value']?.comment ?? '').split(' · ').map((part) => [part.slice(0, 1), part.slice(2)]),
)

const unitOf = (title: string): Unit => {
  if (/tokens/.test(title)) return 'tokens'
  return title.includes('÷') || title.startsWith('share') ? 'share' : 'usd'
}

const daysOf = ({ from, to }: AskedWindow): readonly string[] => {
  const first = Math.floor(from / SECONDS_PER_DAY)
  const days = Math.ceil(to / SECONDS_PER_DAY) - first
  return Array.from({ length: days }, (_, index) =>
    new Date((first + index) * SECONDS_PER_DAY * MS_PER_SECOND).toISOString().slice(0, 10),
  )
}

const courseOf = (kpi: string, lines: readonly CourseLine[], days: readonly string[]): Course => {
  const values = new Map(lines.map(({ day, value }) => [day, value]))
  const title = TITLES.get(kpi) ?? ''
  const points: readonly SeriesPoint[] = days.map((day) => ({ day, value: values.get(day) ?? null }))
  return { title, unit: unitOf(title), points }
}

/** Fails with `E_UNREACHABLE` or `E_QUERY`. */
export const readCourses = async (client: ClickHouseClient, asked: AskedWindow): Promise<Courses> => {
  const { database, from, to, book } = asked
  const lines = await askView<CourseLine>(client, database, VIEW, { from_time: from, to_time: to, book })
  const days = daysOf(asked)
  const byKpi = [...Map.groupBy(lines, ({ kpi }) => kpi)]
  return {
    ...windowOf(asked),
    courses: Object.fromEntries(byKpi.map(([kpi, ofKpi]) => [kpi, courseOf(kpi, ofKpi, days)])),
  }
}
