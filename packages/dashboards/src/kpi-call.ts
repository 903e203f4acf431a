/**
 * The only place that writes a view call. Four traps of calling parameterised views from Grafana are closed here
 * (spec: dashboards §3), and the lint reads the same shape back.
 *
 * 1. Time zone: times are wrapped as `toDateTime(…, 'UTC')`, so that no session or server zone shifts the window.
 * 2. Millisecond macros do not fit a DateTime parameter: only the macros in seconds are written.
 * 3. ClickHouse ignores unknown view arguments without an error: arguments come from the view registry, all of them.
 * 4. No macro can drop a filter inside an argument list: filters are arrays, and All arrives as `'*'`.
 */
import { type KPI_VIEWS, type KpiViewName, kpiViewOf, type ViewParameter } from '@outlay/clickhouse'

type ViewOf<Name extends KpiViewName> = Extract<(typeof KPI_VIEWS)[number], { readonly name: Name }>
type ParameterOf<Name extends KpiViewName> = ViewOf<Name>['parameters'][number]

/** Dashboard variable that feeds each filter parameter. */
export const FILTER_VARIABLES = {
  tenants: 'tenant',
  features: 'feature',
  tiers: 'tier',
  workloads: 'workload',
  models: 'model',
  environments: 'environment',
} as const satisfies Partial<Record<ViewParameter, string>>

type FilterParameter = keyof typeof FILTER_VARIABLES

/** The text of a time argument: the macro in seconds, pinned to UTC. Ends of windows also serve as `as_of`. */
export const TIME_ARGUMENTS = {
  from_time: "toDateTime($__fromTime, 'UTC')",
  to_time: "toDateTime($__toTime, 'UTC')",
  as_of: "toDateTime($__toTime, 'UTC')",
  step: '$__interval_s',
} as const satisfies Partial<Record<ViewParameter, string>>

type TimeParameter = keyof typeof TIME_ARGUMENTS

const BOOK_ARGUMENT = '${book:singlequote}'

/**
 * What a call says about a view. `by`, `top`, `min_ratio`, `feature`, `dimension`, `provider`, `currency` and `other_book` must be given where the view has them. Filters and `book`
 * that are left out follow the dashboard's variables; a list pins them. A parameter that the view lacks does not compile.
 */
export type KpiCallArguments<Name extends KpiViewName> = {
  readonly [P in Extract<ParameterOf<Name>, 'by'>]: ViewOf<Name>['by'][number]
} & { readonly [P in Extract<ParameterOf<Name>, 'top' | 'min_ratio'>]: number } & {
  readonly [P in Extract<ParameterOf<Name>, FilterParameter>]?: readonly string[]
} & { readonly [P in Extract<ParameterOf<Name>, 'book'>]?: string } & {
  readonly [P in Extract<ParameterOf<Name>, 'other_book' | 'provider' | 'currency' | 'feature' | 'dimension'>]: string
}

type AnyArguments = { readonly [P in ViewParameter]?: string | number | readonly string[] }

const isTime = (parameter: ViewParameter): parameter is TimeParameter => parameter in TIME_ARGUMENTS
const isFilter = (parameter: ViewParameter): parameter is FilterParameter => parameter in FILTER_VARIABLES

/** A ClickHouse string literal. */
export const quoteLiteral = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

const argumentOf = (parameter: ViewParameter, given: AnyArguments): string => {
  if (isTime(parameter)) return TIME_ARGUMENTS[parameter]
  const value = given[parameter]
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return quoteLiteral(value)
  if (value !== undefined) return `[${value.map(quoteLiteral).join(', ')}]`
  if (isFilter(parameter)) return `[\${${FILTER_VARIABLES[parameter]}:singlequote}]`
  if (parameter === 'book') return BOOK_ARGUMENT
  throw new Error(`BUG: no argument for ${parameter}`)
}

/**
 * `${database}.kpi_task_cost(from_time = …, …)` with every parameter of the view, in registry order.
 *
 * @example kpiCall('kpi_task_cost', { by: 'workload' })
 */
export const kpiCall = <Name extends KpiViewName>(name: Name, args: KpiCallArguments<Name>): string => {
  const given = args as AnyArguments
  const { parameters } = kpiViewOf(name)
  const stray = Object.keys(given).find((key) => !parameters.some((parameter) => parameter === key))
  if (stray !== undefined) throw new Error(`BUG: ${name} takes no argument ${stray}`)
  const list = parameters.map((parameter) => `${parameter} = ${argumentOf(parameter, given)}`)
  return `\${database}.${name}(${list.join(', ')})`
}

/** Names of the dashboard variables that narrow a view, in the order of the page. */
export const filtersOf = (name: KpiViewName): readonly string[] => {
  const { parameters } = kpiViewOf(name)
  return Object.entries(FILTER_VARIABLES)
    .filter(([parameter]) => parameters.some((own) => own === parameter))
    .map(([, variable]) => variable)
}
