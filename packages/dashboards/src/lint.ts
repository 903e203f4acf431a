/** House rules of a finished dashboard (spec: dashboards §2 and §10 rung 3). */
import { panelsOf, thresholdsOf } from './finish.ts'
import { isObject, type Json, type JsonObject, objectAt, objectsIn, textOf } from './json.ts'
import { lintPanelSql, lintSql } from './lint-sql.ts'
import { collectQueries } from './queries.ts'
import { DATASOURCE_TYPE, DATASOURCE_UID } from './query.ts'
import { ALL_VALUE } from './variable-values.ts'

export interface LintProblem {
  /** `outlay-home panel 101`. */
  readonly where: string
  readonly what: string
}

const GRID_WIDTH = 24

/** All problems of all dashboards. Empty = may ship. */
export const lintDashboards = (dashboards: readonly JsonObject[]): LintProblem[] => {
  const uids = dashboards.map(({ uid }) => textOf(uid))
  const repeated = uids.filter((uid, index) => uids.indexOf(uid) !== index)
  return [
    ...repeated.map((uid) => ({ where: uid, what: 'uid is used twice' })),
    ...dashboards.flatMap((dashboard) => lintDashboard(dashboard)),
  ]
}

const lintDashboard = (dashboard: JsonObject): LintProblem[] => {
  const uid = textOf(dashboard['uid'])
  const panels = panelsOf(dashboard)
  const at = (part: string, whats: readonly string[]): LintProblem[] =>
    whats.map((what) => ({ where: `${uid} ${part}`, what }))
  return [
    ...at('head', lintHead(dashboard)),
    ...at('links', lintLinks(dashboard)),
    ...at('grid', lintGrid(panels)),
    ...variablesOf(dashboard).flatMap((variable) => at(`variable ${textOf(variable['name'])}`, lintVariable(variable))),
    ...panels.flatMap((panel) => at(`panel ${textOf(panel['id'])}`, lintPanel(panel))),
    ...collectQueries(dashboard).flatMap(({ name, kind, rawSql }) =>
      at(name, [...lintSql(rawSql), ...(kind === 'panel' ? lintPanelSql(rawSql) : [])]),
    ),
  ]
}

const variablesOf = (dashboard: JsonObject): JsonObject[] => objectsIn(objectAt(dashboard['templating'])['list'])

const check = (holds: boolean, what: string): string[] => (holds ? [] : [what])
const isText = (value: Json | undefined): boolean => typeof value === 'string' && value !== ''

const lintHead = (dashboard: JsonObject): string[] => {
  const { uid, timezone, editable, version, annotations, id } = dashboard
  return [
    ...check(typeof uid === 'string' && /^[a-z][a-z0-9-]{1,39}$/.test(uid), 'uid is not a short lower-case name'),
    ...check(timezone === 'utc', 'timezone is not utc'),
    ...check(editable === false, 'editable is not false'),
    ...check(version === 1 && id === undefined, 'version is not 1, or a numeric id is set'),
    ...check(isObject(annotations) && Array.isArray(annotations['list']), 'annotations have no list'),
    ...check(isText(dashboard['title']) && isText(dashboard['description']), 'no title or description'),
  ]
}

const lintLinks = (dashboard: JsonObject): string[] =>
  [dashboard, ...panelsOf(dashboard)]
    .flatMap(({ links }) => objectsIn(links))
    .flatMap((link) => check(link['placement'] === undefined, `link ${textOf(link['title'])} is hidden in a menu`))

const lintVariable = (variable: JsonObject): string[] => {
  const { type, includeAll, allValue, allowCustomValue, datasource } = variable
  const chosen = type === 'query' || type === 'custom'
  const stray = type === 'interval' ? [] : ['auto', 'auto_min', 'auto_count'].filter((key) => key in variable)
  return [
    ...check(stray.length === 0, `${stray.join(', ')} on a variable that is no interval`),
    ...check(includeAll !== true || allValue === ALL_VALUE, `All must be sent as ${ALL_VALUE}`),
    ...check(!chosen || allowCustomValue === false, 'values typed by hand are allowed'),
    ...(type === 'query' ? lintDatasource(datasource) : []),
  ]
}

const lintDatasource = (datasource: Json | undefined): string[] =>
  check(
    isObject(datasource) &&
      datasource['type'] === DATASOURCE_TYPE &&
      (datasource['uid'] === '${datasource}' || datasource['uid'] === DATASOURCE_UID),
    'data source is neither the variable nor the provisioned one',
  )

const REDUCING_PANELS = new Set(['stat', 'bargauge', 'gauge'])

const lintPanel = (panel: JsonObject): string[] => {
  if (panel['type'] === 'row') return check(isText(panel['title']), 'row without a title')
  const config = objectAt(panel['fieldConfig'])
  const defaults = objectAt(config['defaults'])
  const reduce = objectAt(objectAt(panel['options'])['reduceOptions'])
  const reduces = reduce['values'] === true || (Array.isArray(reduce['calcs']) && reduce['calcs'].length > 0)
  return [
    ...check(isText(panel['title']) && isText(panel['description']), 'no title or description'),
    ...check(isText(defaults['unit']) && isText(defaults['noValue']), 'no default unit or noValue'),
    ...objectsIn(config['overrides']).flatMap((override) => lintOverride(override)),
    ...thresholdsOf(panel).flatMap((thresholds) => lintSteps(objectsIn(thresholds['steps']))),
    ...check(!REDUCING_PANELS.has(textOf(panel['type'])) || reduces, 'reduces to nothing'),
    ...lintDatasource(panel['datasource']),
    ...objectsIn(panel['targets']).flatMap(({ datasource }) => lintDatasource(datasource)),
  ]
}

const lintOverride = (override: JsonObject): string[] => {
  const matcher = objectAt(override['matcher'])
  const ids = new Set(objectsIn(override['properties']).map(({ id }) => id))
  return ['unit', 'noValue'].flatMap((id) => check(ids.has(id), `field ${textOf(matcher['options'])} has no ${id}`))
}

const lintSteps = (steps: readonly JsonObject[]): string[] => {
  const [base, ...rest] = steps.map(({ value }) => value)
  const ascending = rest.every(
    (value, index) => typeof value === 'number' && (index === 0 || value > Number(rest[index - 1])),
  )
  return check(base === null && ascending, 'threshold steps are not a base and ascending edges')
}

const lintGrid = (panels: readonly JsonObject[]): string[] => {
  const boxes = panels.map(({ id, gridPos }) => ({ id: Number(id), box: objectAt(gridPos) }))
  const side = (box: JsonObject, key: string): number => Number(box[key])
  const ids = boxes.map(({ id }) => id)
  const overlaps = boxes.flatMap((a, index) =>
    boxes
      .slice(index + 1)
      .filter(
        (b) =>
          side(a.box, 'x') < side(b.box, 'x') + side(b.box, 'w') &&
          side(b.box, 'x') < side(a.box, 'x') + side(a.box, 'w') &&
          side(a.box, 'y') < side(b.box, 'y') + side(b.box, 'h') &&
          side(b.box, 'y') < side(a.box, 'y') + side(a.box, 'h'),
      )
      .map((b) => `panels ${a.id} and ${b.id} overlap`),
  )
  const wide = boxes.filter(({ box }) => !(side(box, 'x') >= 0 && side(box, 'x') + side(box, 'w') <= GRID_WIDTH))
  return [
    ...overlaps,
    ...wide.map(({ id }) => `panel ${id} is off the grid`),
    ...check(ids.every((id) => id > 0) && new Set(ids).size === ids.length, 'panel ids are missing or repeated'),
  ]
}
