/** A span as it may leave the process: no prompts, outputs, tool data, messages, stack traces or raw user ids. */
import type { Attributes } from '@opentelemetry/api'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { limits } from '@outlay/core'
import { currentPolicy, hashedUser } from '#src/attribution/policy.ts'
import { isKeptResourceKey, isKeptSpanKey, USAGE_JSON_KEYS, USER_KEYS } from './kept-attributes.ts'
import { isUsageCarrier, usageSubtreeOf } from './usage-subtree.ts'

/** One stripped resource per resource: the wire format groups spans by it. */
const resources = new WeakMap<Resource, Resource>()

const stripResource = (resource: Resource): Resource => {
  const known = resources.get(resource)
  if (known !== undefined) return known
  const kept = Object.entries(resource.attributes).filter(([key]) => isKeptResourceKey(key))
  const stripped = resourceFromAttributes(Object.fromEntries(kept))
  resources.set(resource, stripped)
  return stripped
}

/** A copy; the span itself goes on to other exporters untouched. */
export const stripSpan = (span: ReadableSpan): ReadableSpan => ({
  name: span.name.slice(0, limits.spanNameBytesMax),
  kind: span.kind,
  spanContext: () => span.spanContext(),
  ...(span.parentSpanContext === undefined ? {} : { parentSpanContext: span.parentSpanContext }),
  startTime: span.startTime,
  endTime: span.endTime,
  duration: span.duration,
  ended: span.ended,
  // The message of a status may quote the prompt.
  status: { code: span.status.code },
  attributes: stripAttributes(span.attributes),
  links: span.links.map(({ context }) => ({ context })),
  events: [],
  resource: stripResource(span.resource),
  instrumentationScope: span.instrumentationScope,
  droppedAttributesCount: span.droppedAttributesCount,
  droppedEventsCount: span.droppedEventsCount,
  droppedLinksCount: span.droppedLinksCount,
})

type Kept = string | number | boolean | readonly Scalar[]
type Scalar = string | number | boolean

const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value)

const stripAttributes = (attributes: Attributes): Attributes => {
  const stripped: Attributes = {}
  for (const [key, value] of Object.entries(attributes)) {
    const kept = keptValue(key, value)
    if (kept !== undefined) stripped[key] = kept
  }
  return stripped
}

const keptValue = (key: string, value: unknown): Kept | undefined => {
  if (isUsageCarrier(key)) return typeof value === 'string' ? usageSubtreeOf(key, value) : undefined
  if (!isKeptSpanKey(key)) return undefined
  if (USER_KEYS.has(key)) return keptUser(value)
  const most = USAGE_JSON_KEYS.has(key) ? limits.usageJsonBytesMax : limits.attributeValueBytesMax
  if (isScalar(value)) return typeof value !== 'string' || value.length <= most ? value : undefined
  const list = Array.isArray(value) && value.every(isScalar) ? value : undefined
  return list !== undefined && JSON.stringify(list).length <= most ? list : undefined
}

/** Hashed, or left out: without a key there is no safe form of an id. */
const keptUser = (value: unknown): string | undefined => {
  if (typeof value !== 'string' || value === '') return undefined
  try {
    return hashedUser(value, currentPolicy())
  } catch {
    return undefined
  }
}
