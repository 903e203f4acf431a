/**
 * Links each span to its nearest known ancestor: the parent; where the parent is missing, the GenAI ancestor that the
 * sender named. A chain that still ends in a missing span has a hole. Linear in the spans; cycles are cut.
 */
import { TEXT } from './key-index.ts'
import { textFact } from './span-facts.ts'
import { bySpanId, type TraceNode } from './trace-node.ts'

type NodesById = ReadonlyMap<string, TraceNode>

/** Sets `parent`, `hole`, `depth` and `top` of nodes in order of their ids; returns them with parents first. */
export const linkAncestors = (byId: readonly TraceNode[]): readonly TraceNode[] => {
  const nodes = byId.length === 1 ? NOBODY : new Map(byId.map((node) => [node.span.spanId, node]))
  for (const node of byId) linkParent(node, nodes)
  measure(byId)
  if (byId.some(isBelowHole) && bridgeHoles(byId, nodes)) measure(byId)
  return byId.length === 1 ? byId : byId.toSorted((a, b) => compareText(a.hole, b.hole) || a.depth - b.depth)
}

const NOBODY: NodesById = new Map()

const isBelowHole = ({ hole }: TraceNode): boolean => hole !== ''

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const namedAncestor = ({ span, facts }: TraceNode, byId: NodesById): TraceNode | undefined => {
  const name = textFact(facts, TEXT.genaiParentId)
  if (name === '') return undefined
  const named = byId.get(name.toLowerCase())
  return named?.span === span ? undefined : named
}

const linkParent = (node: TraceNode, byId: NodesById): void => {
  const { parentSpanId, spanId } = node.span
  const parent = parentSpanId === '' || parentSpanId === spanId ? undefined : byId.get(parentSpanId)
  node.parent = parent ?? namedAncestor(node, byId)
  node.hole = node.parent === undefined && parentSpanId !== spanId ? parentSpanId : ''
}

/** Depth, hole and top of every node. Iterative: chains may be long. */
const measure = (nodes: readonly TraceNode[]): void => {
  for (const node of nodes) node.top = node.walkedFrom = undefined
  for (const start of nodes) {
    let node: TraceNode | undefined = start
    while (node !== undefined && node.top === undefined && node.walkedFrom !== start) {
      node.walkedFrom = start
      node = node.parent
    }
    // Back on its own way.
    if (node !== undefined && node.top === undefined) cutCycle(node)
    settle(start)
  }
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

const settle = (start: TraceNode): void => {
  const chain: TraceNode[] = []
  for (let node: TraceNode | undefined = start; node !== undefined && node.top === undefined; node = node.parent) {
    chain.push(node)
  }
  for (const next of chain.reverse()) {
    const { parent } = next
    next.depth = parent === undefined ? 0 : parent.depth + 1
    if (parent !== undefined) next.hole = parent.hole
    next.top = parent === undefined ? next : parent.top
  }
}

/**
 * A span below a hole may name a GenAI ancestor outside its own chain: that ancestor lies above the hole, for every
 * span below it. True if anything was linked.
 */
const bridgeHoles = (nodes: readonly TraceNode[], byId: NodesById): boolean => {
  const above = new Map<TraceNode, TraceNode>()
  /** The top above all bridges so far, with the way to it shortened. */
  const finalTop = (node: TraceNode): TraceNode => {
    const start = node.top ?? node
    let top = start
    for (let next = above.get(top); next !== undefined; next = above.get(top)) top = next
    if (top !== start) above.set(start, top)
    return top
  }
  let linked = false
  for (const node of nodes) {
    const { top } = node
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
