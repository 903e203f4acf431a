import { BarGaugeDisplayMode, ReduceDataOptionsBuilder, VizOrientation } from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/bargauge'
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import { type KpiViewName, kpiViewOf } from '@outlay/clickhouse'
import { type Field, fieldProperties } from '#src/fields.ts'
import { DATASOURCE_REF, selectFrom, type Selection, tableQuery } from '#src/query.ts'
import { describe, type PanelSettings, queryOf } from './panel.ts'

const barGauge = (
  { id, title, at }: Pick<PanelSettings<KpiViewName>, 'id' | 'title' | 'at'>,
  view: KpiViewName,
  explanation: PanelSettings<KpiViewName>['explanation'],
  targets: readonly Builder<Dataquery>[],
): PanelBuilder =>
  new PanelBuilder()
    .id(id)
    .title(title)
    .description(describe(view, kpiViewOf(view).parameters, explanation))
    .datasource(DATASOURCE_REF)
    .gridPos(at)
    .targets([...targets])
    .unit('none')
    .noValue('no data')
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)

/** A bar per field of one row, each against its own band. */
export const fieldGaugePanel = <Name extends KpiViewName>(settings: PanelSettings<Name>): PanelBuilder => {
  const panel = barGauge(settings, settings.from.view, settings.explanation, [queryOf(settings)]).reduceOptions(
    new ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']).fields(''),
  )
  for (const field of settings.fields) panel.overrideByName(field.column, fieldProperties(field, 'bars'))
  return panel
}

interface RowGaugeSettings<Name extends KpiViewName> extends Omit<PanelSettings<Name>, 'fields'> {
  /** Names the bar. */
  readonly key: string
  readonly field: Field
  readonly rows: number
}

/** A bar per row of a view, all against one band. */
export const rowGaugePanel = <Name extends KpiViewName>(settings: RowGaugeSettings<Name>): PanelBuilder => {
  const { from, key, field, rows, explanation } = settings
  const sql = selectFrom({ ...from, columns: [key, field.column], limit: rows })
  return (
    barGauge(settings, from.view, explanation, [tableQuery('A', sql)])
      .reduceOptions(new ReduceDataOptionsBuilder().values(true).limit(rows).calcs([]).fields(''))
      // A display name would replace the name of every bar by the same word: the row's key names it.
      .overrideByName(
        field.column,
        fieldProperties(field, 'bars').filter(({ id }) => id !== 'displayName'),
      )
  )
}

/** One bar of a comparison whose bars come from different rows. */
interface PickedBar {
  readonly field: Field
  readonly where: string
}

interface PickedGaugeSettings<Name extends KpiViewName> extends Omit<PanelSettings<Name>, 'fields' | 'from'> {
  readonly from: Omit<Selection<Name>, 'columns' | 'where'>
  readonly column: string
  readonly bars: readonly PickedBar[]
}

const FIRST_REF_ID = 'A'.charCodeAt(0)

/** One figure of several rows, each row with a band of its own: a query per row, its alias names the field. */
export const pickedGaugePanel = <Name extends KpiViewName>(settings: PickedGaugeSettings<Name>): PanelBuilder => {
  const { from, column, bars, explanation } = settings
  const targets = bars.map(({ field, where }, index) =>
    tableQuery(
      String.fromCharCode(FIRST_REF_ID + index),
      selectFrom({ ...from, columns: [`${column} AS ${field.column}`], where }),
    ),
  )
  const panel = barGauge(settings, from.view, explanation, targets).reduceOptions(
    new ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']).fields(''),
  )
  for (const { field } of bars) panel.overrideByName(field.column, fieldProperties(field, 'bars'))
  return panel
}
