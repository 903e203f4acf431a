/**
 * Settles calls in the quarantine again by the rules, tables and requirements of today. A trace whose refusals stay is left
 * as it is; where one goes, the whole trace is brought to what its evidence says. Run twice, it posts nothing the second time.
 */
import { type QuarantineRow, readLedgerTables, refusedTraces } from '@outlay/clickhouse'
import { limits } from '@outlay/core'
import { openRows, type PlannedEntries } from '#src/ledger/plan-entries.ts'
import type { TraceId } from '#src/ledger/trace-queue.ts'
import type { StoredTrace } from '#src/ledger/trace-record.ts'
import { storedTraces } from '#src/verify/verify-settlement.ts'
import type { LedgerKeeper } from './ledger-keeper.ts'
import { reviseTraces } from './revise-trace.ts'

export interface ReplayedQuarantine {
  readonly traces: number
  readonly released: number
  readonly charged: number
  /** Calls that stay refused, by the reason and what they lack. */
  readonly still_refused: Readonly<Record<string, number>>
}

export const replayQuarantine = async (
  keeper: LedgerKeeper,
  onProgress: (line: string) => void,
): Promise<ReplayedQuarantine> => {
  const totals = { traces: 0, released: 0, charged: 0 }
  const refused = new Map<string, number>()
  let after: TraceId | undefined
  for (;;) {
    keeper.signal.throwIfAborted()
    const page = await refusedTraces(keeper.source, after, limits.settlementTracesPerUnitMax)
    after = page.at(-1)
    if (after === undefined) break
    const { planned, stays } = await settlePage(keeper, page)
    totals.traces += page.length
    totals.released += releasedOf(planned)
    totals.charged += planned.calls.filter(({ sign }) => sign > 0).length
    for (const why of stays) refused.set(why, (refused.get(why) ?? 0) + 1)
    onProgress(`settled ${totals.traces} trace(s) of the quarantine again`)
  }
  return { ...totals, still_refused: Object.fromEntries([...refused].toSorted(([a], [b]) => (a < b ? -1 : 1))) }
}

/** Calls that left the quarantine: one that is refused for another reason today has not. */
const releasedOf = ({ quarantine }: PlannedEntries): number => {
  const refused = new Set(quarantine.filter(({ sign }) => sign > 0).map(placeOf))
  return quarantine.filter((row) => row.sign < 0 && !refused.has(placeOf(row))).length
}

const placeOf = ({ trace_id, span_id, part }: QuarantineRow): string => `${trace_id} ${span_id} ${part}`

interface SettledPage {
  readonly planned: PlannedEntries
  readonly stays: readonly string[]
}

const whyRefused = ({ reason, missing }: QuarantineRow): string =>
  missing.length === 0 ? reason : `${reason}: ${missing.join(', ')}`

const settlePage = (keeper: LedgerKeeper, page: readonly TraceId[]): Promise<SettledPage> =>
  keeper.exclusively(async (poster) => {
    const { source } = keeper
    const policy = { ...keeper.policy, ...(await readLedgerTables(source.client, source.database, keeper.policy)) }
    const unit = poster.begin()
    const moved: StoredTrace[] = []
    const stays: string[] = []
    for await (const trace of storedTraces(source, page)) {
      const { quarantine } = reviseTraces([trace], policy, unit.posting)
      const changed = new Set(quarantine.filter(({ sign }) => sign < 0).map(placeOf))
      if (changed.size > 0) moved.push(trace)
      const open = openRows(trace.ledger.quarantine).filter((row) => !changed.has(placeOf(row)))
      stays.push(...open.map(whyRefused), ...quarantine.filter(({ sign }) => sign > 0).map(whyRefused))
    }
    // One plan for all of them: positions of entries count through their unit.
    const planned = reviseTraces(moved, policy, unit.posting)
    await poster.postAll(unit, planned)
    return { planned, stays }
  })
