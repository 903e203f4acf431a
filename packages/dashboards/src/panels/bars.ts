import {
  LegendDisplayMode,
  LegendPlacement,
  StackingMode,
  VizLegendOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/barchart'
import { type KpiViewName, kpiViewOf } from '@outlay/clickhouse'
import { fieldProperties } from '#src/fields.ts'
import { DATASOURCE_REF } from '#src/query.ts'
import { describe, type PanelSettings, queryOf } from './panel.ts'

interface BarSettings<Name extends KpiViewName> extends PanelSettings<Name> {
  readonly stacked: boolean
}

/** A bar, or a stack of bars, per row. The first field names the row and must be text; the others are the bars. */
export const barChartPanel = <Name extends KpiViewName>(settings: BarSettings<Name>): PanelBuilder => {
  const { id, title, at, explanation, fields, from, stacked } = settings
  const [category] = fields
  if (category?.unit !== 'string') throw new Error(`BUG: panel ${id} has no category column first`)
  const panel = new PanelBuilder()
    .id(id)
    .title(title)
    .description(describe(from.view, kpiViewOf(from.view).parameters, explanation))
    .datasource(DATASOURCE_REF)
    .gridPos(at)
    .withTarget(queryOf(settings))
    .unit('none')
    .noValue('no data')
    .xField(category.column)
    .orientation(VizOrientation.Horizontal)
    .stacking(stacked ? StackingMode.Normal : StackingMode.None)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .calcs([]),
    )
  for (const field of fields) panel.overrideByName(field.column, fieldProperties(field, 'bars'))
  return panel
}
