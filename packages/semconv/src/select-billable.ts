/**
 * Which spans of a trace are billed (spec: counters §10). After selection no billed span is an ancestor of another, and
 * every span with usage is billed, covered, a duplicate, or listed. Linear in the spans.
 */
import { dropDuplicates, dropSideBySide, refineNestedLeaves, withoutRecordsBeside } from './refine-leaves.ts'
import { hasUsage, isLeafNode, leafIdOf, type TraceNode } from './trace-node.ts'

/** `inOrder`: parents before children, grouped by the hole above them. Sets `billed` and the marks around it. */
export const selectBillable = (inOrder: readonly TraceNode[]): void => {
  const upwards = inOrder.toReversed()
  billInnermostLeaves(upwards)
  dropSideBySide(inOrder)
  sumCalls(upwards)
  refineNestedLeaves(inOrder, upwards)
  billWhatNoLeafCovers(inOrder)
  if (inOrder.length > 1)
    dropDuplicates(inOrder.filter(({ billed }) => billed === 'leaf' || billed === 'unknown_no_leaf'))
  markSurroundings(inOrder, upwards)
  listCallsWithoutUsage(inOrder, upwards)
}

/** §10 a. Their number travels upwards. */
const billInnermostLeaves = (upwards: readonly TraceNode[]): void => {
  for (const node of upwards) {
    const isInnermost = isLeafNode(node) && hasUsage(node) && node.inner.count === 0
    if (isInnermost) node.billed = 'leaf'
    if (node.parent !== undefined) node.parent.inner.count += isInnermost ? 1 : node.inner.count
  }
}

/** Sums over what is billed travel upwards, each call once. */
const sumCalls = (upwards: readonly TraceNode[]): void => {
  for (const node of upwards) {
    const { inner, parent, usage } = node
    const isCall = node.billed !== undefined
    const calls = isCall ? 1 : inner.calls
    if (parent === undefined || calls === 0) continue
    parent.inner.calls += calls
    parent.inner.inputTotal += isCall ? usage.inputTotal : inner.inputTotal
    parent.inner.outputTotal += isCall ? usage.outputTotal : inner.outputTotal
    parent.inner.sole = parent.inner.calls === 1 ? (isCall ? node : inner.sole) : undefined
  }
}

/**
 * Holes with something below them that is billed in its own right. An aggregate that does not hang below the same hole
 * could be an ancestor of it: promoting the aggregate could bill a run twice.
 */
const holesAboveCalls = (inOrder: readonly TraceNode[]): ReadonlySet<string> => {
  const holes = new Set<string>()
  for (const node of inOrder) {
    const isCall = covers(node) || (node.role === 'unknown' && hasUsage(node) && node.inner.count === 0)
    if (isCall && node.hole !== '') holes.add(node.hole)
  }
  return holes
}

/** §10 d and e, topmost first. Trees without a hole come first in the order, so they win over trees below a hole. */
const billWhatNoLeafCovers = (inOrder: readonly TraceNode[]): void => {
  let holes: ReadonlySet<string> | undefined
  let promotedBelow: string | undefined
  for (const node of inOrder) {
    const { parent } = node
    node.billedAbove = parent !== undefined && (covers(parent) || parent.billedAbove)
    if (covers(node) || node.billedAbove || node.inner.count > 0 || !hasUsage(node)) continue
    if (node.role === 'unknown') node.billed = 'unknown_no_leaf'
    if (node.role !== 'aggregate' || node.rule.neverPromote) continue
    holes ??= holesAboveCalls(inOrder)
    const mayStandAboveCall = holes.size > (holes.has(node.hole) ? 1 : 0)
    const mayBeNested = promotedBelow !== undefined && promotedBelow !== node.hole
    if (mayStandAboveCall || mayBeNested) {
      node.flags.push('broken_ancestry')
      continue
    }
    node.billed = 'promoted_aggregate'
    promotedBelow = node.hole
  }
}

/** A dropped duplicate covers what is around it just as the record that is billed in its place. */
const covers = (node: TraceNode): boolean => node.billed !== undefined || node.duplicateOf !== undefined

const markSurroundings = (inOrder: readonly TraceNode[], upwards: readonly TraceNode[]): void => {
  for (const node of inOrder) {
    const { parent } = node
    node.billedAbove = parent !== undefined && (covers(parent) || parent.billedAbove)
  }
  for (const node of upwards) {
    const { parent } = node
    if (parent !== undefined) parent.billedBelow ||= node.billedBelow || covers(node)
  }
}

/**
 * A model call that reported nothing is a call all the same: the innermost of nested ones, unless usage covers it or
 * another record of the same attempt is there already.
 */
const listCallsWithoutUsage = (inOrder: readonly TraceNode[], upwards: readonly TraceNode[]): void => {
  const absent: TraceNode[] = []
  for (const node of upwards) {
    const isAbsent = isLeafNode(node) && !hasUsage(node)
    if (isAbsent && !node.absentBelow && !node.billedAbove && !node.billedBelow) absent.push(node)
    if (node.parent !== undefined) node.parent.absentBelow ||= isAbsent || node.absentBelow
  }
  if (absent.length === 0) return
  const byLeafId = billedByLeafId(inOrder)
  for (const node of withoutRecordsBeside(absent, inOrder)) listOnce(node, byLeafId)
}

const billedByLeafId = (nodes: readonly TraceNode[]): Map<string, TraceNode> => {
  const billed = nodes.filter((node) => node.billed !== undefined && leafIdOf(node) !== '')
  return new Map(billed.map((node) => [leafIdOf(node), node]))
}

const listOnce = (node: TraceNode, byLeafId: Map<string, TraceNode>): void => {
  const leafId = leafIdOf(node)
  const other = leafId === '' ? undefined : byLeafId.get(leafId)
  if (other !== undefined) {
    node.duplicateOf = other
    other.donors.push(node)
    return
  }
  node.billed = 'leaf'
  if (leafId !== '') byLeafId.set(leafId, node)
}
