/** Every query of a dashboard, as it is written, as Grafana sends it, and as the engine gets it. */
import { panelsOf } from './finish.ts'
import { type JsonObject, objectAt, objectsIn, textOf } from './json.ts'
import { expandMacros, type MacroContext } from './macros.ts'
import { TABLE_FORMAT } from './query.ts'
import { substituteVariables, type VariableValues } from './variable-values.ts'

export interface DashboardQuery {
  readonly dashboard: string
  /** `panel 101 A` or `variable tenant`. */
  readonly name: string
  readonly kind: 'panel' | 'variable'
  /** 0 time series, 1 table. Variables are read as tables. */
  readonly format: number
  readonly rawSql: string
}

export interface ListedQuery extends DashboardQuery {
  readonly substituted: string
  readonly expanded: string
}

/** In the order of the page: variables, then panels by place in the file. */
export const collectQueries = (dashboard: JsonObject): DashboardQuery[] => {
  const uid = textOf(dashboard['uid'])
  const variables = objectsIn(objectAt(dashboard['templating'])['list'])
    .filter(({ type }) => type === 'query')
    .map(({ name, query }) => ({
      dashboard: uid,
      name: `variable ${textOf(name)}`,
      kind: 'variable' as const,
      format: TABLE_FORMAT,
      rawSql: textOf(query),
    }))
  const targets = panelsOf(dashboard).flatMap((panel) =>
    objectsIn(panel['targets']).map(({ refId, format, rawSql }) => ({
      dashboard: uid,
      name: `panel ${textOf(panel['id'])} ${textOf(refId)}`,
      kind: 'panel' as const,
      format: Number(format),
      rawSql: textOf(rawSql),
    })),
  )
  return [...variables, ...targets]
}

/** The SQL that reaches the engine for chosen values and a window. */
export const renderQuery = (rawSql: string, values: VariableValues, context: MacroContext): string =>
  expandMacros(substituteVariables(rawSql, values), context)

export const listQuery = (query: DashboardQuery, values: VariableValues, context: MacroContext): ListedQuery => ({
  ...query,
  substituted: substituteVariables(query.rawSql, values),
  expanded: renderQuery(query.rawSql, values, context),
})
