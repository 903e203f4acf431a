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

/**
 * Beside every cost: how much of it is known. What is counted is what is billed, so that nothing without a price hides
 * behind a call that has one; a task, session or user is complete where this count is 0.
 */
export const coverage = {
  unpriced_calls: count(
    'Net charges (calls, and parts of calls that are billed beside them: compaction, advisor) of which a used meter has no price, or whose usage is invalid or not reported',
  ),
  priced_share: share('1 − unpriced_calls ÷ net charges (calls, and parts of calls that are billed beside them)', {
    empty: 'no calls',
  }),
} as const

/** Beside tasks: a part without a price leaves its call a call, and its cost unknown. */
export const costPerCall = usdOrNoPrice(
  'Cost of charges that have all their prices, parts of calls included ÷ calls (main ones) that have theirs, rounded down to the femto-dollar',
)
