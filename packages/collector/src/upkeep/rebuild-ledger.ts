/**
 * Brings a ledger back to what it is made of: counters to the sums of the ledger, and the ledger to what its evidence says.
 * Ingest goes on; the ledger's writer is held for one month of one target, or one batch of traces, at a time.
 */
import {
  differingMonths,
  dropShadows,
  type LedgerSource,
  readLedgerTables,
  rebuildMonth,
  type TimeRange,
  traceBatches,
} from '@outlay/clickhouse'
import { type Clock, limits } from '@outlay/core'
import type { PostingPolicy } from '#src/ledger/settled-row.ts'
import type { TraceId } from '#src/ledger/trace-queue.ts'
import type { StoredTrace } from '#src/ledger/trace-record.ts'
import { SETTLEMENT_WAIT_MS_MAX, type TraceQuestion, traceStateOf } from '#src/verify/trace-state.ts'
import { beginsIn, storedTraces } from '#src/verify/verify-settlement.ts'
import type { LedgerKeeper } from './ledger-keeper.ts'
import { reviseTraces } from './revise-trace.ts'

export interface RebuildQuestion {
  readonly range: TimeRange
  /** What was settled under other rules than those of today is brought to those of today. */
  readonly followRules: boolean
  /** Evidence that waits for settlement is settled at once. */
  readonly idle: boolean
}

export interface RebuiltCounters {
  readonly target: string
  /** `202611`; empty where the target has no months. */
  readonly month: string
  readonly differing_rows: number
  readonly remaining_rows: number
}

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

export interface RebuiltLedger {
  readonly counters: readonly RebuiltCounters[]
  readonly settlement: RebuiltSettlement
}

interface Look {
  readonly source: LedgerSource
  readonly policy: PostingPolicy
  readonly clock: Clock
}

const questionOf = async (
  { source, policy, clock }: Look,
  { followRules, idle }: RebuildQuestion,
): Promise<TraceQuestion & { readonly policy: PostingPolicy }> => ({
  policy: { ...policy, ...(await readLedgerTables(source.client, source.database, policy)) },
  nowMs: clock.now(),
  waitMsMax: idle ? 0 : SETTLEMENT_WAIT_MS_MAX,
  followRules,
})

interface Differing {
  readonly trace: StoredTrace
  readonly differences: RebuiltSettlement['differences']
}

const differingTraces = async (
  look: Look,
  question: RebuildQuestion,
  onBatch: (differing: readonly Differing[]) => Promise<void>,
): Promise<number> => {
  let traces = 0
  for await (const { window, traces: batch } of traceBatches(look.source, question.range)) {
    const asked = await questionOf(look, question)
    const differing: Differing[] = []
    for await (const trace of storedTraces(look.source, batch)) {
      if (!beginsIn(trace, question.range, window)) continue
      traces += 1
      const { listed } = traceStateOf(trace, asked)
      if (listed.length > 0) differing.push({ trace, differences: listed.map(({ finding }) => finding) })
    }
    if (differing.length > 0) await onBatch(differing)
  }
  return traces
}

/** What a rebuild would change. Reads only. */
export const planRebuild = async (look: Look, question: RebuildQuestion): Promise<RebuiltLedger> => {
  const counters: RebuiltCounters[] = []
  for await (const { feed, month, differing } of differingMonths(look.source, question.range)) {
    counters.push({ target: feed.target, month, differing_rows: differing, remaining_rows: differing })
  }
  const tally = new SettlementTally()
  const asked = await questionOf(look, question)
  const traces = await differingTraces(look, question, async (differing) => {
    tally.found(differing)
    tally.posted(
      reviseTraces(
        differing.map(({ trace }) => trace),
        asked.policy,
        NEVER_POSTED,
      ),
    )
  })
  return { counters, settlement: tally.result(traces, tally.differing) }
}

const NEVER_POSTED = { postedAtMs: 0, walId: '', unit: 0n }

type Planned = ReturnType<typeof reviseTraces>

class SettlementTally {
  differing = 0
  readonly #differences: RebuiltSettlement['differences'][number][] = []
  readonly #counts = { charges: 0, reversals: 0, refusals: 0, releases: 0 }

  found(differing: readonly Differing[]): void {
    this.differing += differing.length
    const room = limits.verifyFindingsListedMax - this.#differences.length
    for (const { what, where } of differing.flatMap(({ differences }) => differences).slice(0, room)) {
      this.#differences.push({ what, where })
    }
  }

  posted({ calls, quarantine }: Planned): void {
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

/** Posts what brings some traces to their evidence; answers what was posted. They are read again while nobody else writes. */
export const postRevision = async (
  keeper: LedgerKeeper,
  traces: readonly TraceId[],
  policy: PostingPolicy,
): Promise<Planned> =>
  keeper.exclusively(async (poster) => {
    const stored: StoredTrace[] = []
    for await (const trace of storedTraces(keeper.source, traces)) stored.push(trace)
    const planned = reviseTraces(stored, policy, poster.nextPosting())
    await poster.post(planned)
    return planned
  })

/** Repairs. Run again, it does nothing; killed at any point, the next run does the rest. */
export const rebuildLedger = async (
  keeper: LedgerKeeper,
  question: RebuildQuestion,
  onProgress: (line: string) => void,
): Promise<RebuiltLedger> => {
  const { source } = keeper
  const counters: RebuiltCounters[] = []
  await keeper.exclusively(() => dropShadows(source))
  // Looking needs nobody to wait; what is found is looked at again while nothing is inserted.
  for await (const month of differingMonths(source, question.range)) {
    const name = `${month.feed.target}${month.month === '' ? '' : ` ${month.month}`}`
    const rebuilt = await keeper.exclusively(() => rebuildMonth(source, month))
    if (rebuilt === undefined) continue
    onProgress(`summed ${name} again`)
    counters.push({
      target: rebuilt.target,
      month: rebuilt.month,
      differing_rows: rebuilt.differing,
      remaining_rows: rebuilt.remaining,
    })
  }
  return { counters, settlement: await rebuildSettlement(keeper, question, onProgress) }
}

const rebuildSettlement = async (
  keeper: LedgerKeeper,
  question: RebuildQuestion,
  onProgress: (line: string) => void,
): Promise<RebuiltSettlement> => {
  const tally = new SettlementTally()
  let remaining = 0
  const traces = await differingTraces(keeper, question, async (differing) => {
    tally.found(differing)
    const ids = differing.map(({ trace }) => trace)
    const asked = await questionOf(keeper, question)
    tally.posted(await postRevision(keeper, ids, asked.policy))
    for await (const trace of storedTraces(keeper.source, ids)) {
      if (traceStateOf(trace, asked).listed.length > 0) remaining += 1
    }
    onProgress(`settled ${differing.length} trace(s) again`)
  })
  return tally.result(traces, remaining)
}
