/**
 * What is known of traces that are to be evaluated: from memory where the database has exactly the same rows of a trace
 * and no entry of it yet, read back otherwise. Whatever the memory may lack (rows of an earlier run or of another
 * collector, rows that were refused) shows in the comparison, so that it can never change a ledger, only spare a read.
 */
import type { EvidenceLoan } from './evidence-memory.ts'
import { readIndexedTraces } from './read-back.ts'
import { RememberedTrace } from './remembered-trace.ts'
import { type IndexedTrace, type LedgerSource, readTraceIndexes, sumOfPlaces } from './trace-index.ts'
import { type TraceId, traceKeyOf } from './trace-queue.ts'
import type { StoredTrace } from './trace-record.ts'

interface Memory {
  /** Of the log that all remembered evidence comes from. */
  readonly walId: string
  readonly recall: EvidenceLoan['recall']
}

export const gatherTraces = async (
  source: LedgerSource,
  traces: readonly TraceId[],
  { walId, recall }: Memory,
): Promise<readonly StoredTrace[]> => {
  const indexed = await readTraceIndexes(source, traces, walId)
  const known = new Map<string, StoredTrace>()
  for (const { authority, traceId } of traces) {
    const key = traceKeyOf({ authority, traceId })
    const evidence = recall({ authority, traceId })
    if (evidence === undefined) continue
    const trace = new RememberedTrace({ authority, traceId }, evidence)
    if (isAllOf(trace, indexed.get(key))) known.set(key, trace)
  }
  const others = traces.filter((trace) => !known.has(traceKeyOf(trace)))
  for (const trace of await readIndexedTraces(source, others, indexed)) known.set(traceKeyOf(trace), trace)
  return traces.flatMap((trace) => known.get(traceKeyOf(trace)) ?? [])
}

/** The database has the same rows of it, nothing else, and no entry. */
const isAllOf = ({ places }: RememberedTrace, stored: IndexedTrace | undefined): boolean =>
  stored !== undefined &&
  stored.foreignRows + stored.entries === 0 &&
  stored.rows === places.length &&
  stored.places === sumOfPlaces(places)
