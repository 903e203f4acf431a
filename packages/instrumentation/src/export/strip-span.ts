/** A span as it may leave the process: no prompts, outputs, tool data, messages, stack traces or raw user ids. */
import type { Attributes } from '@opentelemetry/api'
import { hrTimeToMilliseconds } from '@opentelemetry/core'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { limits } from '@outlay/core'
import { classifyAttributeKey } from '@outlay/semconv'
import { hashedUser } from '#src/attribution/policy.ts'
import { type EndedSpan, parentOfSpan, type SdkResource, scopeOfSpan } from './sdk-span.ts'
import { usageSubtreeOf } from './usage-subtree.ts'

/** One stripped resource per resource: the wire format groups spans by it. */
const resources = new WeakMap<SdkResource, Resource>()

const stripResource = (resource: SdkResource): Resource => {
  const known = resources.get(resource)
  if (known !== undefined) return known
  const kept = Object.entries(resource.attributes).filter(([key]) => classifyAttributeKey(key) === 'known')
  const stripped = resourceFromAttributes(Object.fromEntries(kept))
  resources.set(resource, stripped)
  return stripped
}

const parentPart = (span: EndedSpan): Pick<ReadableSpan, 'parentSpanContext'> => {
  const parentSpanContext = parentOfSpan(span)
  return parentSpanContext === undefined ? {} : { parentSpanContext }
}

/** A copy, as the SDK of our exporter has spans; the span itself goes on to other exporters untouched. */
export const stripSpan = (span: EndedSpan): ReadableSpan => ({
  name: span.name.slice(0, limits.spanNameBytesMax),
  kind: span.kind,
  spanContext: () => span.spanContext(),
  ...parentPart(span),
  startTime: span.startTime,
  endTime: span.endTime,
  duration: span.duration,
  ended: span.ended,
  // The message of a status may quote the prompt.
  status: { code: span.status.code },
  attributes: stripAttributes(span.attributes, hrTimeToMilliseconds(span.startTime)),
  links: span.links.map(({ context }) => ({ context })),
  events: [],
  resource: stripResource(span.resource),
  instrumentationScope: scopeOfSpan(span) as ReadableSpan['instrumentationScope'],
  droppedAttributesCount: span.droppedAttributesCount,
  droppedEventsCount: span.droppedEventsCount,
  droppedLinksCount: span.droppedLinksCount,
})

type Kept = string | number | boolean | readonly Scalar[]
type Scalar = string | number | boolean

const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value)

const stripAttributes = (attributes: Attributes, startedMs: number): Attributes => {
  const stripped: Attributes = {}
  for (const [key, value] of Object.entries(attributes)) {
    const kept = keptValue(key, value, startedMs)
    if (kept !== undefined) stripped[key] = kept
  }
  return stripped
}

/** What the dialect table does not name stays inside, so that content nobody has heard of yet does not leave. */
const keptValue = (key: string, value: unknown, startedMs: number): Kept | undefined => {
  switch (classifyAttributeKey(key)) {
    case 'known':
      return isShortEnough(value) ? value : undefined
    case 'user_id':
      return keptUser(value, startedMs)
    case 'json_usage_carrier':
      return usageSubtreeOf(key, value)
    case 'carrier':
    case 'unknown':
      return undefined
    default:
      return undefined
  }
}

const isShortEnough = (value: unknown): value is Kept => {
  if (Array.isArray(value))
    return value.every(isScalar) && JSON.stringify(value).length <= limits.attributeValueBytesMax
  return isScalar(value) && (typeof value !== 'string' || value.length <= limits.attributeValueBytesMax)
}

/** Hashed, or left out: without a key there is no safe form of an id. */
const keptUser = (value: unknown, startedMs: number): string | undefined => {
  if (typeof value !== 'string' || value === '') return undefined
  try {
    return hashedUser(value, startedMs).id
  } catch {
    return undefined
  }
}
