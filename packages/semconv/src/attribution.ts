/**
 * Who and what a billed span was for. A missing field comes from the nearest ancestor that has it (spec: counters §4),
 * then from other records of the same call, then from the resource. All ancestors of the trace count, also those of
 * another process: whether a remote hop is trusted is not decided here.
 */
import { firstText, parseCount, textOf } from './attribute-values.ts'
import {
  ATTRIBUTION_FIELDS,
  ATTRIBUTION_SOURCES,
  type AttributionField,
  type AttributionSource,
} from './attribution-sources.ts'
import type { Attributes, CallAttribution } from './evidence.ts'
import type { TraceNode } from './trace-node.ts'

type FieldTexts = { [field in AttributionField]?: string }

/** Further span keys per field, after ours: the operator's map. */
export type AttributionKeys = { readonly [field in keyof CallAttribution]?: readonly string[] }

/** Resolves attribution of the nodes of one trace; remembers what ancestors said. */
export class AttributionResolver {
  readonly #extra: AttributionKeys
  readonly #inherited = new Map<TraceNode, FieldTexts>()

  constructor(extra: AttributionKeys = {}) {
    this.#extra = extra
  }

  attributionOf(node: TraceNode): CallAttribution {
    const donors = [node, ...node.donors].map((donor) => this.#inheritedBy(donor))
    const text = (field: AttributionField): string => {
      for (const donor of donors) {
        const found = donor[field]
        if (found !== undefined) return found
      }
      return firstText(node.span.resource, ATTRIBUTION_SOURCES[field].resourceKeys)
    }
    const feature = text('feature')
    const attempt = parseCount(text('attemptText') || undefined)
    return {
      tenant: text('tenant'),
      user: text('user'),
      subject: text('subjectText') === 'account' ? 'account' : 'user',
      feature,
      route: text('route'),
      workload: text('workload'),
      task: text('task'),
      taskType: text('taskType') || feature,
      parentTask: text('parentTask'),
      session: text('session'),
      turn: text('turn'),
      tool: text('tool'),
      agent: text('agent'),
      promptVersion: text('promptVersion'),
      effort: text('effort'),
      tier: text('tier'),
      environment: text('environment'),
      service: text('service'),
      leaf: text('leaf'),
      attempt: typeof attempt === 'number' && attempt > 0 ? attempt : 1,
      outcome: text('outcome'),
    }
  }

  /** Fields of the span and its ancestors. Iterative: chains may be long. */
  #inheritedBy(start: TraceNode): FieldTexts {
    const chain: TraceNode[] = []
    let node: TraceNode | undefined = start
    while (node !== undefined && !this.#inherited.has(node)) {
      chain.push(node)
      node = node.parent
    }
    let texts = node === undefined ? {} : (this.#inherited.get(node) ?? {})
    for (const next of chain.toReversed()) {
      texts = { ...texts, ...this.#ownTexts(next) }
      this.#inherited.set(next, texts)
    }
    return texts
  }

  #ownTexts({ span }: TraceNode): FieldTexts {
    const texts: FieldTexts = {}
    for (const field of ATTRIBUTION_FIELDS) {
      const { sources, resource, resourceKeys } = ATTRIBUTION_SOURCES[field]
      const text =
        firstSource(span.attributes, sources) ||
        firstText(span.attributes, this.#extraKeys(field)) ||
        (resource === 'before_ancestors' ? firstText(span.resource, resourceKeys) : '')
      if (text !== '') texts[field] = text
    }
    return texts
  }

  #extraKeys(field: AttributionField): readonly string[] {
    if (field === 'subjectText') return this.#extra.subject ?? []
    return this.#extra[field === 'attemptText' ? 'attempt' : field] ?? []
  }
}

const firstSource = (attributes: Attributes, sources: readonly AttributionSource[]): string => {
  for (const { key, when, word } of sources) {
    const value = attributes[key]
    if (value === undefined || (when !== undefined && textOf(attributes[when[0]]) !== when[1])) continue
    const text = word === undefined ? textOf(value) : (textOf(value).split(' ')[word - 1] ?? '')
    if (text !== '') return text
  }
  return ''
}
