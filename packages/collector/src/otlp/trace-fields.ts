/**
 * Tags (field number × 8 + wire type) of opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest and all it
 * holds. A known field number with another wire type is an unknown field, as in every protobuf library.
 */
const varintTag = (field: number): number => field * 8
const fixed64Tag = (field: number): number => field * 8 + 1
const bytesTag = (field: number): number => field * 8 + 2
const fixed32Tag = (field: number): number => field * 8 + 5

export const REQUEST = { resourceSpans: bytesTag(1) } as const

export const RESOURCE_SPANS = { resource: bytesTag(1), scopeSpans: bytesTag(2), schemaUrl: bytesTag(3) } as const

export const RESOURCE = { attributes: bytesTag(1), droppedAttributes: varintTag(2), entityRefs: bytesTag(3) } as const

export const ENTITY_REF = {
  schemaUrl: bytesTag(1),
  type: bytesTag(2),
  idKeys: bytesTag(3),
  descriptionKeys: bytesTag(4),
} as const

export const SCOPE_SPANS = { scope: bytesTag(1), spans: bytesTag(2), schemaUrl: bytesTag(3) } as const

export const SCOPE = {
  name: bytesTag(1),
  version: bytesTag(2),
  attributes: bytesTag(3),
  droppedAttributes: varintTag(4),
} as const

export const SPAN = {
  traceId: bytesTag(1),
  spanId: bytesTag(2),
  traceState: bytesTag(3),
  parentSpanId: bytesTag(4),
  name: bytesTag(5),
  kind: varintTag(6),
  startTime: fixed64Tag(7),
  endTime: fixed64Tag(8),
  attributes: bytesTag(9),
  droppedAttributes: varintTag(10),
  events: bytesTag(11),
  droppedEvents: varintTag(12),
  links: bytesTag(13),
  droppedLinks: varintTag(14),
  status: bytesTag(15),
  flags: fixed32Tag(16),
} as const

export const EVENT = {
  time: fixed64Tag(1),
  name: bytesTag(2),
  attributes: bytesTag(3),
  droppedAttributes: varintTag(4),
} as const

export const LINK = {
  traceId: bytesTag(1),
  spanId: bytesTag(2),
  traceState: bytesTag(3),
  attributes: bytesTag(4),
  droppedAttributes: varintTag(5),
  flags: fixed32Tag(6),
} as const

export const STATUS = { message: bytesTag(2), code: varintTag(3) } as const

export const KEY_VALUE = { key: bytesTag(1), value: bytesTag(2) } as const

export const ANY_VALUE = {
  string: bytesTag(1),
  bool: varintTag(2),
  int: varintTag(3),
  double: fixed64Tag(4),
  array: bytesTag(5),
  kvlist: bytesTag(6),
  bytes: bytesTag(7),
} as const

export const ARRAY_VALUE = { values: bytesTag(1) } as const
export const KEY_VALUE_LIST = { values: bytesTag(1) } as const
