/**
 * Nested and repeated records of one call (spec: counters §10 b, c, h). The innermost span is billed; an outer span of
 * equal totals may lend its finer split, one of other totals only shows that something is off.
 */
import { INPUT_METERS, type Meter, type MeterQuantities, OUTPUT_METERS, UNIT_METERS } from '@outlay/core'
import type { QualityFlag } from './flags.ts'
import { TEXT } from './key-index.ts'
import { providerOf, type UsageReading } from './read-span-usage.ts'
import { recordsSideBySide, sitesOf } from './side-by-side.ts'
import { textFact } from './span-facts.ts'
import { bySpanId, hasUsage, isLeafNode, leafIdOf, type TraceNode } from './trace-node.ts'

/** `inOrder`: parents before children; `upwards`: the other way round. */
export const refineNestedLeaves = (inOrder: readonly TraceNode[], upwards: readonly TraceNode[]): void => {
  const mismatched: TraceNode[] = []
  // Children first, so that of several outer spans the nearest lends first.
  for (const outer of upwards) {
    if (!isLeafNode(outer) || !hasUsage(outer) || outer.billed !== undefined || outer.inner.calls === 0) continue
    const { sole } = outer.inner
    if (!agrees(outer)) mismatched.push(outer)
    else if (sole !== undefined) lendDetail(outer, sole)
  }
  if (mismatched.length > 0) flagMismatches(inOrder, new Set(mismatched))
}

/** Compares only what both sides reported. */
const agrees = ({ usage, inner }: TraceNode): boolean =>
  (!usage.inputReported || usage.inputTotal === inner.inputTotal) &&
  (!usage.outputReported || usage.outputTotal === inner.outputTotal)

const flagMismatches = (inOrder: readonly TraceNode[], mismatched: ReadonlySet<TraceNode>): void => {
  const below = new Set<TraceNode>()
  for (const node of inOrder) {
    if (mismatched.has(node)) node.flags.push('nested_mismatch')
    if (node.parent !== undefined && (mismatched.has(node.parent) || below.has(node.parent))) below.add(node)
    if (below.has(node) && node.billed !== undefined) node.flags.push('nested_mismatch')
  }
}

const pick = (quantities: MeterQuantities, meters: readonly Meter[]): MeterQuantities =>
  Object.fromEntries(meters.flatMap((meter) => (quantities[meter] === undefined ? [] : [[meter, quantities[meter]]])))

const CACHE_METERS = INPUT_METERS.filter((meter) => meter.startsWith('cache_'))

const countOf = (quantities: MeterQuantities, meters: readonly Meter[]): number =>
  meters.reduce((count, meter) => count + (quantities[meter] === undefined ? 0 : 1), 0)

const cachedOf = ({ meters }: UsageReading): number =>
  CACHE_METERS.reduce((sum, meter) => sum + (meters[meter] ?? 0), 0)

/**
 * Positive if `a` splits the input finer than `b`, their totals being equal: known split, then more of it told apart from
 * plain input, then fewer writes of unknown life, then more meters.
 */
const compareInputDetail = (a: UsageReading, b: UsageReading): number =>
  Number(a.cacheSplit === 'reported') - Number(b.cacheSplit === 'reported') ||
  cachedOf(a) - cachedOf(b) ||
  Number((a.meters.cache_write_unknown ?? 0) === 0) - Number((b.meters.cache_write_unknown ?? 0) === 0) ||
  countOf(a.meters, INPUT_METERS) - countOf(b.meters, INPUT_METERS)

/** What was said about the split goes with the split. */
const splitFlagsOf = (mine: UsageReading, theirs: UsageReading): readonly QualityFlag[] => [
  ...mine.flags.filter((flag) => flag !== 'cache_ttl_unknown'),
  ...theirs.flags.filter((flag) => flag === 'cache_ttl_unknown'),
]

const lendDetail = (outer: TraceNode, inner: TraceNode): void => {
  const mine = inner.usage
  const theirs = outer.usage
  if (mine.status === 'conflict' || theirs.status === 'conflict') return
  const input = theirs.inputReported && compareInputDetail(theirs, mine) > 0
  const output = theirs.outputReported && countOf(theirs.meters, OUTPUT_METERS) > countOf(mine.meters, OUTPUT_METERS)
  const units = countOf(mine.meters, UNIT_METERS) === 0 && countOf(theirs.meters, UNIT_METERS) > 0
  const parts = inner.parts.length === 0 && outer.parts.length > 0
  if (!input && !output && !units && !parts) return
  inner.usage = {
    ...mine,
    meters: {
      ...pick((input ? theirs : mine).meters, INPUT_METERS),
      ...pick((output ? theirs : mine).meters, OUTPUT_METERS),
      ...pick((units ? theirs : mine).meters, UNIT_METERS),
    },
    ...(input ? { cacheSplit: theirs.cacheSplit, inclusion: theirs.inclusion, flags: splitFlagsOf(mine, theirs) } : {}),
  }
  if (parts) inner.parts = outer.parts
  inner.flags.push('detail_from_outer')
}

/** Of the records that two emitters left side by side one stays, with the finer counters of both. */
export const dropSideBySide = (inOrder: readonly TraceNode[]): void => {
  const isBilled = ({ billed }: TraceNode): boolean => billed !== undefined
  const leaves = inOrder.filter(isBilled)
  if (new Set(leaves.map(({ span }) => span.scopeName)).size < 2) return
  const sites = sitesOf(inOrder)
  dropWithin(recordsSideBySide(leaves, sites, 'response_id'))
  dropWithin(recordsSideBySide(leaves.filter(isBilled), sites, 'totals'))
}

/**
 * Calls that reported nothing, without those that are another emitter's record of a call that is billed, or of another
 * one of them.
 */
export const withoutRecordsBeside = (
  absent: readonly TraceNode[],
  inOrder: readonly TraceNode[],
): readonly TraceNode[] => {
  const billed = inOrder.filter((node) => node.billed !== undefined && isLeafNode(node))
  if (new Set([...absent, ...billed].map(({ span }) => span.scopeName)).size < 2) return absent
  for (const group of recordsSideBySide([...billed, ...absent], sitesOf(inOrder), 'place')) {
    const [kept, ...others] = group.toSorted((a, b) => Number(hasUsage(b)) - Number(hasUsage(a)) || bySpanId(a, b))
    if (kept === undefined) continue
    for (const other of others) {
      other.duplicateOf = kept
      kept.donors.push(other)
    }
  }
  return absent.filter(({ duplicateOf }) => duplicateOf === undefined)
}

/** One row per call: the same leaf id, or the same provider, response id and totals, in any position. */
export const dropDuplicates = (billed: readonly TraceNode[]): void => {
  if (billed.length < 2) return
  dropWithin(groupBy(billed, leafIdOf))
  const remaining = billed.filter((node) => node.billed !== undefined)
  // Never by response id alone: some local servers reuse short ids.
  for (const answers of groupBy(remaining, responseIdOf)) dropWithin(groupBy(answers, answerKey))
}

const responseIdOf = ({ facts }: TraceNode): string => textFact(facts, TEXT.responseId)

const answerKey = ({ facts, usage }: TraceNode): string =>
  JSON.stringify([providerOf(facts), usage.inputTotal, usage.outputTotal])

const groupBy = (nodes: readonly TraceNode[], keyOf: (node: TraceNode) => string): TraceNode[][] => {
  const groups = new Map<string, TraceNode[]>()
  for (const node of nodes) {
    const key = keyOf(node)
    if (key === '') continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [node])
    else group.push(node)
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

const dropWithin = (groups: readonly TraceNode[][]): void => {
  for (const group of groups) {
    const [winner, ...losers] = group.toSorted((a, b) => -compareDetail(a, b) || bySpanId(a, b))
    if (winner === undefined) continue
    winner.flags.push('duplicate_response')
    for (const loser of losers) {
      loser.billed = undefined
      loser.duplicateOf = winner
      loser.flags.push('duplicate_response')
      winner.donors.push(loser)
      if (haveEqualTotals(loser, winner)) lendDetail(loser, winner)
    }
  }
}

const haveEqualTotals = (a: TraceNode, b: TraceNode): boolean =>
  a.usage.inputTotal === b.usage.inputTotal && a.usage.outputTotal === b.usage.outputTotal

/**
 * Positive if `a` is the more detailed record; of equally detailed ones that differ the lower output, since adding up
 * the cumulative counts of a stream is the usual error.
 */
const compareDetail = (a: TraceNode, b: TraceNode): number =>
  Number(a.usage.status !== 'conflict') - Number(b.usage.status !== 'conflict') ||
  Number(isLeafNode(a)) - Number(isLeafNode(b)) ||
  Number(a.usage.status === 'reported') - Number(b.usage.status === 'reported') ||
  Number(a.usage.inclusion === 'raw') - Number(b.usage.inclusion === 'raw') ||
  compareInputDetail(a.usage, b.usage) ||
  countOf(a.usage.meters, OUTPUT_METERS) - countOf(b.usage.meters, OUTPUT_METERS) ||
  a.parts.length - b.parts.length ||
  b.usage.outputTotal - a.usage.outputTotal
