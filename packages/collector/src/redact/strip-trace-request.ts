/**
 * The one pass between the wire and the log: counts spans, checks their ids, and takes out content, without decoding.
 *
 * Invariants: what is returned holds only fields this version knows, each under its cap; it always decodes; spans that
 * were rejected are not in it. A request that needs no change is returned as it is, not copied. A malformed request throws
 * `WireError`: there is no way to store a request unstripped.
 */
import { limits } from '@outlay/core'
import { beginsWithIds, RejectionCount, type RejectionReason, SpanIds } from '#src/otlp/span-ids.ts'
import {
  ENTITY_REF,
  EVENT,
  LINK,
  REQUEST,
  RESOURCE,
  RESOURCE_SPANS,
  SCOPE,
  SCOPE_SPANS,
  SPAN,
  STATUS,
} from '#src/otlp/trace-fields.ts'
import { varintBytes, WireReader, writeVarint } from '#src/otlp/wire-reader.ts'
import { isEventCarrier } from './attribute-class.ts'
import { AttributeStripper, type AttributeRules, cutText, lengthPrefixed } from './attribute-stripper.ts'
import { EditList } from './edit-list.ts'
import { type Attributed, type FieldPlace, newAttributed, type SpanPlace } from './request-places.ts'
import { newRedactionCounts, type RedactionClass, type RedactionCounts } from './redaction-counts.ts'

export interface StrippedRequest {
  /** The same buffer as the input if nothing had to change. */
  readonly body: Buffer
  /** Spans that are left: those with valid ids, up to the limit. */
  readonly spanCount: number
  readonly rejected: number
  readonly rejections: ReadonlyMap<RejectionReason, number>
  readonly looksLikeLogs: boolean
  readonly redacted: RedactionCounts
}

export interface StripRules extends AttributeRules {
  readonly keepStatusMessage: boolean
}

/** W3C: a trace state that is longer need not be carried on. */
const TRACE_STATE_BYTES_MAX = 512
/** Scope names and versions, schema addresses, entity types and keys: names, never prose. */
const NAME_BYTES_MAX = 256

export class TraceRequestStripper {
  readonly #rules: StripRules
  readonly #attributes: AttributeStripper
  readonly #ids = new SpanIds()
  #reader = new WireReader(Buffer.alloc(0))
  #edits = new EditList()
  #counts = newRedactionCounts()
  #rejections = new RejectionCount()
  #spanCount = 0

  constructor(rules: StripRules) {
    this.#rules = rules
    this.#attributes = new AttributeStripper(rules)
  }

  strip(body: Buffer): StrippedRequest {
    this.#reader = new WireReader(body)
    this.#edits = new EditList()
    this.#counts = newRedactionCounts()
    this.#rejections = new RejectionCount()
    this.#spanCount = 0
    this.#attributes.attach(this.#reader, this.#edits, this.#counts)
    this.#request(body.length)
    return {
      body: this.#edits.apply(body),
      spanCount: this.#spanCount,
      rejected: this.#rejections.total,
      rejections: this.#rejections.reasons,
      looksLikeLogs: this.#rejections.looksLikeLogs(this.#spanCount),
      redacted: this.#counts,
    }
  }

  #request(end: number): void {
    this.#each(end, (tag, tagStart) => {
      if (tag === REQUEST.resourceSpans) this.#message(end, (stop) => this.#resourceSpans(stop))
      else this.#dropField(tag, { tagStart, end })
    })
  }

  #resourceSpans(end: number): void {
    this.#each(end, (tag, tagStart) => {
      if (tag === RESOURCE_SPANS.resource) this.#message(end, (stop) => this.#resource(stop))
      else if (tag === RESOURCE_SPANS.scopeSpans) this.#message(end, (stop) => this.#scopeSpans(stop))
      else if (tag === RESOURCE_SPANS.schemaUrl) this.#name({ tag, tagStart, end }, NAME_BYTES_MAX)
      else this.#dropField(tag, { tagStart, end })
    })
  }

  #resource(end: number): void {
    const attributed = newAttributed()
    this.#each(end, (tag, tagStart) => {
      if (tag === RESOURCE.attributes) this.#attribute({ tag, tagStart, end }, attributed)
      else if (tag === RESOURCE.droppedAttributes) attributed.reportedDropped = this.#reader.varint(end)
      else if (tag === RESOURCE.entityRefs) this.#message(end, (stop) => this.#entityRef(stop))
      else this.#dropField(tag, { tagStart, end })
    })
    this.#reportOverLimit(attributed, RESOURCE.droppedAttributes, end)
  }

  #entityRef(end: number): void {
    this.#each(end, (tag, tagStart) => {
      if (ENTITY_REF_TAGS.has(tag)) this.#name({ tag, tagStart, end }, NAME_BYTES_MAX)
      else this.#dropField(tag, { tagStart, end })
    })
  }

  #scopeSpans(end: number): void {
    this.#each(end, (tag, tagStart) => {
      if (tag === SCOPE_SPANS.spans) this.#spanOrRejection({ tagStart, end })
      else if (tag === SCOPE_SPANS.scope) this.#message(end, (stop) => this.#scope(stop))
      else if (tag === SCOPE_SPANS.schemaUrl) this.#name({ tag, tagStart, end }, NAME_BYTES_MAX)
      else this.#dropField(tag, { tagStart, end })
    })
  }

  #scope(end: number): void {
    const attributed = newAttributed()
    this.#each(end, (tag, tagStart) => {
      if (tag === SCOPE.name || tag === SCOPE.version) this.#name({ tag, tagStart, end }, NAME_BYTES_MAX)
      else if (tag === SCOPE.attributes) this.#attribute({ tag, tagStart, end }, attributed)
      else if (tag === SCOPE.droppedAttributes) attributed.reportedDropped = this.#reader.varint(end)
      else this.#dropField(tag, { tagStart, end })
    })
    this.#reportOverLimit(attributed, SCOPE.droppedAttributes, end)
  }

  #spanOrRejection({ tagStart, end }: { tagStart: number; end: number }): void {
    const reader = this.#reader
    const lengthStart = reader.pos
    const stop = reader.payloadEnd(end)
    const place = { tagStart, lengthStart, start: reader.pos, stop }
    if (this.#spanCount >= limits.spansPerRequestMax) this.#reject(place, 'too_many_spans')
    else if (beginsWithIds(reader.bytes, reader.pos, stop)) this.#spanAndIds(place)
    else this.#idsAndSpan(place)
  }

  /** One pass: whatever its ids are in the end, it is a span. A rejected one takes its edits with it. */
  #spanAndIds(place: SpanPlace): void {
    const before = this.#edits.mark()
    this.#ids.clear()
    this.#spanMessage(place)
    const reason = this.#ids.rejection(this.#reader.bytes)
    if (reason === undefined) {
      this.#spanCount += 1
      return
    }
    this.#edits.backTo(before)
    this.#reject(place, reason)
  }

  /** Ids first: a span that is rejected is not looked into, because it may be something else altogether. */
  #idsAndSpan(place: SpanPlace): void {
    const reader = this.#reader
    this.#ids.read(reader, place.stop)
    const reason = this.#ids.rejection(reader.bytes)
    if (reason !== undefined) {
      this.#reject(place, reason)
      return
    }
    this.#spanCount += 1
    this.#spanMessage(place)
  }

  #spanMessage({ lengthStart, start, stop }: SpanPlace): void {
    this.#reader.pos = start
    const open = this.#edits.open(lengthStart, start)
    this.#span(stop)
    this.#edits.close(open, stop - start)
  }

  #reject({ tagStart, stop }: SpanPlace, reason: RejectionReason): void {
    this.#rejections.add(reason)
    this.#edits.drop(tagStart, stop)
    this.#reader.pos = stop
  }

  #span(end: number): void {
    const reader = this.#reader
    const attributed = newAttributed()
    const events = newAttributed()
    const links = newAttributed()
    while (reader.pos < end) {
      const tagStart = reader.pos
      const tag = reader.tag(end)
      switch (tag) {
        case SPAN.attributes:
          this.#attribute({ tag, tagStart, end }, attributed)
          break
        case SPAN.traceId:
        case SPAN.spanId:
        case SPAN.parentSpanId:
          this.#id({ tag, tagStart, end }, this.#ids)
          break
        case SPAN.kind:
        case SPAN.startTime:
        case SPAN.endTime:
        case SPAN.flags:
          reader.skip(tag, end)
          break
        case SPAN.name:
          this.#name({ tag, tagStart, end }, limits.spanNameBytesMax)
          break
        case SPAN.traceState:
          this.#name({ tag, tagStart, end }, TRACE_STATE_BYTES_MAX)
          break
        case SPAN.status:
          this.#message(end, (stop) => this.#status(stop))
          break
        case SPAN.events:
          this.#event({ tagStart, end }, events)
          break
        case SPAN.links:
          this.#link({ tagStart, end }, links)
          break
        case SPAN.droppedAttributes:
          attributed.reportedDropped = reader.varint(end)
          break
        case SPAN.droppedEvents:
          events.reportedDropped = reader.varint(end)
          break
        case SPAN.droppedLinks:
          links.reportedDropped = reader.varint(end)
          break
        default:
          this.#dropField(tag, { tagStart, end })
      }
    }
    this.#reportOverLimit(attributed, SPAN.droppedAttributes, end)
    this.#reportOverLimit(events, SPAN.droppedEvents, end)
    this.#reportOverLimit(links, SPAN.droppedLinks, end)
  }

  #status(end: number): void {
    this.#each(end, (tag, tagStart) => {
      if (tag === STATUS.code) this.#reader.skip(tag, end)
      else if (tag !== STATUS.message) this.#dropField(tag, { tagStart, end })
      else if (this.#rules.keepStatusMessage) this.#name({ tag, tagStart, end }, limits.attributeValueBytesMax)
      else this.#dropField(tag, { tagStart, end, because: 'status_message' })
    })
  }

  #event({ tagStart, end }: { tagStart: number; end: number }, events: Attributed): void {
    const reader = this.#reader
    const lengthStart = reader.pos
    const stop = reader.payloadEnd(end)
    events.seen += 1
    const overLimit = events.seen > limits.attributesPerSpanMax
    if (overLimit || (!this.#rules.keepContent && this.#isCarrierEvent(stop))) {
      if (overLimit) events.overLimit += 1
      this.#edits.drop(tagStart, stop)
      this.#counts[overLimit ? 'over_limit' : 'event'] += 1
      reader.pos = stop
      return
    }
    reader.pos = lengthStart
    const attributed = newAttributed()
    this.#message(end, (inner) => {
      this.#each(inner, (tag, start) => {
        if (tag === EVENT.time) reader.skip(tag, inner)
        else if (tag === EVENT.name) this.#name({ tag, tagStart: start, end: inner }, limits.spanNameBytesMax)
        else if (tag === EVENT.attributes) this.#attribute({ tag, tagStart: start, end: inner }, attributed)
        else if (tag === EVENT.droppedAttributes) attributed.reportedDropped = reader.varint(inner)
        else this.#dropField(tag, { tagStart: start, end: inner })
      })
      this.#reportOverLimit(attributed, EVENT.droppedAttributes, inner)
    })
  }

  #isCarrierEvent(end: number): boolean {
    const reader = this.#reader
    let name = ''
    this.#each(end, (tag) => {
      if (tag !== EVENT.name) {
        reader.skip(tag, end)
        return
      }
      const stop = reader.payloadEnd(end)
      name = reader.bytes.toString('utf8', reader.pos, Math.min(stop, reader.pos + NAME_BYTES_MAX))
      reader.pos = stop
    })
    return isEventCarrier(name, this.#rules.classify)
  }

  #link({ tagStart, end }: { tagStart: number; end: number }, links: Attributed): void {
    const reader = this.#reader
    links.seen += 1
    if (links.seen > limits.attributesPerSpanMax) {
      links.overLimit += 1
      this.#dropField(SPAN.links, { tagStart, end, because: 'over_limit' })
      return
    }
    const attributed = newAttributed()
    this.#message(end, (inner) => {
      this.#each(inner, (tag, start) => {
        if (tag === LINK.traceId || tag === LINK.spanId) this.#id({ tag, tagStart: start, end: inner })
        else if (tag === LINK.flags) reader.skip(tag, inner)
        else if (tag === LINK.traceState) this.#name({ tag, tagStart: start, end: inner }, TRACE_STATE_BYTES_MAX)
        else if (tag === LINK.attributes) this.#attribute({ tag, tagStart: start, end: inner }, attributed)
        else if (tag === LINK.droppedAttributes) attributed.reportedDropped = reader.varint(inner)
        else this.#dropField(tag, { tagStart: start, end: inner })
      })
      this.#reportOverLimit(attributed, LINK.droppedAttributes, inner)
    })
  }

  #attribute({ tag, tagStart, end }: FieldPlace, attributed: Attributed): void {
    const stop = this.#reader.payloadEnd(end)
    attributed.seen += 1
    if (attributed.seen > limits.attributesPerSpanMax) {
      attributed.overLimit += 1
      this.#counts.over_limit += 1
      this.#edits.drop(tagStart, stop)
      this.#reader.pos = stop
      return
    }
    if (this.#attributes.strip({ tagStart, tag, end: stop }) === 'over_limit') attributed.overLimit += 1
  }

  /** A text field that is cut at its cap. */
  #name({ tag, tagStart, end }: FieldPlace, bytesMax: number): void {
    const reader = this.#reader
    const stop = reader.payloadEnd(end)
    if (stop - reader.pos > bytesMax) {
      this.#counts.truncated += 1
      const kept = cutText(reader.bytes, { start: reader.pos, end: stop }, bytesMax)
      this.#edits.replace(tagStart, stop, lengthPrefixed(tag, kept))
    }
    reader.pos = stop
  }

  /** Nothing longer than an id is stored as one: not in a link, not in front of the id that counts. */
  #id({ tag, tagStart, end }: FieldPlace, ids?: SpanIds): void {
    const reader = this.#reader
    const stop = reader.payloadEnd(end)
    ids?.note(tag, reader.pos, stop)
    if (stop - reader.pos > ID_BYTES_MAX) {
      this.#edits.drop(tagStart, stop)
      this.#counts.unknown_field += 1
    }
    reader.pos = stop
  }

  /** Fields of the known message up to `end`. */
  #each(end: number, visit: (tag: number, tagStart: number) => void): void {
    const reader = this.#reader
    while (reader.pos < end) {
      const tagStart = reader.pos
      visit(reader.tag(end), tagStart)
    }
  }

  #message(end: number, visit: (end: number) => void): void {
    const reader = this.#reader
    const lengthStart = reader.pos
    const stop = reader.payloadEnd(end)
    const start = reader.pos
    const open = this.#edits.open(lengthStart, start)
    visit(stop)
    this.#edits.close(open, stop - start)
  }

  #dropField(tag: number, place: { tagStart: number; end: number; because?: RedactionClass }): void {
    this.#reader.skip(tag, place.end)
    this.#edits.drop(place.tagStart, this.#reader.pos)
    this.#counts[place.because ?? 'unknown_field'] += 1
  }

  /** What went for a limit is added to what the sender says it dropped; on the wire the last occurrence counts. */
  #reportOverLimit({ overLimit, reportedDropped }: Attributed, tag: number, end: number): void {
    if (overLimit === 0) return
    const total = Math.min(reportedDropped + overLimit, UINT32_MAX)
    const field = Buffer.allocUnsafe(varintBytes(tag) + varintBytes(total))
    writeVarint(field, total, writeVarint(field, tag, 0))
    this.#edits.replace(end, end, field)
  }
}

const ID_BYTES_MAX = 16
const UINT32_MAX = 0xffffffff
const ENTITY_REF_TAGS: ReadonlySet<number> = new Set(Object.values(ENTITY_REF))
