/** What an entry of the list says about one emitter. */
import type { Meter, MeterQuantities } from '@outlay/core'
import type { QualityFlag } from '@outlay/semconv'
import type { StubServed } from '@outlay/testkit'
import type { CaseId } from './cases.ts'

/** What the rows of a case look like where they cannot be as fine as what was served. */
export interface Sight {
  /** Meters that the emitter cannot tell: what is counted in which other meter instead. */
  readonly folds?: { readonly [meter in Meter]?: Meter }
  /** Where a fold does not say it: the meters that are left of what was served. */
  readonly seen?: (meters: MeterQuantities, served: StubServed) => MeterQuantities
  /** Default `reported`. */
  readonly usageStatus?: 'estimated'
  /** Compared where caches were served. Default `reported`. */
  readonly cacheSplit?: 'unknown'
  /** What the row says is doubtful. Default nothing. */
  readonly doubts?: readonly QualityFlag[]
  /** Spans without usage that are listed as calls. Default 0. */
  readonly listed?: number
  /** `calls`: it reports none with usage. `all_but_last`: of several calls the last one overwrites the others. */
  readonly unseen?: 'calls' | 'all_but_last'
}

export interface Emitter {
  readonly id: string
  readonly cases: readonly CaseId[]
  readonly sight: (id: CaseId) => Sight
}
