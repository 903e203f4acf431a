import { TableCellHeight } from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { type KpiViewName, kpiViewOf } from '@outlay/clickhouse'
import { fieldProperties } from '#src/fields.ts'
import { DATASOURCE_REF } from '#src/query.ts'
import { describe, type PanelSettings, queryOf } from './panel.ts'

/** Rows of one view, a column per field in the order given. */
export const tablePanel = <Name extends KpiViewName>(settings: PanelSettings<Name>): PanelBuilder => {
  const { id, title, at, explanation, fields, from } = settings
  const panel = new PanelBuilder()
    .id(id)
    .title(title)
    .description(describe(from.view, kpiViewOf(from.view).parameters, explanation))
    .datasource(DATASOURCE_REF)
    .gridPos(at)
    .withTarget(queryOf(settings))
    .unit('none')
    .noValue('no data')
    .cellHeight(TableCellHeight.Sm)
  for (const field of fields) panel.overrideByName(field.column, fieldProperties(field, 'table'))
  return panel
}
