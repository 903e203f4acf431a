/** What a price depends on, as reported (spec: counters §6). Only provider names are folded to semconv's. */
import { PROVIDER_KEYS, RESPONSE_MODEL_KEYS } from './alias-chains.ts'
import { ANTHROPIC, OPENAI, OUTLAY, STANDARD } from './attribute-names.ts'
import { firstText, isTrue, textOf } from './attribute-values.ts'
import type { PriceSelectors } from './evidence.ts'
import { foldProvider, inferProvider } from './providers.ts'
import { isLeafNode, type TraceNode } from './trace-node.ts'

/** As served before as requested. */
export const RESPONSE_TIER_KEYS: readonly string[] = [
  OPENAI.RESPONSE_SERVICE_TIER,
  'gen_ai.openai.response.service_tier',
  ANTHROPIC.RESPONSE_SERVICE_TIER,
]
export const REQUEST_TIER_KEYS: readonly string[] = [OPENAI.REQUEST_SERVICE_TIER, 'gen_ai.openai.request.service_tier']

const BATCH_TIER = 'batch'

const ownSelectors = (node: TraceNode): PriceSelectors => {
  const { attributes } = node.span
  const { raw } = node.original
  const requestModel = firstText(attributes, node.rule.requestModelKeys)
  const responseModel = firstText(attributes, RESPONSE_MODEL_KEYS)
  const host = textOf(attributes[STANDARD.SERVER_ADDRESS])
  const reported = firstText(attributes, PROVIDER_KEYS)
  const folded = foldProvider(reported)
  const serviceTier =
    firstText(attributes, RESPONSE_TIER_KEYS) || (raw?.serviceTier ?? '') || firstText(attributes, REQUEST_TIER_KEYS)
  return {
    // A framework's name hides who bills.
    provider: folded === '' && reported !== '' ? inferProvider(responseModel || requestModel, host) : folded,
    host,
    requestModel,
    responseModel,
    serviceTier,
    batch: isTrue(attributes[OUTLAY.BATCH]) || serviceTier.toLowerCase() === BATCH_TIER,
    speed: textOf(attributes[ANTHROPIC.RESPONSE_SPEED]) || (raw?.speed ?? ''),
    apiType: textOf(attributes[OPENAI.API_TYPE]),
    region:
      textOf(attributes[OUTLAY.REGION]) || textOf(attributes[ANTHROPIC.RESPONSE_INFERENCE_GEO]) || (raw?.region ?? ''),
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

/** The first text that a record of the call carries under one of `keys`. */
export const recordedText = (records: readonly TraceNode[], keys: readonly string[]): string => {
  for (const { span } of records) {
    const text = firstText(span.attributes, keys)
    if (text !== '') return text
  }
  return ''
}
