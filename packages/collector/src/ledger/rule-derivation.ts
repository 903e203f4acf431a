/**
 * Brings what was settled under older dialect rules to the rules of this version (spec: counters §11): hands out all traces
 * that are still open, hour by hour. Nothing of its progress is kept but the end: after a crash it starts again, and
 * evaluating what follows already posts nothing.
 */
import {
  type ClickHouseClient,
  readEvidenceHours,
  readRulesFollowed,
  readTracesOfHour,
  recordRulesFollowed,
} from '@outlay/clickhouse'
import { limits } from '@outlay/core'
import type { TraceId } from './trace-queue.ts'

interface RuleDerivationSettings {
  readonly client: ClickHouseClient
  readonly database: string
  readonly walId: string
  readonly rulesVersion: string
}

export interface DerivedTraces {
  readonly traces: number
  readonly corrections: number
}

export class RuleDerivation {
  readonly #settings: RuleDerivationSettings
  /** Hours still to read, the next one last; undefined before the first look. */
  #hours: number[] | undefined
  #waiting: TraceId[] = []
  #derived: DerivedTraces = { traces: 0, corrections: 0 }
  #done = false

  constructor(settings: RuleDerivationSettings) {
    this.#settings = settings
  }

  /** Everything follows the rules of this version. */
  get isDone(): boolean {
    return this.#done
  }

  /** The next traces to evaluate; empty when none is left. */
  async take(nowMs: number, max: number): Promise<readonly TraceId[]> {
    const { walId, rulesVersion } = this.#settings
    if (this.#hours === undefined) {
      const followed = await readRulesFollowed(this.#settings, walId)
      const sinceMs = nowMs - limits.candidateTtlMs
      this.#done = followed === rulesVersion
      this.#hours = this.#done ? [] : [...(await readEvidenceHours(this.#settings, { walId, sinceMs }))].reverse()
    }
    while (this.#waiting.length === 0) {
      const hour = this.#hours.pop()
      if (hour === undefined) return []
      this.#waiting = [...(await readTracesOfHour(this.#settings, { walId, hour }))]
    }
    return this.#waiting.splice(0, max)
  }

  /** A batch was evaluated, and this many entries were posted. */
  evaluated(traces: number, corrections: number): void {
    this.#derived = {
      traces: this.#derived.traces + traces,
      corrections: this.#derived.corrections + corrections,
    }
  }

  /** Records that nothing is left to derive; what was done. */
  async finish(nowMs: number): Promise<DerivedTraces> {
    const { walId, rulesVersion } = this.#settings
    if (!this.#done) {
      await recordRulesFollowed(this.#settings, { walId, rulesVersion, finishedAtMs: nowMs, ...this.#derived })
    }
    this.#done = true
    return this.#derived
  }
}
