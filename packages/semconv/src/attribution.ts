/**
 * Who and what a billed span was for. A missing field comes from the nearest ancestor that has it (spec: counters §4),
 * then from other records of the same call, then from the resource. All ancestors of the trace count, also those of
 * another process: whether a remote hop is trusted is not decided here.
 */
import { parseCount } from './attribute-values.ts'
import { ATTRIBUTION_FIELDS, ATTRIBUTION_SOURCES } from './attribution-sources.ts'
import type { CallAttribution } from './evidence.ts'
import { TEXT } from './key-index.ts'
import { type FieldTexts, fieldsOfResource, NO_FIELDS } from './resource-fields.ts'
import type { TraceNode } from './trace-node.ts'

/** Fields in which the process knows better than a span above; other resource attributes are defaults. */
const FIELDS_OF_PROCESS = ATTRIBUTION_FIELDS.filter(
  (field) => ATTRIBUTION_SOURCES[field].resource === 'before_ancestors',
).map((field) => TEXT[field])

/** Attribution of a node of a trace whose ancestors are linked. */
export const attributionOf = (node: TraceNode): CallAttribution => {
  const texts = resolve(node)
  const text = (place: number): string => texts[place] ?? ''
  const feature = text(TEXT.feature)
  const attempt = parseCount(text(TEXT.attemptText) || undefined)
  return {
    tenant: text(TEXT.tenant),
    user: text(TEXT.user),
    subject: text(TEXT.subjectText) === 'account' ? 'account' : 'user',
    feature,
    route: text(TEXT.route),
    workload: text(TEXT.workload),
    task: text(TEXT.task),
    taskType: text(TEXT.taskType) || feature,
    parentTask: text(TEXT.parentTask),
    session: text(TEXT.session),
    turn: text(TEXT.turn),
    tool: text(TEXT.tool),
    agent: text(TEXT.agent),
    promptVersion: text(TEXT.promptVersion),
    effort: text(TEXT.effort),
    tier: text(TEXT.tier),
    environment: text(TEXT.environment),
    service: text(TEXT.service),
    leaf: text(TEXT.leaf),
    attempt: typeof attempt === 'number' && attempt > 0 ? attempt : 1,
    outcome: text(TEXT.outcome),
  }
}

const resolve = (node: TraceNode): FieldTexts => {
  const texts = inheritedBy(node).slice()
  for (const donor of node.donors) fillMissing(texts, inheritedBy(donor))
  fillMissing(texts, fieldsOfResource(node.span.resource))
  return texts
}

/** Fields of the span and its ancestors; nodes remember them. Iterative: chains may be long. */
const inheritedBy = (start: TraceNode): FieldTexts => {
  const chain: TraceNode[] = []
  let known: TraceNode | undefined = start
  for (; known !== undefined && known.inherited === undefined; known = known.parent) chain.push(known)
  let texts = known?.inherited ?? NO_FIELDS
  for (const next of chain.reverse()) {
    texts = fieldsOf(next, texts)
    next.inherited = texts
  }
  return texts
}

/** What the span says itself, then its process, then those above it. */
const fieldsOf = ({ span, facts }: TraceNode, above: FieldTexts): FieldTexts => {
  const texts = facts.texts.slice(0, NO_FIELDS.length)
  const process = fieldsOfResource(span.resource)
  for (const field of FIELDS_OF_PROCESS) if (texts[field] === '') texts[field] = process[field] ?? ''
  fillMissing(texts, above)
  return texts
}

const fillMissing = (texts: string[], others: FieldTexts): void => {
  if (others === NO_FIELDS) return
  for (let field = 0; field < texts.length; field += 1) {
    if (texts[field] === '') texts[field] = others[field] ?? ''
  }
}
