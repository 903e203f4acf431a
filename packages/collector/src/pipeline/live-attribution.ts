/** Attribution as configured, which may change while the collector runs: each request is mapped by one state of it. */
import { type Attribution, DEFAULT_REQUIRED } from '#src/collector-settings.ts'
import type { RequiredField } from '#src/ledger/settled-row.ts'
import { createAttributionMap, type MapAttribution } from './map-attribution.ts'

export interface LiveAttribution {
  /** What a call must say of itself now. */
  readonly require: readonly RequiredField[]
  /** As it is mapped now, and whoever holds it goes on mapping so. */
  readonly map: MapAttribution
  replace(next: Attribution): void
}

export const createLiveAttribution = (first: Attribution): LiveAttribution => {
  const stateOf = ({ require = DEFAULT_REQUIRED, attributionMap = {} }: Attribution) => ({
    require,
    map: createAttributionMap(attributionMap),
  })
  let current = stateOf(first)
  return {
    get require() {
      return current.require
    },
    get map() {
      return current.map
    },
    replace: (next) => {
      current = stateOf(next)
    },
  }
}
