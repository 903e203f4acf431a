import {
  CustomVariableBuilder,
  DashboardBuilder,
  DashboardLinkBuilder,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { describe, expect, test } from 'vitest'
import { finishDashboard, panelsOf, thresholdsOf } from '../src/finish.ts'
import { objectAt, objectsIn } from '../src/json.ts'

const start = (): DashboardBuilder => new DashboardBuilder('raw').uid('raw')
const stat = (id: number): PanelBuilder => new PanelBuilder().id(id).title(`panel ${id}`)

describe('finishing what the SDK writes', () => {
  test('refuses panels and rows without an id of their own', () => {
    const unnumbered = start().withPanel(new PanelBuilder().title('p')).build()
    const unnumberedRow = start().withRow(new RowBuilder('r')).build()
    expect(unnumberedRow.panels?.[0]?.id).toBe(0)
    expect(() => finishDashboard(unnumbered)).toThrow('has no id')
    expect(() => finishDashboard(unnumberedRow)).toThrow('has no id')
    expect(() => finishDashboard(start().withPanel(stat(1)).withPanel(stat(1)).build())).toThrow('used twice')
  })

  test('shows links of dashboards and panels outside the menu', () => {
    const link = new DashboardLinkBuilder('l').tags(['outlay'])
    const raw = start()
      .link(link)
      .withPanel(stat(1).links([link]))
      .build()
    expect(raw.links?.[0]?.placement).toBe('inControlsMenu')
    const finished = finishDashboard(raw)
    expect(objectsIn(finished['links'])[0]).not.toHaveProperty('placement')
    expect(objectsIn(panelsOf(finished)[0]?.['links'])[0]).not.toHaveProperty('placement')
  })

  test('leaves interval settings to interval variables and forbids typed values', () => {
    const raw = start().withVariable(new CustomVariableBuilder('v').values('a,b')).build()
    expect(raw.templating.list?.[0]).toMatchObject({ auto: false, auto_min: '10s', auto_count: 30 })
    const [variable] = objectsIn(objectAt(finishDashboard(raw)['templating'])['list'])
    expect(variable).not.toHaveProperty('auto')
    expect(variable).not.toHaveProperty('auto_min')
    expect(variable).not.toHaveProperty('auto_count')
    expect(variable?.['allowCustomValue']).toBe(false)
  })

  test('selects All and sends it as the sentinel', () => {
    const raw = start()
      .withVariable(new QueryVariableBuilder('v').query('SELECT 1').multi(true).includeAll(true))
      .build()
    const [variable] = objectsIn(objectAt(finishDashboard(raw)['templating'])['list'])
    expect(variable).toMatchObject({
      current: { selected: true, text: ['All'], value: ['$__all'] },
      allValue: "'*'",
      allowCustomValue: false,
    })
  })

  test('gives annotations a list, the dashboard UTC, version 1 and no numeric id', () => {
    const raw = start().id(7).build()
    expect(raw.annotations).toEqual({})
    expect(raw).toMatchObject({ timezone: 'browser', editable: true })
    const finished = finishDashboard(raw)
    expect(finished).toMatchObject({ annotations: { list: [] }, timezone: 'utc', editable: false, version: 1 })
    expect(finished).not.toHaveProperty('id')
  })

  test('writes the base step as null and insists that it comes first', () => {
    const steps = (values: (number | undefined)[]): ThresholdsConfigBuilder =>
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps(values.map((value) => ({ color: 'green', value }) as { color: string; value: number | null }))
    const finished = finishDashboard(
      start()
        .withPanel(stat(1).thresholds(steps([undefined, 1])))
        .build(),
    )
    expect(thresholdsOf(panelsOf(finished)[0] ?? {})[0]?.['steps']).toEqual([
      { color: 'green', value: null },
      { color: 'green', value: 1 },
    ])
    const reversed = start()
      .withPanel(stat(1).thresholds(steps([1, undefined])))
      .build()
    expect(() => finishDashboard(reversed)).toThrow('without a base first')
  })

  test('makes a stat reduce to something', () => {
    const raw = start().withPanel(stat(1)).build()
    const [panel] = panelsOf(finishDashboard(raw))
    expect(objectAt(objectAt(panel?.['options'])['reduceOptions'])['calcs']).toEqual(['lastNotNull'])
  })
})
