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
import type { Clock } from '@outlay/core'
import type { PlannedEntries } from '#src/ledger/plan-entries.ts'
import type { PostingPolicy } from '#src/ledger/settled-row.ts'
import type { TraceId } from '#src/ledger/trace-queue.ts'
import type { StoredTrace } from '#src/ledger/trace-record.ts'
import { SETTLEMENT_WAIT_MS_MAX, type TraceQuestion, traceStateOf } from '#src/verify/trace-state.ts'
import { beginsIn, storedTraces } from '#src/verify/verify-settlement.ts'
import type { LedgerKeeper } from './ledger-keeper.ts'
import { type DifferingTrace, type RebuiltSettlement, SettlementTally } from './rebuilt-settlement.ts'
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

export interface RebuiltLedger {
  readonly counters: readonly RebuiltCounters[]
  readonly settlement: RebuiltSettlement
}

interface Look {
  readonly source: LedgerSource
  readonly policy: PostingPolicy
  readonly clock: Clock
  /** Ends it between two steps, each of which is whole. */
  readonly signal: AbortSignal
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

const differingTraces = async (
  look: Look,
  question: RebuildQuestion,
  onBatch: (differing: readonly DifferingTrace[]) => Promise<void>,
): Promise<number> => {
  let traces = 0
  for await (const { window, traces: batch } of traceBatches(look.source, question.range)) {
    look.signal.throwIfAborted()
    const asked = await questionOf(look, question)
    const differing: DifferingTrace[] = []
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
    look.signal.throwIfAborted()
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

/** Posts what brings some traces to their evidence; answers what was posted. They are read again while nobody else writes. */
export const postRevision = async (
  keeper: LedgerKeeper,
  traces: readonly TraceId[],
  policy: PostingPolicy,
): Promise<PlannedEntries> =>
  keeper.exclusively(async (poster) => {
    const stored: StoredTrace[] = []
    for await (const trace of storedTraces(keeper.source, traces)) stored.push(trace)
    const unit = poster.begin()
    const planned = reviseTraces(stored, policy, unit.posting)
    await poster.postAll(unit, planned)
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
    keeper.signal.throwIfAborted()
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
