/** The data-source query object (spec: dashboards §3): SQL in, one target of a panel out. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import type { KpiViewName } from '@outlay/clickhouse'
import { type KpiCallArguments, kpiCall } from './kpi-call.ts'

export const DATASOURCE_TYPE = 'grafana-clickhouse-datasource'
/** Version of the data-source plugin whose query shape is written. */
export const PLUGIN_VERSION = '4.20.0'
/** The fixed data source that provisioning creates; panels go through the variable instead. */
export const DATASOURCE_UID = 'outlay-clickhouse'
export const DATASOURCE_REF = { type: DATASOURCE_TYPE, uid: '${datasource}' } as const

/** `format` is what the backend obeys; `queryType` serves Explore and must agree. */
export const TABLE_FORMAT = 1

/** A SELECT on one view. Columns are bare, with an optional alias: a panel does no arithmetic. */
export interface Selection<Name extends KpiViewName> {
  readonly view: Name
  readonly args: KpiCallArguments<Name>
  /** `column` or `column AS alias`. */
  readonly columns: readonly string[]
  /** Condition on columns, without arithmetic. */
  readonly where?: string
  /** `column` or `column DESC`. */
  readonly orderBy?: readonly string[]
  readonly limit?: number
}

export const selectFrom = <Name extends KpiViewName>(selection: Selection<Name>): string => {
  const { view, args, columns, where, orderBy, limit } = selection
  return [
    `SELECT ${columns.join(', ')} FROM ${kpiCall(view, args)}`,
    where === undefined ? '' : ` WHERE ${where}`,
    orderBy === undefined ? '' : ` ORDER BY ${orderBy.join(', ')}`,
    limit === undefined ? '' : ` LIMIT ${limit}`,
  ].join('')
}

/** One target in table format. */
export const tableQuery = (refId: string, rawSql: string): Builder<Dataquery> => ({
  build: () => ({
    refId,
    datasource: DATASOURCE_REF,
    pluginVersion: PLUGIN_VERSION,
    editorType: 'sql',
    queryType: 'table',
    format: TABLE_FORMAT,
    meta: {},
    rawSql,
    // Marks the variant for the SDK's types; a function is dropped when the dashboard becomes JSON.
    _implementsDataqueryVariant: () => undefined,
  }),
})
