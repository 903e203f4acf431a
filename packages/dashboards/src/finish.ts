/**
 * Turns the SDK's output into what Grafana expects (spec: dashboards §2). Each step names what the SDK writes; a test
 * feeds raw SDK output to each.
 */
import { assert } from '@outlay/core'
import { isObject, type Json, type JsonObject, objectAt, objectsIn, textOf } from './json.ts'
import { ALL_VALUE } from './variable-values.ts'

/** Panels of a dashboard with those inside rows, rows included. */
export const panelsOf = (dashboard: JsonObject): JsonObject[] =>
  objectsIn(dashboard['panels']).flatMap((panel) => [panel, ...objectsIn(panel['panels'])])

const REDUCING_PANELS = new Set(['stat', 'bargauge', 'gauge'])

/** Plain data: what JSON would carry, without functions and absent values. */
const toJson = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject

/** Takes a dashboard as the SDK built it and returns a new one. Missing or repeated panel ids fail the build. */
export const finishDashboard = (built: unknown): JsonObject => {
  const dashboard = toJson(built)
  assertPanelIds(dashboard)
  showLinks(dashboard)
  fixVariables(dashboard)
  fixPanels(dashboard)
  const annotations = dashboard['annotations']
  if (isObject(annotations)) annotations['list'] ??= []
  delete dashboard['id']
  return { ...dashboard, timezone: 'utc', editable: false, version: 1 }
}

/** Item 1: the SDK numbers nothing and gives rows the id 0. */
const assertPanelIds = (dashboard: JsonObject): void => {
  const seen = new Set<Json>()
  for (const { id, title } of panelsOf(dashboard)) {
    assert(typeof id === 'number' && id > 0, `panel ${JSON.stringify(title)} has no id`)
    assert(!seen.has(id), `panel id ${id} is used twice`)
    seen.add(id)
  }
}

/** Item 2: `placement` hides links of dashboards and panels in a menu. */
const showLinks = (dashboard: JsonObject): void => {
  for (const holder of [dashboard, ...panelsOf(dashboard)]) {
    for (const link of objectsIn(holder['links'])) delete link['placement']
  }
}

/** Items 3, 6 and 7: interval settings on every variable, All that is not selected, values typed by hand. */
const fixVariables = (dashboard: JsonObject): void => {
  for (const variable of objectsIn(objectAt(dashboard['templating'])['list'])) {
    if (variable['type'] !== 'interval') {
      delete variable['auto']
      delete variable['auto_min']
      delete variable['auto_count']
    }
    if (variable['includeAll'] === true) {
      variable['current'] = { selected: true, text: ['All'], value: ['$__all'] }
      variable['allValue'] = ALL_VALUE
    }
    if (variable['type'] === 'query' || variable['type'] === 'custom') variable['allowCustomValue'] = false
  }
}

/** Items 5 and 9: threshold steps without a base, reducers that reduce to nothing. */
const fixPanels = (dashboard: JsonObject): void => {
  for (const panel of panelsOf(dashboard)) {
    for (const thresholds of thresholdsOf(panel)) {
      const steps = objectsIn(thresholds['steps'])
      const base = steps.find(({ value }) => value === undefined || value === null)
      assert(
        base !== undefined && base === steps[0],
        `panel ${textOf(panel['id'])} has thresholds without a base first`,
      )
      base['value'] = null
    }
    const reduce = objectAt(panel['options'])['reduceOptions']
    if (!REDUCING_PANELS.has(textOf(panel['type'])) || !isObject(reduce)) continue
    const empty = !Array.isArray(reduce['calcs']) || reduce['calcs'].length === 0
    if (empty && reduce['values'] !== true) reduce['calcs'] = ['lastNotNull']
  }
}

/** Thresholds of the defaults and of every override. */
export const thresholdsOf = (panel: JsonObject): JsonObject[] => {
  const config = objectAt(panel['fieldConfig'])
  const defaults = objectAt(config['defaults'])['thresholds']
  const overridden = objectsIn(config['overrides'])
    .flatMap((override) => objectsIn(override['properties']))
    .filter(({ id }) => id === 'thresholds')
    .map(({ value }) => value)
  return [defaults, ...overridden].filter((value) => isObject(value))
}
