/** How a column is shown: one constructor per kind of figure, so that units and words are the same on every page. */
import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard'
import type { BandId } from '@outlay/clickhouse'
import { thresholdSteps, verdictMappings } from './bands.ts'

/** A column of a query with everything that shows it. */
export interface Field {
  readonly column: string
  readonly label: string
  readonly unit: string
  readonly decimals?: number
  /** Shown for NULL: money without a price is never 0. */
  readonly noValue: string
  readonly band?: BandId
  /** A verdict column: words and colours instead of a figure. */
  readonly verdict?: true
  /** Column width in a table, in pixels. */
  readonly width?: number
}

const NO_PRICE = 'no price'
const NO_DATA = 'no data'
const MONEY_DECIMALS = 2
/** Money that is usually below one. */
const FINE_MONEY_DECIMALS = 4
const SHARE_DECIMALS = 1
const RATIO_DECIMALS = 2

type Extra = Partial<Pick<Field, 'band' | 'noValue' | 'width'>>

const field =
  (kind: Pick<Field, 'unit' | 'noValue'> & { readonly decimals?: number }) =>
  (column: string, label: string, extra: Extra = {}): Field => ({ column, label, ...kind, ...extra })

/** Month or window spend. */
export const money = field({ unit: 'currencyUSD', decimals: MONEY_DECIMALS, noValue: NO_PRICE })
/** Money per call, task or event. */
export const fineMoney = field({ unit: 'currencyUSD', decimals: FINE_MONEY_DECIMALS, noValue: NO_PRICE })
/** A ratio around 0 to 1, shown as percent. */
export const share = field({ unit: 'percentunit', decimals: SHARE_DECIMALS, noValue: NO_DATA })
/** A ratio that is no share: p95 ÷ p50, Gini. */
export const ratio = field({ unit: 'none', decimals: RATIO_DECIMALS, noValue: NO_DATA })
export const count = field({ unit: 'none', decimals: 0, noValue: NO_DATA })
export const tokens = field({ unit: 'short', decimals: SHARE_DECIMALS, noValue: NO_DATA })
export const duration = field({ unit: 's', decimals: SHARE_DECIMALS, noValue: NO_DATA })
export const text = field({ unit: 'string', noValue: '–' })
export const day = field({ unit: 'time:YYYY-MM-DD', noValue: 'none' })
export const instant = field({ unit: 'dateTimeAsIso', noValue: '–' })

/** A `…_band` column. */
export const verdict = (column: string, label = 'Verdict'): Field => ({
  column,
  label,
  unit: 'string',
  noValue: 'no band',
  verdict: true,
})

/** Beside every cost: the share of calls that has a price. Its band warns when it is not all of them. */
export const pricedShare = (): Field => share('priced_share', 'Priced', { band: 'priced' })

/** Where the field is drawn decides how its colour reaches the eye. */
export type Surface = 'stat' | 'bars' | 'table'

const cell = (type: 'color-text' | 'color-background'): DynamicConfigValue => ({
  id: 'custom.cellOptions',
  value: { type },
})

const colorOf = ({ band, verdict }: Field, surface: Surface): DynamicConfigValue[] => {
  if (verdict) {
    return [{ id: 'mappings', value: verdictMappings() }, ...(surface === 'table' ? [cell('color-background')] : [])]
  }
  if (band !== undefined) {
    return [
      { id: 'color', value: { mode: 'thresholds' } },
      { id: 'thresholds', value: { mode: 'absolute', steps: thresholdSteps(band) } },
      ...(surface === 'table' ? [cell('color-text')] : []),
    ]
  }
  return surface === 'stat' ? [{ id: 'color', value: { mode: 'fixed', fixedColor: 'text' } }] : []
}

/** The override of one field, matched by its column name. */
export const fieldProperties = (field: Field, surface: Surface): DynamicConfigValue[] => {
  const { label, unit, decimals, noValue, width } = field
  return [
    { id: 'displayName', value: label },
    { id: 'unit', value: unit },
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    { id: 'noValue', value: noValue },
    ...colorOf(field, surface),
    ...(surface === 'table' && width !== undefined ? [{ id: 'custom.width', value: width }] : []),
  ]
}
