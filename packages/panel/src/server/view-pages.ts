/** Which views have a page, under which name, and what may be asked of them: all of it read from the view registry. */
import { KPI_VIEWS, type KpiViewName, kpiViewOf, VIEW_PARAMETERS, type ViewParameter } from '@outlay/clickhouse'
import type { ViewPage } from '#src/shared/answers.ts'

const PREFIX = 'kpi_'

type FilterOf<P extends ViewParameter> = P extends P
  ? (typeof VIEW_PARAMETERS)[P] extends 'Array(String)'
    ? P
    : never
  : never
/** Filters of the views: lists of values, each a parameter of the address under its own name. */
export type Filter = FilterOf<ViewParameter>

const FILTERS = Object.entries(VIEW_PARAMETERS).flatMap(([name, type]) =>
  type === 'Array(String)' ? [name as Filter] : [],
)

/** What the panel can give to a view; a view that needs more has no page. */
const GIVEN: ReadonlySet<string> = new Set([
  ...FILTERS,
  ...(['from_time', 'to_time', 'as_of', 'step', 'by', 'top', 'min_ratio', 'book', 'currency'] as const),
])

/** Views that are parts of the home page instead of tables of their own. */
const HOME_ONLY: ReadonlySet<string> = new Set(['kpi_overview', 'kpi_overview_series', 'kpi_headline'])

const takes = (name: KpiViewName, parameter: ViewParameter): boolean => kpiViewOf(name).parameters.includes(parameter)

/** A view of a calendar month instead of a window. */
export const isCalendarView = (name: KpiViewName): boolean => takes(name, 'as_of')

const titleOf = (name: string): string => {
  const words = name.slice(PREFIX.length).replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const pageOf = (name: KpiViewName): ViewPage => {
  const [, number, question = ''] = /^(?:KPI (\d): )?(.*)$/.exec(kpiViewOf(name).question) ?? []
  return {
    name: name.slice(PREFIX.length),
    title: titleOf(name),
    question: question.charAt(0).toUpperCase() + question.slice(1),
    kpi: number === undefined ? null : Number(number),
  }
}

export interface PagedView {
  readonly view: KpiViewName
  readonly page: ViewPage
}

/** Every view with a page, in the order of the registry. */
export const VIEW_PAGES: readonly PagedView[] = KPI_VIEWS.filter(
  ({ name, parameters }) =>
    name.startsWith(PREFIX) && !HOME_ONLY.has(name) && parameters.every((parameter) => GIVEN.has(parameter)),
).map(({ name }) => ({ view: name, page: pageOf(name) }))

export const findPage = (name: string): PagedView | undefined => VIEW_PAGES.find(({ page }) => page.name === name)

/** Other views of the same KPI. */
export const relatedPages = ({ page }: PagedView): readonly ViewPage[] =>
  page.kpi === null
    ? []
    : VIEW_PAGES.filter((other) => other.page.kpi === page.kpi && other.page.name !== page.name).map(
        (other) => other.page,
      )

/** What `by` may be, with the grouping that a page opens with first: one line of totals says least. */
export const groupingsOf = (view: KpiViewName): readonly string[] => {
  const { by } = kpiViewOf(view)
  return [...by.filter((choice) => choice !== 'all'), ...by.filter((choice) => choice === 'all')]
}

export const filtersOf = (view: KpiViewName): readonly Filter[] => FILTERS.filter((filter) => takes(view, filter))
