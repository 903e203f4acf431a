/**
 * What the columns of the views mean: one definition per figure, from which comments, reference pages, panels and lints
 * are made. The comment is the definition: what is counted, in which unit, over which time.
 */
import type { BandId } from './bands.ts'

/**
 * `usd` is exact decimal text with 15 places; `share` is a part of one; `ratio` and `factor` are quotients that may pass
 * one; `verdict` is ok, watch, warn, act, low or none; `tokens` may have a fraction (effective tokens).
 */
export type ColumnUnit =
  | 'text'
  | 'count'
  | 'tokens'
  | 'usd'
  | 'money'
  | 'share'
  | 'ratio'
  | 'factor'
  | 'verdict'
  | 'date'
  | 'time'
  | 'seconds'
  | 'flag'

export interface ViewColumn {
  readonly unit: ColumnUnit
  readonly comment: string
  /** What NULL means, in words a reader may see; absent = never NULL. */
  readonly empty?: string
  /** Band that the verdict, or the figure, is judged by. */
  readonly band?: BandId
}

type Options = Pick<ViewColumn, 'empty' | 'band'>

const column =
  (unit: ColumnUnit, defaults: Options = {}) =>
  (comment: string, options: Options = {}): ViewColumn => ({ unit, comment, ...defaults, ...options })

export const text = column('text')
export const count = column('count')
export const tokens = column('tokens')
/** Sums of money that say 0 where there is nothing. */
export const usd = column('usd')
/** Money that is NULL where nothing of it has a price. */
export const usdOrNoPrice = column('usd', { empty: 'no price' })
/** An amount in the currency that another column names. */
export const money = column('money')
export const share = column('share', { empty: 'no data' })
export const ratio = column('ratio', { empty: 'no data' })
export const factor = column('factor', { empty: 'no data' })
export const date = column('date')
export const time = column('time')
export const seconds = column('seconds')
export const flag = column('flag')

export const verdict = (of: string, band: BandId, note = ''): ViewColumn => ({
  unit: 'verdict',
  comment: `Verdict of ${of}${note}`,
  band,
})

/** Beside every cost: how much of it is known. */
export const coverage = {
  unpriced_calls: count('Calls of which a used meter has no price, or whose usage is invalid or not reported'),
  priced_share: share('1 − unpriced_calls ÷ calls', { empty: 'no calls' }),
} as const
