/**
 * Records of one call that two emitters left side by side (spec: counters §10, two instrumentations on one call). An
 * emitter that does not make its span current is no ancestor of what the SDK emits below it; some leave the response id
 * out, and one that adds up the events of a stream differs in a count. Records of one emitter are never joined.
 */
import { firstText } from './attribute-values.ts'
import { RESPONSE_ID_KEYS } from './alias-chains.ts'
import { providerOf } from './read-span-usage.ts'
import { bySpanId, isLeafNode, type TraceNode } from './trace-node.ts'

/** The record that closes a stream is written just after the span of the call has ended. */
const APART_NANOS_MAX = 1_000_000_000n

/** Records of one call so far. */
interface Cluster {
  readonly nodes: TraceNode[]
  readonly startNano: bigint
  readonly endNano: bigint
  readonly responseId: string
}

/**
 * Groups of two and more records of one call: made inside one span, by different emitters, at one time, for one vendor,
 * with one response id and input, or, where an id is missing, with the same totals. Linear but for sorting.
 */
export const recordsSideBySide = (
  leaves: readonly TraceNode[],
  sites: ReadonlyMap<TraceNode, string>,
  evidence: 'response_id' | 'totals',
): TraceNode[][] => {
  const groups = new Map<string, TraceNode[]>()
  for (const node of leaves) {
    const key = keyOf(node, sites, evidence)
    if (key === '') continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [node])
    else group.push(node)
  }
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .flatMap(joinEmitters)
    .map(({ nodes }) => nodes)
    .filter((nodes) => nodes.length > 1)
}

/**
 * The span in which each record was made: the nearest ancestor that is no model call, since of two emitters the one may
 * stand below the span of a third. `inOrder`: parents before children.
 */
export const sitesOf = (inOrder: readonly TraceNode[]): Map<TraceNode, string> => {
  const sites = new Map<TraceNode, string>()
  for (const node of inOrder) {
    const { parent } = node
    const above = parent === undefined ? `hole ${node.hole}` : parent.span.spanId
    sites.set(node, parent !== undefined && isLeafNode(parent) ? (sites.get(parent) ?? above) : above)
  }
  return sites
}

/** An id alone proves nothing, since some local servers reuse short ones: the input must agree as well. */
const keyOf = (node: TraceNode, sites: ReadonlyMap<TraceNode, string>, evidence: 'response_id' | 'totals'): string => {
  const { inputTotal, outputTotal } = node.usage
  const second = evidence === 'totals' ? outputTotal : responseIdOf(node)
  if (inputTotal === 0 || second === '') return ''
  // Emitters name the endpoints of one vendor differently: `gcp.gemini`, `gcp.gen_ai`, `gcp.vertex_ai`.
  const [vendor] = providerOf(node.span.attributes, node.rule.requestModelKeys).split('.')
  return JSON.stringify([sites.get(node), vendor, inputTotal, second])
}

const responseIdOf = ({ span }: TraceNode): string => firstText(span.attributes, RESPONSE_ID_KEYS)

const clusterOf = (node: TraceNode): Cluster => ({
  nodes: [node],
  startNano: node.span.startUnixNano,
  endNano: node.span.endUnixNano,
  responseId: responseIdOf(node),
})

const withNode = (cluster: Cluster, node: TraceNode): Cluster => ({
  nodes: [...cluster.nodes, node],
  startNano: cluster.startNano,
  endNano: cluster.endNano > node.span.endUnixNano ? cluster.endNano : node.span.endUnixNano,
  responseId: cluster.responseId || responseIdOf(node),
})

const compareNano = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

const byStart = (a: Cluster, b: Cluster): number =>
  compareNano(a.startNano, b.startNano) || bySpanId(a.nodes[0] as TraceNode, b.nodes[0] as TraceNode)

/** One emitter after the other joins what is there, call by call in order of time. */
const joinEmitters = (group: readonly TraceNode[]): readonly Cluster[] => {
  const byScope = Map.groupBy(group, ({ span }) => span.scopeName)
  let clusters: readonly Cluster[] = []
  for (const scope of [...byScope.keys()].toSorted()) {
    clusters = joinOne(clusters, (byScope.get(scope) ?? []).map(clusterOf).toSorted(byStart))
  }
  return clusters
}

/** Both lists are ordered by start. What finds no partner stays alone. */
const joinOne = (clusters: readonly Cluster[], records: readonly Cluster[]): readonly Cluster[] => {
  const result: Cluster[] = []
  let at = 0
  for (const record of records) {
    let next = clusters[at]
    while (next !== undefined && next.startNano <= record.endNano + APART_NANOS_MAX && !isSameCall(next, record)) {
      result.push(next)
      at += 1
      next = clusters[at]
    }
    if (next === undefined || next.startNano > record.endNano + APART_NANOS_MAX) {
      result.push(record)
      continue
    }
    result.push(withNode(next, record.nodes[0] as TraceNode))
    at += 1
  }
  return [...result, ...clusters.slice(at)].toSorted(byStart)
}

const isSameCall = (cluster: Cluster, record: Cluster): boolean =>
  record.startNano <= cluster.endNano + APART_NANOS_MAX &&
  (cluster.responseId === '' || record.responseId === '' || cluster.responseId === record.responseId)
