/**
 * The proof of settlement: every trace with evidence of a time is read back and derived again, batch by batch in order of
 * receipt, and must give the net ledger that it has. Reads only.
 */
import {
  type CheckResult,
  confirmLook,
  type LedgerSource,
  type Look,
  mergeLooks,
  type Patience,
  readLedgerTables,
  type TimeRange,
  type TraceBatch,
  traceBatches,
} from '@outlay/clickhouse'
import { type Clock, limits } from '@outlay/core'
import type { BookTables } from '@outlay/pricing'
import { readStoredTraces } from '#src/ledger/read-back.ts'
import type { PostingPolicy } from '#src/ledger/settled-row.ts'
import type { TraceId } from '#src/ledger/trace-queue.ts'
import type { StoredTrace } from '#src/ledger/trace-record.ts'
import { SETTLEMENT_WAIT_MS_MAX, type TraceQuestion, traceStateOf } from './trace-state.ts'

export interface SettlementQuestion {
  readonly range: TimeRange
  readonly patience: Patience
  /** The packaged tables; edges and splits of the database take their place. */
  readonly tables: BookTables
  readonly require?: PostingPolicy['require']
  readonly clock: Clock
  /** Told after each batch, with the traces that were derived so far. */
  readonly onProgress: (traces: number) => void
}

const TOO_LARGE = '396'

const isTooLarge = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === TOO_LARGE

/** Reads traces; halves the batch where their evidence is more than one answer may hold. */
export async function* storedTraces(source: LedgerSource, traces: readonly TraceId[]): AsyncGenerator<StoredTrace> {
  try {
    yield* await readStoredTraces(source, traces)
  } catch (error) {
    if (!isTooLarge(error) || traces.length < 2) throw error
    const half = Math.ceil(traces.length / 2)
    yield* storedTraces(source, traces.slice(0, half))
    yield* storedTraces(source, traces.slice(half))
  }
}

/** A trace that lies in several windows is looked at in the first of them. */
export const beginsIn = ({ places }: StoredTrace, range: TimeRange, window: TimeRange): boolean => {
  const from = BigInt(range.from) * NANOS_PER_SECOND
  const first = places.reduce(
    (least, { receivedUnixNano: received }) => (received >= from && received < least ? received : least),
    2n ** 63n - 1n,
  )
  return first >= BigInt(window.from) * NANOS_PER_SECOND && first < BigInt(window.to) * NANOS_PER_SECOND
}

const NANOS_PER_SECOND = 1_000_000_000n

/** Counts, with the first findings and their traces. */
const lookAtBatch = async (
  source: LedgerSource,
  { window, traces }: TraceBatch,
  range: TimeRange,
  question: TraceQuestion,
): Promise<Look & { readonly suspects: readonly TraceId[] }> => {
  const looks: Look[] = []
  const suspects: TraceId[] = []
  for await (const trace of storedTraces(source, traces)) {
    if (!beginsIn(trace, range, window)) continue
    const { excuse, listed } = traceStateOf(trace, question)
    const { places, ledger } = trace
    looks.push({
      checked: {
        traces: 1,
        spans: places.length,
        entries: ledger.calls.length + ledger.quarantine.length,
        ...(excuse === undefined ? {} : { [excuse]: 1 }),
      },
      found: listed.length,
      listed: [],
    })
    if (listed.length > 0) suspects.push(trace)
  }
  return { ...mergeLooks(looks), suspects }
}

export const verifySettlement = async (
  source: LedgerSource,
  { range, patience, tables, require, clock, onProgress }: SettlementQuestion,
): Promise<CheckResult> => {
  const { client, database } = source
  const questionOf = async (): Promise<TraceQuestion> => ({
    policy: { ...(await readLedgerTables(client, database, tables)), ...(require === undefined ? {} : { require }) },
    nowMs: clock.now(),
    waitMsMax: patience.looksAfterMs.length === 0 ? 0 : SETTLEMENT_WAIT_MS_MAX,
  })
  let total: Look = { checked: { traces: 0 }, found: 0, listed: [] }
  const suspects: TraceId[] = []
  for await (const batch of traceBatches(source, range)) {
    patience.signal.throwIfAborted()
    const look = await lookAtBatch(source, batch, range, await questionOf())
    total = mergeLooks([total, look])
    suspects.push(...look.suspects.slice(0, limits.verifyFindingsListedMax - suspects.length))
    onProgress(total.checked['traces'] ?? 0)
  }
  // Only what was found is looked at again, and told in full.
  const again = async (): Promise<Look> => {
    const question = await questionOf()
    const looks: Look[] = []
    for await (const trace of storedTraces(source, suspects)) {
      const { listed } = traceStateOf(trace, question)
      looks.push({ checked: {}, found: listed.length, listed })
    }
    return mergeLooks(looks)
  }
  const confirmed = suspects.length === 0 ? undefined : await confirmLook('settlement', again, patience)
  const unlisted = suspects.length < limits.verifyFindingsListedMax ? 0 : total.found - limits.verifyFindingsListedMax
  return {
    check: 'settlement',
    checked: total.checked,
    found: confirmed === undefined || confirmed.found === 0 ? 0 : confirmed.found + Math.max(0, unlisted),
    findings: confirmed?.findings ?? [],
  }
}
