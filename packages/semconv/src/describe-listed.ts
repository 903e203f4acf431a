/**
 * What people want to know of spans that are not billed: which call accounts for each, and what the span says about
 * itself. Ingest does not ask. Linear in the spans.
 */
import { attributionOf } from './attribution.ts'
import type { ListedSubject } from './evidence.ts'
import { TEXT } from './key-index.ts'
import { recordedText, recordsOf, selectorsOf } from './price-selectors.ts'
import { readReportedCost } from './reported-cost.ts'
import type { TraceNode } from './trace-node.ts'

interface CallsBelow {
  count: number
  /** The call that all records below stand for; undefined = none. */
  sole: TraceNode | 'several' | undefined
}

/** The call that a record stands for: itself, or the one that it repeats. */
const callOfRecord = (node: TraceNode): TraceNode | undefined => {
  let record: TraceNode | undefined = node
  // A record may repeat one that in its turn repeats another.
  while (record !== undefined && record.billed === undefined) record = record.duplicateOf
  return record
}

const join = (a: CallsBelow['sole'], b: CallsBelow['sole']): CallsBelow['sole'] =>
  a === undefined || a === b ? b : b === undefined ? a : 'several'

/** `inOrder`: parents before children, after selection. The result describes any node of it. */
export const listedDescriber = (inOrder: readonly TraceNode[]): ((node: TraceNode) => ListedSubject) => {
  const above = new Map<TraceNode, TraceNode>()
  const below = new Map<TraceNode, CallsBelow>()
  for (const node of inOrder) {
    const { parent } = node
    const call = parent && (callOfRecord(parent) ?? above.get(parent))
    if (call !== undefined) above.set(node, call)
  }
  for (const node of inOrder.toReversed()) {
    const { parent } = node
    if (parent === undefined) continue
    const mine = below.get(node)
    const theirs = below.get(parent) ?? { count: 0, sole: undefined }
    theirs.count += (mine?.count ?? 0) + (node.billed === undefined ? 0 : 1)
    theirs.sole = join(theirs.sole, join(callOfRecord(node), mine?.sole))
    below.set(parent, theirs)
  }
  return (node) => {
    const records = recordsOf(node)
    const cost = readReportedCost(node)
    const { count, sole } = below.get(node) ?? { count: 0, sole: undefined }
    const call = callOfRecord(node) ?? above.get(node) ?? (sole === 'several' ? undefined : sole)
    const { startUnixNano, endUnixNano, receivedUnixNano } = node.span
    return {
      startUnixNano,
      endUnixNano,
      receivedUnixNano,
      coveredBy: call?.span.spanId ?? '',
      callsBelow: count,
      selectors: selectorsOf(node, records),
      attribution: attributionOf(node),
      responseId: recordedText(records, TEXT.responseId),
      reportedCostUsd: cost.usd,
      reportedCostSource: cost.source,
    }
  }
}
