/**
 * A stored trace request (protobuf) → evidence, one entry per accepted span in the order of the request. Hand-written:
 * generated decoders fail a whole request for one invalid UTF-8 byte and lose 64-bit precision. Unknown fields are
 * skipped; a malformed wire format throws `WireError`.
 */
import { assert, limits } from '@outlay/core'
import type { Attributes, AttributeValue, SpanEvidence } from '@outlay/semconv'
import { AttributeDecoder } from './attribute-decoder.ts'
import { RejectionCount, type RejectionReason, SpanIds } from './span-ids.ts'
import { REQUEST, RESOURCE, RESOURCE_SPANS, SCOPE, SCOPE_SPANS, SPAN, STATUS } from './trace-fields.ts'
import { WireReader } from './wire-reader.ts'

export interface DecodeContext {
  /** Who vouches for the spans: part of every trace key. */
  readonly authority: string
  /** The collector's clock when the request arrived. */
  readonly receivedUnixNano: bigint
}

export interface DecodedRequest {
  readonly spans: readonly SpanEvidence[]
  readonly rejected: number
  readonly rejections: ReadonlyMap<RejectionReason, number>
  /** Every span lacks ids: these are probably logs. */
  readonly looksLikeLogs: boolean
  /** Strings in which invalid UTF-8 was replaced. */
  readonly invalidUtf8: number
  /** Attribute values left out for their nesting or the length of their JSON text. */
  readonly omittedValues: number
}

interface Range {
  readonly start: number
  readonly end: number
}

interface Scope {
  readonly name: string
  readonly version: string
}

const NO_SCOPE: Scope = { name: '', version: '' }
const KIND_MAX = 5
const STATUS_CODE_MAX = 2

/** What the spans of one scope have in common. */
interface Surroundings extends Scope {
  readonly resource: Attributes
}

/**
 * The accepted spans of a stored request: where each lies, so that they can be decoded one by one, and again. Throws
 * `WireError` where the wire format is broken, which the receive path has ruled out.
 */
export class RequestSpans {
  readonly rejections = new RejectionCount()
  readonly #context: DecodeContext
  readonly #ids = new SpanIds()
  #reader: WireReader
  #attributes: AttributeDecoder
  /** By span. */
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #surroundings: Surroundings[] = []

  constructor(body: Buffer, context: DecodeContext) {
    this.#context = context
    this.#reader = new WireReader(body)
    this.#attributes = new AttributeDecoder(this.#reader)
    const whole = { start: 0, end: body.length }
    for (const range of this.#ranges(whole, [REQUEST.resourceSpans]).get(REQUEST.resourceSpans) ?? []) {
      this.#resourceSpans(range)
    }
  }

  get length(): number {
    return this.#starts.length
  }

  get body(): Buffer {
    return this.#reader.bytes
  }

  /** Of what was decoded so far. */
  get invalidUtf8(): number {
    return this.#attributes.invalidUtf8
  }

  /** Of what was decoded so far. */
  get omittedValues(): number {
    return this.#attributes.omittedValues
  }

  /** The same bytes lie elsewhere from now on. */
  moveTo(body: Buffer): void {
    this.#reader = new WireReader(body)
    this.#attributes = new AttributeDecoder(this.#reader)
  }

  /** In the order of the request, from 0. */
  span(index: number): SpanEvidence {
    const surroundings = this.#surroundings[index]
    assert(surroundings !== undefined, 'a request has the span that is asked of it')
    const reader = this.#reader
    const [start = 0, end = 0] = [this.#starts[index], this.#ends[index]]
    const { bytes } = reader
    reader.pos = start
    const ids = this.#ids
    ids.clear()
    const fields = this.#spanFields(end)
    return {
      authority: this.#context.authority,
      traceId: ids.traceId(bytes),
      spanId: ids.spanId(bytes),
      parentSpanId: ids.parentSpanId(bytes),
      name: fields.name,
      kind: fields.kind,
      statusCode: fields.statusCode,
      startUnixNano: fields.startUnixNano,
      endUnixNano: fields.endUnixNano,
      receivedUnixNano: this.#context.receivedUnixNano,
      scopeName: surroundings.name,
      scopeVersion: surroundings.version,
      resource: surroundings.resource,
      attributes: fields.attributes,
    }
  }

  /** Fields may come in any order, so the resource is read before the spans wherever it stands. */
  #resourceSpans(range: Range): void {
    const found = this.#ranges(range, [RESOURCE_SPANS.resource, RESOURCE_SPANS.scopeSpans])
    const resource: Record<string, AttributeValue> = {}
    for (const part of found.get(RESOURCE_SPANS.resource) ?? []) this.#attributesOf(part, RESOURCE.attributes, resource)
    for (const part of found.get(RESOURCE_SPANS.scopeSpans) ?? []) this.#scopeSpans(part, resource)
  }

  #scopeSpans(range: Range, resource: Attributes): void {
    const found = this.#ranges(range, [SCOPE_SPANS.scope, SCOPE_SPANS.spans])
    let scope = NO_SCOPE
    for (const part of found.get(SCOPE_SPANS.scope) ?? []) scope = this.#scope(part, scope)
    const surroundings = { ...scope, resource }
    for (const part of found.get(SCOPE_SPANS.spans) ?? []) this.#place(part, surroundings)
  }

  #scope(range: Range, before: Scope): Scope {
    const found = this.#ranges(range, [SCOPE.name, SCOPE.version])
    const name = found.get(SCOPE.name)?.at(-1)
    const version = found.get(SCOPE.version)?.at(-1)
    return {
      name: name === undefined ? before.name : this.#attributes.text(name.start, name.end),
      version: version === undefined ? before.version : this.#attributes.text(version.start, version.end),
    }
  }

  #place({ start, end }: Range, surroundings: Surroundings): void {
    const reader = this.#reader
    reader.pos = start
    this.#ids.read(reader, end)
    const full = this.length >= limits.spansPerRequestMax
    const reason = full ? 'too_many_spans' : this.#ids.rejection(reader.bytes)
    if (reason !== undefined) {
      this.rejections.add(reason)
      return
    }
    this.#starts.push(start)
    this.#ends.push(end)
    this.#surroundings.push(surroundings)
  }

  #spanFields(end: number): SpanFields {
    const reader = this.#reader
    const fields = newSpanFields()
    while (reader.pos < end) {
      const tag = reader.tag(end)
      switch (tag) {
        case SPAN.attributes: {
          const stop = reader.payloadEnd(end)
          this.#attributes.attribute(stop, fields.attributes)
          reader.pos = stop
          break
        }
        case SPAN.name: {
          const stop = reader.payloadEnd(end)
          fields.name = this.#attributes.text(reader.pos, stop)
          reader.pos = stop
          break
        }
        case SPAN.traceId:
        case SPAN.spanId:
        case SPAN.parentSpanId: {
          const stop = reader.payloadEnd(end)
          this.#ids.note(tag, reader.pos, stop)
          reader.pos = stop
          break
        }
        case SPAN.kind:
          fields.kind = enumOf(reader.varint(end), KIND_MAX)
          break
        case SPAN.startTime:
          fields.startUnixNano = this.#fixed64(tag, end)
          break
        case SPAN.endTime:
          fields.endUnixNano = this.#fixed64(tag, end)
          break
        case SPAN.status: {
          const stop = reader.payloadEnd(end)
          fields.statusCode = this.#statusCode(stop, fields.statusCode)
          reader.pos = stop
          break
        }
        default:
          reader.skip(tag, end)
      }
    }
    return fields
  }

  #fixed64(tag: number, end: number): bigint {
    const start = this.#reader.pos
    this.#reader.skip(tag, end)
    return this.#reader.bytes.readBigUInt64LE(start)
  }

  #statusCode(end: number, before: number): number {
    const reader = this.#reader
    let code = before
    while (reader.pos < end) {
      const tag = reader.tag(end)
      if (tag === STATUS.code) code = enumOf(reader.varint(end), STATUS_CODE_MAX)
      else reader.skip(tag, end)
    }
    return code
  }

  #attributesOf(range: Range, wanted: number, target: Record<string, AttributeValue>): void {
    for (const part of this.#ranges(range, [wanted]).get(wanted) ?? []) {
      this.#reader.pos = part.start
      this.#attributes.attribute(part.end, target)
    }
  }

  /** Where the wanted length-delimited fields of a message lie. */
  #ranges(within: Range, wanted: readonly number[]): Map<number, Range[]> {
    const reader = this.#reader
    const found = new Map<number, Range[]>(wanted.map((tag) => [tag, []]))
    reader.pos = within.start
    while (reader.pos < within.end) {
      const tag = reader.tag(within.end)
      const ranges = found.get(tag)
      if (ranges === undefined) {
        reader.skip(tag, within.end)
        continue
      }
      const end = reader.payloadEnd(within.end)
      ranges.push({ start: reader.pos, end })
      reader.pos = end
    }
    return found
  }
}

interface SpanFields {
  name: string
  kind: number
  statusCode: number
  startUnixNano: bigint
  endUnixNano: bigint
  readonly attributes: Record<string, AttributeValue>
}

const newSpanFields = (): SpanFields => ({
  name: '',
  kind: 0,
  statusCode: 0,
  startUnixNano: 0n,
  endUnixNano: 0n,
  attributes: {},
})

/** A value this version does not know counts as unspecified. */
const enumOf = (value: number, max: number): number => (value <= max ? value : 0)

/**
 * Decodes a stored request. Throws `WireError` if the wire format is broken, which the receive path has ruled out.
 *
 * ```ts
 * const { spans } = decodeTraceRequest(record.body, { authority: 'local', receivedUnixNano: record.receivedUnixNano })
 * ```
 */
export const decodeTraceRequest = (body: Buffer, context: DecodeContext): DecodedRequest => {
  const request = new RequestSpans(body, context)
  const spans = Array.from({ length: request.length }, (_, index) => request.span(index))
  const { rejections, invalidUtf8, omittedValues } = request
  return {
    spans,
    rejected: rejections.total,
    rejections: rejections.reasons,
    looksLikeLogs: rejections.looksLikeLogs(spans.length),
    invalidUtf8,
    omittedValues,
  }
}
