/** The speed goals of the specification (ledger: speed goals) that this benchmark measures. */
import type { KpiFailure, KpiTiming } from './measure-kpis.ts'
import type { RepriceResult } from './measure-reprice.ts'
import type { StorageResult } from './measure-storage.ts'

const REPRICE_SECONDS_MAX = 5
const VIEW_OVER_FLOOR_MAX = 3
const VIEW_MS_MAX = 300
const TARGETS_OVER_CALLS_MAX = 1

export interface Results {
  readonly reprice: RepriceResult
  readonly kpis: readonly (KpiTiming | KpiFailure)[]
  readonly storage: StorageResult
}

export const meetsGoals = (timing: KpiTiming | KpiFailure): boolean =>
  !('failure' in timing) && timing.ratio <= VIEW_OVER_FLOOR_MAX && timing.viewMs <= VIEW_MS_MAX

/** What was missed, one line each. */
export const missedGoals = ({ reprice, kpis, storage }: Results): readonly string[] => [
  ...(reprice.totalSeconds > REPRICE_SECONDS_MAX ? [`reprice took more than ${REPRICE_SECONDS_MAX} s`] : []),
  ...reprice.stale.map((view) => `${view} did not show the new price`),
  ...(reprice.rewritten > 0 ? ['a new price wrote ledger rows'] : []),
  ...(reprice.exact ? [] : ['a total did not move by the exact difference']),
  ...kpis
    .filter((timing) => !meetsGoals(timing))
    .map(({ view }) => `${view} is above ${VIEW_OVER_FLOOR_MAX}× its floor or ${VIEW_MS_MAX} ms`),
  ...(storage.ratio > TARGETS_OVER_CALLS_MAX ? ['the eight targets are larger than calls'] : []),
]
