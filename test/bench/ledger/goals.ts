/** The speed goals of the specification (ledger: speed goals) that this benchmark measures. */
import type { GrowthResult, GrowthTiming } from './measure-growth.ts'
import type { KpiFailure, KpiTiming } from './measure-kpis.ts'
import type { RepriceResult } from './measure-reprice.ts'
import type { StorageResult } from './measure-storage.ts'
import type { SpanFailure, SpansResult, SpanTiming } from './otel/measure-spans.ts'

const REPRICE_SECONDS_MAX = 5
const VIEW_OVER_FLOOR_MAX = 3
const VIEW_MS_MAX = 300
const TARGETS_OVER_CALLS_MAX = 1
const CALLS_OVER_OTEL_MAX = 1 / 4
const TIMES_FASTER_MIN = 20
const GROWTH_MAX = 3

export interface Results {
  readonly reprice: RepriceResult
  readonly kpis: readonly (KpiTiming | KpiFailure)[]
  readonly storage: StorageResult
  readonly growth: GrowthResult
  readonly rawSpans: SpansResult
}

export const meetsGoals = (timing: KpiTiming | KpiFailure): boolean =>
  !('failure' in timing) && timing.ratio <= VIEW_OVER_FLOOR_MAX && timing.viewTiming.ms <= VIEW_MS_MAX

export const meetsGrowth = (timing: GrowthTiming | KpiFailure): boolean =>
  !('failure' in timing) && timing.ratio <= GROWTH_MAX

export const meetsSpeedup = (timing: SpanTiming | SpanFailure): boolean =>
  !('failure' in timing) && timing.timesFaster >= TIMES_FASTER_MIN

const missedReprice = ({ reprice }: Results): readonly string[] => [
  ...(reprice.shownSeconds > REPRICE_SECONDS_MAX
    ? [`a view showed a new price after more than ${REPRICE_SECONDS_MAX} s`]
    : []),
  ...reprice.stale.map((view) => `${view} did not show the new price`),
  ...(reprice.rewritten > 0 ? ['a new price wrote ledger rows'] : []),
  ...(reprice.exact ? [] : ['a total did not move by the exact difference']),
]

const missedStorage = ({ storage, rawSpans }: Results): readonly string[] => [
  ...(storage.ratio > TARGETS_OVER_CALLS_MAX ? ['the eight targets are larger than calls'] : []),
  ...(rawSpans.bytesRatio > CALLS_OVER_OTEL_MAX ? ['calls is larger than a quarter of the raw spans'] : []),
]

/** What was missed, one line each. */
export const missedGoals = (results: Results): readonly string[] => [
  ...missedReprice(results),
  ...results.kpis
    .filter((timing) => !meetsGoals(timing))
    .map(({ view }) => `${view} is above ${VIEW_OVER_FLOOR_MAX}× its floor or ${VIEW_MS_MAX} ms`),
  ...results.growth.views
    .filter((timing) => !meetsGrowth(timing))
    .map(({ view }) => `${view} takes more than ${GROWTH_MAX}× with ten times the calls`),
  ...results.rawSpans.questions
    .filter((timing) => !meetsSpeedup(timing))
    .map(({ question }) => `${question} is less than ${TIMES_FASTER_MIN}× as fast as on raw spans`),
  ...missedStorage(results),
]
