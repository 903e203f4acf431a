/** What a price depends on, as reported (spec: counters §6). Only provider names are folded to semconv's. */
import { OUTLAY } from './attribute-names.ts'
import { isTrue } from './attribute-values.ts'
import type { PriceSelectors } from './evidence.ts'
import { TEXT, TOPIC } from './key-index.ts'
import { foldProvider, inferProvider } from './providers.ts'
import { speaksOf, textFact } from './span-facts.ts'
import { isLeafNode, type TraceNode } from './trace-node.ts'

const BATCH_TIER = 'batch'

const ownSelectors = ({ span, facts, original: { raw } }: TraceNode): PriceSelectors => {
  const requestModel = textFact(facts, TEXT.requestModel)
  const responseModel = textFact(facts, TEXT.responseModel)
  const host = textFact(facts, TEXT.host)
  const reported = textFact(facts, TEXT.provider)
  const folded = foldProvider(reported)
  const serviceTier =
    textFact(facts, TEXT.responseTier) || (raw?.serviceTier ?? '') || textFact(facts, TEXT.requestTier)
  const isBatch = speaksOf(facts, TOPIC.batch) && isTrue(span.attributes[OUTLAY.BATCH])
  return {
    // A framework's name hides who bills.
    provider: folded === '' && reported !== '' ? inferProvider(responseModel || requestModel, host) : folded,
    host,
    requestModel,
    responseModel,
    serviceTier,
    batch: isBatch || serviceTier.toLowerCase() === BATCH_TIER,
    speed: textFact(facts, TEXT.speed) || (raw?.speed ?? ''),
    apiType: textFact(facts, TEXT.apiType),
    region: textFact(facts, TEXT.region) || (raw?.region ?? ''),
  }
}

const fill = (mine: PriceSelectors, theirs: PriceSelectors): PriceSelectors => ({
  provider: mine.provider || theirs.provider,
  host: mine.host || theirs.host,
  requestModel: mine.requestModel || theirs.requestModel,
  responseModel: mine.responseModel || theirs.responseModel,
  serviceTier: mine.serviceTier || theirs.serviceTier,
  batch: mine.batch || theirs.batch,
  speed: mine.speed || theirs.speed,
  apiType: mine.apiType || theirs.apiType,
  region: mine.region || theirs.region,
})

/** The span, outer leaves around it, nearest first, then other records of the same call. */
export const recordsOf = (node: TraceNode): readonly TraceNode[] => {
  const records = [node]
  for (let outer = node.parent; outer !== undefined; outer = outer.parent) {
    if (isLeafNode(outer)) records.push(outer)
  }
  return node.donors.length === 0 ? records : [...records, ...node.donors]
}

/**
 * Missing selectors come from outer records of the call. A record that names another provider stands for another call
 * (a fallback, a tool that calls a model) and lends nothing.
 */
export const selectorsOf = (node: TraceNode, records: readonly TraceNode[]): PriceSelectors => {
  let selectors = ownSelectors(node)
  for (const record of records) {
    if (record === node) continue
    const theirs = ownSelectors(record)
    const isOtherCall = selectors.provider !== '' && theirs.provider !== '' && selectors.provider !== theirs.provider
    if (!isOtherCall) selectors = fill(selectors, theirs)
  }
  return selectors
}

/** The first text of this place in `TEXT` that a record of the call carries. */
export const recordedText = (records: readonly TraceNode[], place: number): string => {
  for (const { facts } of records) {
    const text = textFact(facts, place)
    if (text !== '') return text
  }
  return ''
}
