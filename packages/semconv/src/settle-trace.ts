/**
 * Spans of one trace → the calls that belong on the ledger. A pure function of the set of spans and the rules: order,
 * duplicates and splits of delivery do not matter (spec: counters §1.5, §11).
 */
import { assert } from '@outlay/core'
import { parseCount } from './attribute-values.ts'
import { attributionOf } from './attribution.ts'
import type { AttributionKeys } from './attribution-sources.ts'
import { chooseVersions } from './choose-version.ts'
import { classifySpan } from './classify-span.ts'
import { listedDescriber } from './describe-listed.ts'
import type { DialectRule } from './dialect-rule.ts'
import type {
  CallAttribution,
  CallControl,
  LayerTokens,
  ListedDisposition,
  ListedSpan,
  ListedSubject,
  PriceSelectors,
  SettledCall,
  SpanEvidence,
  TraceSettlement,
} from './evidence.ts'
import { orderedFlags } from './flags.ts'
import { isGenAiSpan } from './genai-span.ts'
import { TEXT } from './key-index.ts'
import { linkAncestors } from './link-ancestors.ts'
import { type RuleMatcher, ruleMatcherOf } from './match-rule.ts'
import { recordedText, recordsOf, selectorsOf } from './price-selectors.ts'
import { readSpanUsage, type UsagePart, type UsageReading } from './read-span-usage.ts'
import { type ReportedCost, readReportedCost } from './reported-cost.ts'
import { selectBillable } from './select-billable.ts'
import { bySpanId, hasUsage, isLeafNode, type TraceNode } from './trace-node.ts'

export interface SettleOptions {
  /**
   * For people: `listed` says what each span is about and which call accounts for it, and holds every span with an
   * attribute of a GenAI namespace. Ledgers do not need it.
   */
  readonly describeListed?: boolean
  /** Replaces the built-in dialect table. Compiled once per array: pass the same one every time. */
  readonly rules?: readonly DialectRule[]
  readonly overrides?: {
    /** The operator's map: further span keys per attribution field, after ours. */
    readonly attributionKeys?: AttributionKeys
  }
}

/**
 * Settles one trace. `spans` are the stored candidates of one (authority, trace id), in any order, repeated or not.
 * `calls` holds every model call, sorted by span id and part: billable ones, `conflict` rows with no meters, and calls
 * whose usage is `absent`. `listed` holds the other spans with usage or a GenAI role, and why they are not billed.
 */
export const settleTrace = (spans: readonly SpanEvidence[], options: SettleOptions = {}): TraceSettlement => {
  const [first] = spans
  if (first === undefined) return { calls: [], listed: [] }
  for (const span of spans) {
    assert(span.traceId === first.traceId && span.authority === first.authority, 'settleTrace got spans of two traces')
  }
  const matcher = ruleMatcherOf(options.rules, options.overrides?.attributionKeys)
  const chosen = spans.length === 1 ? spans : chooseVersions(spans, matcher)
  const byId = chosen.map((span) => nodeOf(span, matcher)).sort(bySpanId)
  const inOrder = linkAncestors(byId)
  selectBillable(inOrder)
  const describe = options.describeListed === true ? listedDescriber(inOrder) : undefined
  const calls: SettledCall[] = []
  const listed: ListedSpan[] = []
  for (const node of byId) {
    if (node.billed !== undefined) addCalls(calls, node, attributionOf(node))
    else if (isListed(node, describe !== undefined)) listed.push(listingOf(node, describe))
  }
  return { calls, listed }
}

const nodeOf = (span: SpanEvidence, matcher: RuleMatcher): TraceNode => {
  const ruled = matcher.match(span)
  const role = classifySpan(span, ruled)
  const original = readSpanUsage(span.attributes, ruled, role)
  return {
    span,
    rule: ruled.rule,
    facts: ruled.facts,
    inherited: undefined,
    role,
    original,
    usage: original.main,
    parts: original.parts,
    parent: undefined,
    hole: '',
    depth: 0,
    top: undefined,
    walkedFrom: undefined,
    inner: { count: 0, calls: 0, inputTotal: 0, outputTotal: 0, sole: undefined },
    billed: undefined,
    duplicateOf: undefined,
    billedAbove: false,
    billedBelow: false,
    absentBelow: false,
    flags: [],
    donors: [],
  }
}

/** What all rows of one span share. */
interface CallContext {
  readonly node: TraceNode
  readonly selectors: PriceSelectors
  readonly attribution: CallAttribution
  readonly control: CallControl
  readonly responseId: string
}

const addCalls = (calls: SettledCall[], node: TraceNode, attribution: CallAttribution): void => {
  const records = recordsOf(node)
  const context = {
    node,
    selectors: selectorsOf(node, records),
    attribution,
    control: controlOf(records),
    responseId: recordedText(records, TEXT.responseId),
  }
  calls.push(callOf(context, 'main', node.usage, { layers: layersOf(records), cost: readReportedCost(node) }))
  if (node.parts.length === 0) return
  const parts = node.parts.map((part) => partCallOf(context, part))
  calls.push(...parts.sort((a, b) => (a.key.part < b.key.part ? -1 : 1)))
}

const NO_LAYERS: LayerTokens = { prompt: 0, tool: 0, memory: 0 }

/** A part repeats the call's selectors, except that it may be of another model. */
const partCallOf = (context: CallContext, { part, model, usage }: UsagePart): SettledCall => {
  const selectors =
    model === '' ? context.selectors : { ...context.selectors, requestModel: model, responseModel: model }
  return callOf({ ...context, selectors }, part, usage, { layers: NO_LAYERS, cost: { usd: '', source: '' } })
}

const callOf = (
  { node, selectors, attribution, control, responseId }: CallContext,
  part: string,
  usage: UsageReading,
  { layers, cost }: { readonly layers: LayerTokens; readonly cost: ReportedCost },
): SettledCall => {
  const { span, rule } = node
  return {
    key: { authority: span.authority, traceId: span.traceId, spanId: span.spanId, part },
    startUnixNano: span.startUnixNano,
    endUnixNano: span.endUnixNano,
    receivedUnixNano: span.receivedUnixNano,
    usageStatus: usage.status,
    cacheSplit: usage.cacheSplit,
    inclusion: usage.inclusion,
    billableReason: node.billed ?? 'leaf',
    flags: orderedFlags(
      usage.flags,
      span.endUnixNano < span.startUnixNano ? [...node.flags, 'end_before_start'] : node.flags,
    ),
    ruleId: rule.ruleId,
    scopeName: span.scopeName,
    scopeVersion: span.scopeVersion,
    meters: usage.meters,
    inputTotal: usage.inputTotal,
    outputTotal: usage.outputTotal,
    selectors,
    attribution,
    layers,
    control,
    responseId,
    reportedCostUsd: cost.usd,
    reportedCostSource: cost.source,
  }
}

const layersOf = (records: readonly TraceNode[]): LayerTokens => {
  const count = (place: number): number => {
    const tokens = parseCount(recordedText(records, place) || undefined)
    return typeof tokens === 'number' ? tokens : 0
  }
  return {
    prompt: count(TEXT.promptTokens),
    tool: count(TEXT.toolTokens),
    memory: count(TEXT.memoryTokens),
  }
}

const controlOf = (records: readonly TraceNode[]): CallControl => ({
  intendedModel: recordedText(records, TEXT.intendedModel),
  overagePattern: recordedText(records, TEXT.overagePattern),
  overageAction: recordedText(records, TEXT.overageAction),
})

const dispositionOf = (node: TraceNode): ListedDisposition => {
  if (node.duplicateOf !== undefined) return 'duplicate'
  if (node.role === 'tool' || node.role === 'inert') return 'not_billable'
  if (node.billedAbove || node.billedBelow) return 'covered'
  if (hasUsage(node)) return 'unbilled_aggregate'
  // A leaf without usage around another one that is listed as the call.
  return isLeafNode(node) ? 'covered' : 'not_billable'
}

/** People are also shown what carries nothing but a GenAI attribute. */
const isListed = (node: TraceNode, forPeople: boolean): boolean =>
  node.role !== 'unknown' || hasUsage(node) || (forPeople && isGenAiSpan(node.span))

const listingOf = (node: TraceNode, describe: ((node: TraceNode) => ListedSubject) | undefined): ListedSpan => {
  const { span, usage } = node
  return {
    spanId: span.spanId,
    disposition: dispositionOf(node),
    ruleId: node.rule.ruleId,
    scopeName: span.scopeName,
    scopeVersion: span.scopeVersion,
    usageStatus: usage.status,
    cacheSplit: usage.cacheSplit,
    inclusion: usage.inclusion,
    flags: orderedFlags(
      usage.flags,
      span.endUnixNano < span.startUnixNano ? [...node.flags, 'end_before_start'] : node.flags,
    ),
    meters: usage.meters,
    inputTotal: usage.inputTotal,
    outputTotal: usage.outputTotal,
    ...(describe === undefined ? {} : { about: describe(node) }),
  }
}
