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

type FieldOrders = { [field in AttributionField]?: number }

interface IndexedSource {
  readonly field: AttributionField
  readonly source: AttributionSource
  /** Position among the sources of the field; lower wins. */
  readonly order: number
}

/** Key → the fields that it may fill: one pass over a span's attributes finds them all. */
type SourceIndex = ReadonlyMap<string, readonly IndexedSource[]>

const buildSourceIndex = (extra: AttributionKeys): SourceIndex => {
  const index = new Map<string, IndexedSource[]>()
  for (const field of ATTRIBUTION_FIELDS) {
    const further = extra[field === 'subjectText' ? 'subject' : field === 'attemptText' ? 'attempt' : field] ?? []
    const sources = [...ATTRIBUTION_SOURCES[field].sources, ...further.map((key) => ({ key }))]
    for (const [order, source] of sources.entries()) {
      index.set(source.key, [...(index.get(source.key) ?? []), { field, source, order }])
    }
  }
  return index
}

const NO_EXTRA: AttributionKeys = {}
const indexes = new WeakMap<AttributionKeys, SourceIndex>()

/** Built once per map. */
const sourceIndexOf = (extra: AttributionKeys = NO_EXTRA): SourceIndex => {
  const known = indexes.get(extra)
  if (known !== undefined) return known
  const index = buildSourceIndex(extra)
  indexes.set(extra, index)
  return index
}

/** Resolves attribution of the nodes of one trace; remembers what ancestors said. */
export class AttributionResolver {
  readonly #sources: SourceIndex
  readonly #inherited = new Map<TraceNode, FieldTexts>()

  constructor(extra?: AttributionKeys) {
    this.#sources = sourceIndexOf(extra)
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
    const orders: FieldOrders = {}
    for (const key of Object.keys(span.attributes)) {
      for (const candidate of this.#sources.get(key) ?? []) {
        const { field, order } = candidate
        if ((orders[field] ?? Number.POSITIVE_INFINITY) < order) continue
        const text = textFrom(span.attributes, key, candidate.source)
        if (text === '') continue
        texts[field] = text
        orders[field] = order
      }
    }
    for (const field of FIELDS_OF_PROCESS) {
      const text = texts[field] ?? firstText(span.resource, ATTRIBUTION_SOURCES[field].resourceKeys)
      if (text !== '') texts[field] = text
    }
    return texts
  }
}

const FIELDS_OF_PROCESS = ATTRIBUTION_FIELDS.filter(
  (field) => ATTRIBUTION_SOURCES[field].resource === 'before_ancestors',
)

const textFrom = (attributes: Attributes, key: string, { when, word }: AttributionSource): string => {
  if (when !== undefined && textOf(attributes[when[0]]) !== when[1]) return ''
  const text = textOf(attributes[key])
  return word === undefined ? text : (text.split(' ')[word - 1] ?? '')
}
