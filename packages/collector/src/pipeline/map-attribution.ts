/**
 * Attribution under names that a sender chose itself, read as ours. What a span says under our own name goes first, on the
 * span or on its resource; then the operator's names in their order, each on the span before its resource.
 */
import { type AttributeValue, type Attributes, OUTLAY, type SpanEvidence } from '@outlay/semconv'

/** Fields that may be mapped. A user is not among them: raw ids are hashed before the log, by names that are known there. */
export const MAPPED_FIELDS = {
  tenant: OUTLAY.TENANT_ID,
  feature: OUTLAY.FEATURE,
  route: OUTLAY.ROUTE,
  workload: OUTLAY.WORKLOAD,
  task: OUTLAY.TASK_ID,
  task_type: OUTLAY.TASK_TYPE,
  tier: OUTLAY.TIER,
} as const
export type MappedField = keyof typeof MAPPED_FIELDS

/** Names of a sender by field, the first one goes first. */
export type AttributionMap = Readonly<Partial<Record<MappedField, readonly string[]>>>

/** A span as it is where nothing is mapped. */
export type MapAttribution = (span: SpanEvidence) => SpanEvidence

const isGiven = (value: AttributeValue | undefined): value is AttributeValue => value !== undefined && value !== ''

const firstOf = ({ attributes, resource }: SpanEvidence, keys: readonly string[]): AttributeValue | undefined => {
  for (const key of keys) {
    const value = isGiven(attributes[key]) ? attributes[key] : resource[key]
    if (isGiven(value)) return value
  }
  return undefined
}

export const createAttributionMap = (map: AttributionMap): MapAttribution => {
  const fields = Object.entries(map) as readonly (readonly [MappedField, readonly string[]])[]
  return (span) => {
    const found: Record<string, AttributeValue> = {}
    for (const [field, keys] of fields) {
      const own = MAPPED_FIELDS[field]
      if (firstOf(span, [own]) !== undefined) continue
      const value = firstOf(span, keys)
      if (value !== undefined) found[own] = value
    }
    if (Object.keys(found).length === 0) return span
    const attributes: Attributes = { ...span.attributes, ...found }
    return { ...span, attributes }
  }
}
