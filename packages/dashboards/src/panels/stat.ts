import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat'
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { type KpiViewName, kpiViewOf } from '@outlay/clickhouse'
import { fieldProperties } from '#src/fields.ts'
import { DATASOURCE_REF } from '#src/query.ts'
import { describe, type PanelSettings, queryOf } from './panel.ts'

/** Every field counts, dates and texts too: the default keeps numbers only. */
const ALL_FIELDS = '/.*/'

/** One query, one figure per field; each with its own unit and band. The view returns one row. */
export const statPanel = <Name extends KpiViewName>(settings: PanelSettings<Name>): PanelBuilder => {
  const { id, title, at, explanation, fields, from } = settings
  const numbersOnly = fields.every(({ unit }) => !unit.startsWith('time:') && unit !== 'string')
  const panel = new PanelBuilder()
    .id(id)
    .title(title)
    .description(describe(from.view, kpiViewOf(from.view).parameters, explanation))
    .datasource(DATASOURCE_REF)
    .gridPos(at)
    .withTarget(queryOf(settings))
    .unit('none')
    .noValue('no data')
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(BigValueTextMode.ValueAndName)
    .reduceOptions(
      new ReduceDataOptionsBuilder()
        .values(false)
        .calcs(['lastNotNull'])
        .fields(numbersOnly ? '' : ALL_FIELDS),
    )
  for (const field of fields) panel.overrideByName(field.column, fieldProperties(field, 'stat'))
  return panel
}
