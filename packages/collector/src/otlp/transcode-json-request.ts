/**
 * OTLP/JSON trace request → the same request in protobuf, so that everything behind it knows one encoding. Unknown fields
 * and unknown members of a oneof are ignored at every level. A span with an id that is no hex text keeps its place with an
 * id of a wrong length: it is rejected by count later, beside those that came in protobuf.
 */
import { type JsonObject, JsonFieldReader, parseJsonRequest } from './json-fields.ts'
import { ReverseWriter } from './reverse-writer.ts'
import {
  ANY_VALUE,
  ARRAY_VALUE,
  ENTITY_REF,
  EVENT,
  KEY_VALUE,
  KEY_VALUE_LIST,
  LINK,
  REQUEST,
  RESOURCE,
  RESOURCE_SPANS,
  SCOPE,
  SCOPE_SPANS,
  SPAN,
  STATUS,
} from './trace-fields.ts'

const SPAN_KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (name) => `SPAN_KIND_${name}`,
)
const STATUS_CODES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR']

const HEX = /^(?:[0-9a-fA-F]{2})*$/
/** No id has one byte, so it is refused as an id and not mistaken for a missing one. */
const INVALID_ID = Buffer.from([0])

class JsonTranscoder {
  readonly #fields = new JsonFieldReader()
  readonly #writer: ReverseWriter

  constructor(bytesExpected: number) {
    this.#writer = new ReverseWriter(bytesExpected)
  }

  request(root: JsonObject): Buffer {
    this.#messages(root, 'resourceSpans', REQUEST.resourceSpans, (item) => this.#resourceSpans(item))
    return this.#writer.finish()
  }

  #resourceSpans(item: JsonObject): void {
    this.#text(item, 'schemaUrl', RESOURCE_SPANS.schemaUrl)
    this.#messages(item, 'scopeSpans', RESOURCE_SPANS.scopeSpans, (scopeSpans) => this.#scopeSpans(scopeSpans))
    this.#message(item, 'resource', RESOURCE_SPANS.resource, (resource) => {
      this.#messages(resource, 'entityRefs', RESOURCE.entityRefs, (ref) => this.#entityRef(ref))
      this.#uint32(resource, 'droppedAttributesCount', RESOURCE.droppedAttributes)
      this.#attributes(resource, RESOURCE.attributes)
    })
  }

  #entityRef(ref: JsonObject): void {
    this.#texts(ref, 'descriptionKeys', ENTITY_REF.descriptionKeys)
    this.#texts(ref, 'idKeys', ENTITY_REF.idKeys)
    this.#text(ref, 'type', ENTITY_REF.type)
    this.#text(ref, 'schemaUrl', ENTITY_REF.schemaUrl)
  }

  #scopeSpans(item: JsonObject): void {
    this.#text(item, 'schemaUrl', SCOPE_SPANS.schemaUrl)
    this.#messages(item, 'spans', SCOPE_SPANS.spans, (span) => this.#span(span))
    this.#message(item, 'scope', SCOPE_SPANS.scope, (scope) => {
      this.#uint32(scope, 'droppedAttributesCount', SCOPE.droppedAttributes)
      this.#attributes(scope, SCOPE.attributes)
      this.#text(scope, 'version', SCOPE.version)
      this.#text(scope, 'name', SCOPE.name)
    })
  }

  #span(span: JsonObject): void {
    const writer = this.#writer
    const linkIdsFit = { value: true }
    this.#fixed32(span, 'flags', SPAN.flags)
    this.#message(span, 'status', SPAN.status, (status) => {
      this.#enumeration(status, 'code', { tag: STATUS.code, names: STATUS_CODES })
      this.#text(status, 'message', STATUS.message)
    })
    this.#uint32(span, 'droppedLinksCount', SPAN.droppedLinks)
    this.#messages(span, 'links', SPAN.links, (link) => {
      if (!this.#link(link)) linkIdsFit.value = false
    })
    this.#uint32(span, 'droppedEventsCount', SPAN.droppedEvents)
    this.#messages(span, 'events', SPAN.events, (event) => this.#event(event))
    this.#uint32(span, 'droppedAttributesCount', SPAN.droppedAttributes)
    this.#attributes(span, SPAN.attributes)
    writer.fixed64(SPAN.endTime, this.#fields.uint64(span, 'endTimeUnixNano'))
    writer.fixed64(SPAN.startTime, this.#fields.uint64(span, 'startTimeUnixNano'))
    this.#enumeration(span, 'kind', { tag: SPAN.kind, names: SPAN_KINDS })
    this.#text(span, 'name', SPAN.name)
    this.#id(span, 'parentSpanId', SPAN.parentSpanId)
    this.#text(span, 'traceState', SPAN.traceState)
    this.#id(span, 'spanId', SPAN.spanId)
    if (linkIdsFit.value) this.#id(span, 'traceId', SPAN.traceId)
    else writer.bytes(SPAN.traceId, INVALID_ID)
  }

  #event(event: JsonObject): void {
    this.#uint32(event, 'droppedAttributesCount', EVENT.droppedAttributes)
    this.#attributes(event, EVENT.attributes)
    this.#text(event, 'name', EVENT.name)
    this.#writer.fixed64(EVENT.time, this.#fields.uint64(event, 'timeUnixNano'))
  }

  /** False if an id of the link is no hex text: its span cannot be taken as it was meant. */
  #link(link: JsonObject): boolean {
    this.#fixed32(link, 'flags', LINK.flags)
    this.#uint32(link, 'droppedAttributesCount', LINK.droppedAttributes)
    this.#attributes(link, LINK.attributes)
    this.#text(link, 'traceState', LINK.traceState)
    const spanId = this.#id(link, 'spanId', LINK.spanId)
    const traceId = this.#id(link, 'traceId', LINK.traceId)
    return spanId && traceId
  }

  #attributes(owner: JsonObject, tag: number): void {
    this.#messages(owner, 'attributes', tag, (attribute) => this.#keyValue(attribute))
  }

  #keyValue(pair: JsonObject): void {
    this.#message(pair, 'value', KEY_VALUE.value, (value) => this.#anyValue(value))
    this.#text(pair, 'key', KEY_VALUE.key)
  }

  /** Recursion is bounded by the nesting limit of the whole text. */
  #anyValue(value: JsonObject): void {
    const fields = this.#fields
    const members = ANY_VALUE_MEMBERS.filter((name) => fields.own(value, name) !== undefined)
    const name = members[0]
    if (name === undefined) return
    if (members.length > 1) fields.fail('expected one kind of value')
    fields.within(name, () => this.#member(name, fields.own(value, name)))
  }

  #member(name: AnyValueMember, content: unknown): void {
    const writer = this.#writer
    const fields = this.#fields
    switch (name) {
      case 'stringValue':
        writer.text(ANY_VALUE.string, typeof content === 'string' ? content : fields.fail('expected a string'))
        return
      case 'boolValue':
        writer.unsigned(
          ANY_VALUE.bool,
          typeof content === 'boolean' ? Number(content) : fields.fail('expected a boolean'),
        )
        return
      case 'intValue': {
        const value = fields.int64(content)
        if (typeof value === 'bigint') writer.int64(ANY_VALUE.int, value)
        else writer.double(ANY_VALUE.double, value)
        return
      }
      case 'doubleValue':
        writer.double(ANY_VALUE.double, fields.double(content))
        return
      case 'bytesValue':
        writer.bytes(ANY_VALUE.bytes, fields.base64(content))
        return
      case 'arrayValue':
        this.#nested(ANY_VALUE.array, () => {
          this.#messages(fields.object(content), 'values', ARRAY_VALUE.values, (item) => this.#anyValue(item))
        })
        return
      case 'kvlistValue':
        this.#nested(ANY_VALUE.kvlist, () => {
          this.#messages(fields.object(content), 'values', KEY_VALUE_LIST.values, (item) => this.#keyValue(item))
        })
        return
    }
  }

  #nested(tag: number, write: () => void): void {
    const before = this.#writer.size
    write()
    this.#writer.lengthDelimited(tag, before)
  }

  #message(owner: JsonObject, name: string, tag: number, write: (message: JsonObject) => void): void {
    const value = this.#fields.own(owner, name)
    if (value === undefined) return
    this.#fields.within(name, () => this.#nested(tag, () => write(this.#fields.object(value))))
  }

  #messages(owner: JsonObject, name: string, tag: number, write: (message: JsonObject) => void): void {
    this.#fields.eachReversed(owner, name, (message) => this.#nested(tag, () => write(message)))
  }

  #text(owner: JsonObject, name: string, tag: number): void {
    const value = this.#fields.text(owner, name)
    if (value !== '') this.#writer.text(tag, value)
  }

  #texts(owner: JsonObject, name: string, tag: number): void {
    const list = this.#fields.own(owner, name)
    if (!Array.isArray(list)) return
    for (const value of list.toReversed()) if (typeof value === 'string') this.#writer.text(tag, value)
  }

  #uint32(owner: JsonObject, name: string, tag: number): void {
    const value = this.#fields.uint32(owner, name)
    if (value !== 0) this.#writer.unsigned(tag, value)
  }

  #fixed32(owner: JsonObject, name: string, tag: number): void {
    const value = this.#fields.uint32(owner, name)
    if (value !== 0) this.#writer.fixed32(tag, value)
  }

  #enumeration(owner: JsonObject, name: string, { tag, names }: { tag: number; names: readonly string[] }): void {
    const value = this.#fields.enumeration(owner, name, names)
    if (value !== 0) this.#writer.unsigned(tag, value)
  }

  /** Writes an id as bytes. False, and an id of one byte, if it is no hex text. */
  #id(owner: JsonObject, name: string, tag: number): boolean {
    const text = this.#fields.text(owner, name)
    if (text === '') return true
    const valid = HEX.test(text)
    this.#writer.bytes(tag, valid ? Buffer.from(text, 'hex') : INVALID_ID)
    return valid
  }
}

const ANY_VALUE_MEMBERS = [
  'stringValue',
  'boolValue',
  'intValue',
  'doubleValue',
  'bytesValue',
  'arrayValue',
  'kvlistValue',
] as const

type AnyValueMember = (typeof ANY_VALUE_MEMBERS)[number]

/** Throws `JsonRequestError`. */
export const transcodeJsonRequest = (text: string): Buffer => {
  const root = parseJsonRequest(text)
  return new JsonTranscoder(text.length >>> 1).request(root)
}
