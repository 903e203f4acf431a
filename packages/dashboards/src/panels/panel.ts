/** What every panel of ours is made of, whatever draws it. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import type { KpiViewName } from '@outlay/clickhouse'
import type { Field } from '#src/fields.ts'
import { filtersOf } from '#src/kpi-call.ts'
import { selectFrom, type Selection, tableQuery } from '#src/query.ts'

/** Place on the 24-wide grid; `y` counts from the top of the section. */
export interface Place {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

/** Words of the description; the filters come from the view registry. */
export interface Explanation {
  readonly answers: string
  /** The formula in one line. */
  readonly formula: string
  /** What to do when the figure is wrong. */
  readonly lever?: string
}

export interface PanelSettings<Name extends KpiViewName> {
  /** `100 × row + n`; never renumbered or reused, since links and alerts hold it. */
  readonly id: number
  readonly title: string
  readonly at: Place
  readonly explanation: Explanation
  readonly fields: readonly Field[]
  readonly from: Omit<Selection<Name>, 'columns'>
}

const CALENDAR = 'as_of'
const REFERENCE = 'docs/reference/kpis'

/** Markdown behind the "i" of a panel: question, formula, filters that apply, lever, reference. */
export const describe = (view: KpiViewName, parameters: readonly string[], explanation: Explanation): string => {
  const period = parameters.includes(CALENDAR) ? 'the calendar month of the end of the range' : 'the time range'
  const filters = [...filtersOf(view), ...(parameters.includes('book') ? ['book'] : [])]
  return [
    explanation.answers,
    `Formula: ${explanation.formula}`,
    `Period: ${period}. Filters that apply: ${filters.join(', ')}.`,
    ...(explanation.lever === undefined ? [] : [`Lever: ${explanation.lever}`]),
    `View: ${view}. Reference: ${REFERENCE}`,
  ].join('\n\n')
}

/** The one query of a panel, which selects exactly the columns that its fields show. */
export const queryOf = <Name extends KpiViewName>(
  { from, fields }: Pick<PanelSettings<Name>, 'from' | 'fields'>,
  refId = 'A',
): Builder<Dataquery> => tableQuery(refId, selectFrom({ ...from, columns: fields.map(({ column }) => column) }))
