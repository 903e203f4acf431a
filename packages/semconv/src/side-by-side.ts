/**
 * Records of one call that two emitters left side by side (spec: counters §10, two instrumentations on one call). An
 * emitter that does not make its span current is no ancestor of what the SDK emits below it; some leave the response id
 * out, and one that adds up the events of a stream differs in a count. Records of one emitter are never joined.
 */
import { TEXT } from './key-index.ts'
import { providerOf } from './read-span-usage.ts'
import { textFact } from './span-facts.ts'
import { bySpanId, hasUsage, isLeafNode, type TraceNode } from './trace-node.ts'

/** The record that closes a stream is written just after the span of the call has ended. */
const APART_NANOS_MAX = 1_000_000_000n

/** Records of one call so far. */
interface Cluster {
  readonly nodes: TraceNode[]
  readonly startNano: bigint
  readonly endNano: bigint
  readonly responseId: string
  /** Empty = nobody named one. */
  readonly vendor: string
  readonly models: readonly string[]
  readonly isCounted: boolean
}

/**
 * What shows that records are of one call. `place`: nothing but where and when, for records that count nothing: at most
 * one record of a group counts something.
 */
type Evidence = 'response_id' | 'totals' | 'place'

/**
 * Groups of two and more records of one call: made inside one span, by different emitters, at one time, for one vendor,
 * with one response id and input, or, where an id is missing, with the same totals. A record without a vendor belongs to
 * any whose model it names. Linear but for sorting.
 */
export const recordsSideBySide = (
  leaves: readonly TraceNode[],
  sites: ReadonlyMap<TraceNode, string>,
  evidence: Evidence,
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
    .flatMap((group) => joinEmitters(group, evidence))
    .map(({ nodes }) => nodes)
    .filter((nodes) => nodes.length > 1)
}

/**
 * The span in which each record was made: the nearest ancestor that is no model call, since of two emitters the one may
 * stand below the span of a third, and that its emitter did not make itself, since an emitter that makes no span current
 * keeps a tree of its own. `inOrder`: parents before children.
 */
export const sitesOf = (inOrder: readonly TraceNode[]): Map<TraceNode, string> => {
  const sites = new Map<TraceNode, string>()
  for (const node of inOrder) {
    const { parent } = node
    const above = parent === undefined ? `hole ${node.hole}` : parent.span.spanId
    const isPassed = parent !== undefined && (isLeafNode(parent) || parent.span.scopeName === node.span.scopeName)
    sites.set(node, isPassed ? (sites.get(parent) ?? above) : above)
  }
  return sites
}

/** An id alone proves nothing, since some local servers reuse short ones: the input must agree as well. */
const keyOf = (node: TraceNode, sites: ReadonlyMap<TraceNode, string>, evidence: Evidence): string => {
  const site = sites.get(node)
  if (evidence === 'place') return JSON.stringify([site])
  const { inputTotal, outputTotal } = node.usage
  const second = evidence === 'totals' ? outputTotal : responseIdOf(node)
  return inputTotal === 0 || second === '' ? '' : JSON.stringify([site, inputTotal, second])
}

const responseIdOf = ({ facts }: TraceNode): string => textFact(facts, TEXT.responseId)

/** Emitters name the endpoints of one vendor differently: `gcp.gemini`, `gcp.gen_ai`, `gcp.vertex_ai`. */
const vendorOf = ({ facts }: TraceNode): string => providerOf(facts).split('.')[0] ?? ''

const VERSION_DATE = /[-@]\d{4}-?\d{2}-?\d{2}$/

/** Without what one emitter writes and another leaves out: the path of a router, the date of a version. */
const modelsOf = ({ facts }: TraceNode): string[] =>
  [textFact(facts, TEXT.responseModel), textFact(facts, TEXT.requestModel)]
    .filter((model) => model !== '')
    .map((model) => model.slice(model.lastIndexOf('/') + 1).replace(VERSION_DATE, ''))

const clusterOf = (node: TraceNode): Cluster => ({
  nodes: [node],
  startNano: node.span.startUnixNano,
  endNano: node.span.endUnixNano,
  responseId: responseIdOf(node),
  vendor: vendorOf(node),
  models: modelsOf(node),
  isCounted: hasUsage(node),
})

const joined = (cluster: Cluster, record: Cluster): Cluster => ({
  nodes: [...cluster.nodes, ...record.nodes],
  startNano: cluster.startNano,
  endNano: cluster.endNano > record.endNano ? cluster.endNano : record.endNano,
  responseId: cluster.responseId || record.responseId,
  vendor: cluster.vendor || record.vendor,
  models: [...cluster.models, ...record.models],
  isCounted: cluster.isCounted || record.isCounted,
})

const compareNano = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

const byStart = (a: Cluster, b: Cluster): number =>
  compareNano(a.startNano, b.startNano) || bySpanId(a.nodes[0] as TraceNode, b.nodes[0] as TraceNode)

/** One emitter after the other joins what is there, call by call in order of time. */
const joinEmitters = (group: readonly TraceNode[], evidence: Evidence): readonly Cluster[] => {
  const byScope = Map.groupBy(group, ({ span }) => span.scopeName)
  let clusters: readonly Cluster[] = []
  for (const scope of [...byScope.keys()].toSorted()) {
    clusters = joinOne(clusters, (byScope.get(scope) ?? []).map(clusterOf).toSorted(byStart), evidence)
  }
  return clusters
}

/** Both lists are ordered by start. What finds no partner stays alone. */
const joinOne = (clusters: readonly Cluster[], records: readonly Cluster[], evidence: Evidence): readonly Cluster[] => {
  const result: Cluster[] = []
  let at = 0
  for (const record of records) {
    let next = clusters[at]
    while (
      next !== undefined &&
      next.startNano <= record.endNano + APART_NANOS_MAX &&
      !isSameCall(next, record, evidence)
    ) {
      result.push(next)
      at += 1
      next = clusters[at]
    }
    if (next === undefined || next.startNano > record.endNano + APART_NANOS_MAX) {
      result.push(record)
      continue
    }
    result.push(joined(next, record))
    at += 1
  }
  return [...result, ...clusters.slice(at)].toSorted(byStart)
}

const isSameCall = (cluster: Cluster, record: Cluster, evidence: Evidence): boolean =>
  isAtOneTime(cluster, record, evidence === 'place' ? 0n : APART_NANOS_MAX) &&
  (cluster.responseId === '' || record.responseId === '' || cluster.responseId === record.responseId) &&
  (evidence !== 'place' || !(cluster.isCounted && record.isCounted)) &&
  isSameVendor(cluster, record, evidence)

const isAtOneTime = (cluster: Cluster, record: Cluster, apartNanos: bigint): boolean =>
  record.startNano <= cluster.endNano + apartNanos && cluster.startNano <= record.endNano + apartNanos

/** Without a vendor on both sides, or without counts, the model must be the same. */
const isSameVendor = (cluster: Cluster, record: Cluster, evidence: Evidence): boolean => {
  const isKnown = cluster.vendor !== '' && record.vendor !== ''
  if (isKnown && cluster.vendor !== record.vendor) return false
  return (isKnown && evidence !== 'place') || record.models.some((model) => cluster.models.includes(model))
}
