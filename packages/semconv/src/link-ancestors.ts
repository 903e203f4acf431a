/**
 * Links each span to its nearest known ancestor: the parent; where the parent is missing, the GenAI ancestor that the
 * sender named. A chain that still ends in a missing span has a hole. Linear in the spans; cycles are cut.
 */
import { OUTLAY } from './attribute-names.ts'
import { textOf } from './attribute-values.ts'
import { bySpanId, type TraceNode } from './trace-node.ts'

type NodesById = ReadonlyMap<string, TraceNode>

/** Sets `parent`, `hole` and `depth` of every node, and returns the nodes by (hole, depth, id): parents come first. */
export const linkAncestors = (nodes: readonly TraceNode[]): TraceNode[] => {
  const byId: NodesById = new Map(nodes.map((node) => [node.span.spanId, node]))
  for (const node of nodes) linkParent(node, byId)
  const inOrder = nodes.length === 1 ? nodes : nodes.toSorted(bySpanId)
  const tops = measure(inOrder)
  if (bridgeHoles(inOrder, tops, byId)) measure(inOrder)
  return inOrder.toSorted((a, b) => compareText(a.hole, b.hole) || a.depth - b.depth)
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const namedAncestor = ({ span }: TraceNode, byId: NodesById): TraceNode | undefined => {
  const named = byId.get(textOf(span.attributes[OUTLAY.GENAI_PARENT_ID]).toLowerCase())
  return named?.span === span ? undefined : named
}

const linkParent = (node: TraceNode, byId: NodesById): void => {
  const { parentSpanId, spanId } = node.span
  const parent = parentSpanId === '' || parentSpanId === spanId ? undefined : byId.get(parentSpanId)
  node.parent = parent ?? namedAncestor(node, byId)
  node.hole = node.parent === undefined && parentSpanId !== spanId ? parentSpanId : ''
}

/** Depth and hole of every node from its top; returns the top of each node. Iterative: chains may be long. */
const measure = (nodes: readonly TraceNode[]): Map<TraceNode, TraceNode> => {
  const tops = new Map<TraceNode, TraceNode>()
  for (const start of nodes) {
    if (tops.has(start)) continue
    const onPath = new Set<TraceNode>()
    let node: TraceNode | undefined = start
    while (node !== undefined && !tops.has(node) && !onPath.has(node)) {
      onPath.add(node)
      node = node.parent
    }
    if (node !== undefined && onPath.has(node)) cutCycle(node)
    settle(start, tops)
  }
  return tops
}

/**
 * Cuts where a span names its own descendant as its ancestor, since real parents say more; else at the smallest span id.
 * Whatever span the walk began with.
 */
const cutCycle = (member: TraceNode): void => {
  let cut = member
  for (let node = member.parent; node !== undefined && node !== member; node = node.parent) {
    const order = Number(isNamedLink(cut)) - Number(isNamedLink(node)) || bySpanId(node, cut)
    if (order < 0) cut = node
  }
  cut.hole = cut.parent?.span.spanId ?? ''
  cut.parent = undefined
}

const isNamedLink = ({ span, parent }: TraceNode): boolean => parent?.span.spanId !== span.parentSpanId

const settle = (start: TraceNode, tops: Map<TraceNode, TraceNode>): void => {
  const chain: TraceNode[] = []
  let node: TraceNode | undefined = start
  while (node !== undefined && !tops.has(node)) {
    chain.push(node)
    node = node.parent
  }
  for (const next of chain.reverse()) {
    const { parent } = next
    next.depth = parent === undefined ? 0 : parent.depth + 1
    if (parent !== undefined) next.hole = parent.hole
    tops.set(next, parent === undefined ? next : (tops.get(parent) ?? parent))
  }
}

/**
 * A span below a hole may name a GenAI ancestor outside its own chain: that ancestor lies above the hole, for every
 * span below it. True if anything was linked.
 */
const bridgeHoles = (
  nodes: readonly TraceNode[],
  tops: ReadonlyMap<TraceNode, TraceNode>,
  byId: NodesById,
): boolean => {
  const above = new Map<TraceNode, TraceNode>()
  /** The top above all bridges so far, with the way to it shortened. */
  const finalTop = (node: TraceNode): TraceNode => {
    const start = tops.get(node) ?? node
    let top = start
    for (let next = above.get(top); next !== undefined; next = above.get(top)) top = next
    if (top !== start) above.set(start, top)
    return top
  }
  let linked = false
  for (const node of nodes) {
    const top = tops.get(node)
    if (top === undefined || top.hole === '') continue
    const named = namedAncestor(node, byId)
    // An ancestor that hangs below this very hole would close a circle.
    if (named === undefined || finalTop(named) === top) continue
    above.set(top, finalTop(named))
    top.parent = named
    top.hole = ''
    linked = true
  }
  return linked
}
