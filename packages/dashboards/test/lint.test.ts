import { describe, expect, test } from 'vitest'
import { buildDashboards } from '../src/build.ts'
import { panelsOf } from '../src/finish.ts'
import { type JsonObject, objectAt, objectsIn } from '../src/json.ts'
import { lintDashboards } from '../src/lint.ts'
import { lintPanelSql, lintSql } from '../src/lint-sql.ts'

const home = (): JsonObject => structuredClone(buildDashboards()[0] ?? {})
const panel = (dashboard: JsonObject, id: number): JsonObject =>
  panelsOf(dashboard).find((candidate) => candidate['id'] === id) ?? {}
const problemsAfter = (edit: (dashboard: JsonObject) => void): string[] => {
  const dashboard = home()
  edit(dashboard)
  return lintDashboards([dashboard]).map(({ where, what }) => `${where}: ${what}`)
}
const target = (dashboard: JsonObject, id: number): JsonObject => objectsIn(panel(dashboard, id)['targets'])[0] ?? {}
const withSql = (change: (sql: string) => string): string[] =>
  problemsAfter((dashboard) => {
    const query = target(dashboard, 101)
    query['rawSql'] = change(query['rawSql'] as string)
  })

test('the shipped dashboards have no problems', () => {
  expect(lintDashboards(buildDashboards())).toEqual([])
})

describe('the lint finds', () => {
  test('a misspelt view argument, which ClickHouse would ignore without an error', () => {
    expect(withSql((sql) => sql.replace('tenants =', 'tenant ='))).toEqual([
      'outlay-home panel 101 A: kpi_task_cost lacks the argument tenants',
      'outlay-home panel 101 A: kpi_task_cost takes no argument tenant: ClickHouse would ignore it without an error',
    ])
  })

  test('a time that a session zone could shift, and a macro in milliseconds', () => {
    expect(withSql((sql) => sql.replace("toDateTime($__fromTime, 'UTC')", '$__fromTime'))[0]).toContain(
      'from_time must',
    )
    expect(withSql((sql) => sql.replace('$__fromTime', '$__fromTime_ms')).join('\n')).toContain('macro $__fromTime_ms')
  })

  test('a filter without its brackets or its quoting', () => {
    expect(withSql((sql) => sql.replace('[${tenant:singlequote}]', '${tenant:singlequote}'))[0]).toContain('tenants =')
    expect(withSql((sql) => sql.replace('${tenant:singlequote}', '${tenant}')).join('\n')).toContain('${tenant}')
    expect(withSql((sql) => sql.replace('${tenant:singlequote}', '${nobody:singlequote}')).join()).toContain('nobody')
  })

  test('an unknown view, and a grouping that the view refuses', () => {
    expect(withSql((sql) => sql.replace('kpi_task_cost', 'kpi_task_costs'))[0]).toContain('not a registered view')
    expect(withSql((sql) => sql.replace("by = 'all'", "by = 'moon'"))[0]).toContain('cannot be grouped')
  })

  test('a link hidden in a menu, a browser time zone, a missing annotation list', () => {
    const problems = problemsAfter((dashboard) => {
      dashboard['timezone'] = 'browser'
      dashboard['annotations'] = {}
      dashboard['links'] = [{ title: 'l', placement: 'inControlsMenu' }]
    })
    expect(problems).toHaveLength(3)
  })

  test('overlapping, repeated and off-grid panels', () => {
    expect(
      problemsAfter((dashboard) => Object.assign(objectAt(panel(dashboard, 103)['gridPos']), { x: 4 })).join(),
    ).toMatch(/panels 101 and 103 overlap/)
    expect(problemsAfter((dashboard) => Object.assign(panel(dashboard, 103), { id: 101 })).join()).toContain('repeated')
    expect(
      problemsAfter((dashboard) => Object.assign(objectAt(panel(dashboard, 904)['gridPos']), { w: 25 })).join(),
    ).toContain('off the grid')
  })

  test('a panel without description, unit or word for NULL', () => {
    expect(problemsAfter((dashboard) => delete panel(dashboard, 101)['description'])).toHaveLength(1)
    const problems = problemsAfter((dashboard) => {
      const config = objectAt(panel(dashboard, 101)['fieldConfig'])
      for (const { properties } of objectsIn(config['overrides'])) {
        objectsIn(properties).forEach((property) => {
          if (property['id'] === 'noValue') property['id'] = 'decimals'
        })
      }
    })
    expect(problems).toHaveLength(4)
  })

  test('a fixed data source that provisioning does not create', () => {
    expect(
      problemsAfter((dashboard) => Object.assign(target(dashboard, 101), { datasource: { uid: 'P1234' } })).join(),
    ).toContain('data source')
  })
})

describe('panel SQL', () => {
  const view = '${database}.kpi_coverage(book = ${book:singlequote})'

  test('may select columns, rename, compare, order and limit', () => {
    const sql = `SELECT a, b AS c FROM ${view} WHERE a = 'x AND y' AND b IS NOT NULL ORDER BY a DESC, b LIMIT 5`
    expect(lintPanelSql(sql.replace("'x AND y'", "'x'"))).toEqual([])
  })

  test('may not compute', () => {
    for (const column of ['a / b', 'sum(a)', 'round(a)', 'a + 1 AS b', '1 - a', "concat(a, 'x')", '*']) {
      expect(lintPanelSql(`SELECT ${column} FROM ${view}`)).not.toEqual([])
    }
    expect(lintPanelSql(`SELECT a FROM ${view} WHERE a > b * 2`)).not.toEqual([])
    expect(lintPanelSql(`SELECT a FROM ${view} ORDER BY a - b`)).not.toEqual([])
    expect(lintPanelSql(`SELECT a FROM ${view} GROUP BY a`)).not.toEqual([])
    expect(lintPanelSql('SELECT a FROM outlay.calls')).not.toEqual([])
  })

  test('may not use the old variable syntax, nor a bare $', () => {
    expect(lintSql(`SELECT a FROM ${view} WHERE a = '[[tenant]]'`).join()).toContain('[[')
    expect(lintSql('SELECT a FROM x WHERE a = $tenant').join()).toContain('a $')
    expect(lintSql('SELECT * FROM x')).toHaveLength(1)
  })
})
