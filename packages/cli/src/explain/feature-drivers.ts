/** Why the cost per task of a feature changed: five effects that add up to the change, and what each measured. */
import { formatUsd, parseUsd } from '@outlay/core'

/** Rows of the view `kpi_feature_answer`. */
export interface AnswerRow {
  readonly driver: DriverName
  readonly effect_usd: string | null
  readonly share_of_change: number | null
  readonly rank: string
  readonly cost_per_task_now: string | null
  readonly cost_per_task_then: string | null
  readonly tasks_now: string
  readonly tasks_then: string
  readonly calls_per_task_now: number | null
  readonly calls_per_task_then: number | null
  readonly tokens_per_call_now: number | null
  readonly tokens_per_call_then: number | null
  readonly cache_hit_rate_now: number | null
  readonly cache_hit_rate_then: number | null
  readonly unpriced_tasks: string
}

type DriverName = 'calls per task' | 'model mix' | 'tokens per call' | 'cache hit rate' | 'price'

/** Share of the calls of the feature that one model made. */
export interface ModelShift {
  readonly model: string
  readonly share_now: number
  readonly share_then: number
}

export interface Driver {
  readonly rank: number
  readonly driver: DriverName
  /** Exact decimal text; null where there is nothing to compare. */
  readonly effect_usd: string | null
  readonly share_of_change: number | null
  /** What the driver measured: calls, tokens or a share; null where it is no single figure. */
  readonly measured_now: number | null
  readonly measured_then: number | null
}

export interface FeatureChange {
  readonly cost_per_task_now: string | null
  readonly cost_per_task_then: string | null
  /** Exact; null without complete tasks now or then. */
  readonly change_usd: string | null
  /** Change ÷ cost per task then. */
  readonly change_ratio: number | null
  readonly drivers: readonly Driver[]
  /** Sum of the effects, added up here. */
  readonly sum_usd: string | null
  /** Whether that is the change, to the last digit. */
  readonly agree: boolean
}

type Measured = Pick<Driver, 'measured_now' | 'measured_then'>

const measured = (row: AnswerRow): Measured => {
  const figures: Readonly<Record<DriverName, Measured>> = {
    'calls per task': { measured_now: row.calls_per_task_now, measured_then: row.calls_per_task_then },
    'tokens per call': { measured_now: row.tokens_per_call_now, measured_then: row.tokens_per_call_then },
    'cache hit rate': { measured_now: row.cache_hit_rate_now, measured_then: row.cache_hit_rate_then },
    'model mix': { measured_now: null, measured_then: null },
    price: { measured_now: null, measured_then: null },
  }
  return figures[row.driver]
}

export const featureChangeOf = (rows: readonly AnswerRow[]): FeatureChange => {
  const [first] = rows
  if (first === undefined) throw new Error('BUG: kpi_feature_answer answers one row per driver')
  const { cost_per_task_now: now, cost_per_task_then: then } = first
  const effects = rows.flatMap(({ effect_usd }) => (effect_usd === null ? [] : [parseUsd(effect_usd)]))
  const sum = effects.length === 0 ? undefined : effects.reduce((total, effect) => total + effect, 0n)
  const change = now === null || then === null ? undefined : parseUsd(now) - parseUsd(then)
  return {
    cost_per_task_now: now,
    cost_per_task_then: then,
    change_usd: change === undefined ? null : formatUsd(change),
    change_ratio: change === undefined || Number(then) === 0 ? null : Number(formatUsd(change)) / Number(then),
    drivers: rows.map((row) => ({
      rank: Number(row.rank),
      driver: row.driver,
      effect_usd: row.effect_usd,
      share_of_change: row.share_of_change,
      ...measured(row),
    })),
    sum_usd: sum === undefined ? null : formatUsd(sum),
    agree: sum === change,
  }
}
