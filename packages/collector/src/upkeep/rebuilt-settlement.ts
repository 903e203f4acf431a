/** What a rebuild found in the ledger, and what it posted for it. */
import { limits } from '@outlay/core'
import type { PlannedEntries } from '#src/ledger/plan-entries.ts'
import type { StoredTrace } from '#src/ledger/trace-record.ts'

export interface RebuiltSettlement {
  readonly traces: number
  readonly differing_traces: number
  readonly charges: number
  readonly reversals: number
  readonly refusals: number
  readonly releases: number
  /** The first of them. */
  readonly differences: readonly { readonly what: string; readonly where: Readonly<Record<string, string>> }[]
  readonly remaining_traces: number
}

export interface DifferingTrace {
  readonly trace: StoredTrace
  readonly differences: RebuiltSettlement['differences']
}

export class SettlementTally {
  differing = 0
  readonly #differences: RebuiltSettlement['differences'][number][] = []
  readonly #counts = { charges: 0, reversals: 0, refusals: 0, releases: 0 }

  found(differing: readonly DifferingTrace[]): void {
    this.differing += differing.length
    const room = limits.verifyFindingsListedMax - this.#differences.length
    for (const { what, where } of differing.flatMap(({ differences }) => differences).slice(0, room)) {
      this.#differences.push({ what, where })
    }
  }

  posted({ calls, quarantine }: PlannedEntries): void {
    const counts = this.#counts
    for (const { sign } of calls) counts[sign > 0 ? 'charges' : 'reversals'] += 1
    for (const { sign } of quarantine) counts[sign > 0 ? 'refusals' : 'releases'] += 1
  }

  result(traces: number, remaining: number): RebuiltSettlement {
    return {
      traces,
      differing_traces: this.differing,
      ...this.#counts,
      differences: this.#differences,
      remaining_traces: remaining,
    }
  }
}
