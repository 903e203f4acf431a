/**
 * The tenants that a stripped request names, held against those that its token may name. A span that names another one, or
 * whose resource does, is taken out and counted: its sender can correct that, and nobody else's ledger is touched.
 * Only tokens with such a limit pay for this pass.
 */
import { parseTenantId } from '#src/config/value-schemas.ts'
import { EditList } from '#src/redact/edit-list.ts'
import { OUTLAY } from '@outlay/semconv'
import { ANY_VALUE, KEY_VALUE, REQUEST, RESOURCE, RESOURCE_SPANS, SCOPE_SPANS, SPAN } from './trace-fields.ts'
import { WireReader } from './wire-reader.ts'

export interface ClaimedRequest {
  /** Without the rejected spans; the same buffer if there are none. */
  readonly body: Buffer
  readonly rejected: number
}

const KEY = Buffer.from(OUTLAY.TENANT_ID)

/** `mayClaim` is asked with the id in NFC. The body must be well formed: it comes from the stripper. */
export const rejectForeignTenants = (body: Buffer, mayClaim: (tenant: string) => boolean): ClaimedRequest =>
  new ClaimReader(body, mayClaim).request()

class ClaimReader {
  readonly #reader: WireReader
  readonly #edits = new EditList()
  readonly #mayClaim: (tenant: string) => boolean
  #rejected = 0

  constructor(body: Buffer, mayClaim: (tenant: string) => boolean) {
    this.#reader = new WireReader(body)
    this.#mayClaim = mayClaim
  }

  request(): ClaimedRequest {
    const { bytes } = this.#reader
    this.#rewrite(bytes.length, REQUEST.resourceSpans, (end) => this.#resourceSpans(end))
    return { body: this.#edits.apply(bytes), rejected: this.#rejected }
  }

  /** Fields may come in any order, so the resource is looked at first wherever it stands. */
  #resourceSpans(end: number): void {
    const start = this.#reader.pos
    let allowed = true
    this.#each(end, RESOURCE_SPANS.resource, (stop) => {
      if (!this.#claimsOnlyAllowed(stop, RESOURCE.attributes)) allowed = false
    })
    this.#reader.pos = start
    this.#rewrite(end, RESOURCE_SPANS.scopeSpans, (stop) => this.#scopeSpans(stop, allowed))
  }

  #scopeSpans(end: number, allowedByResource: boolean): void {
    this.#each(end, SCOPE_SPANS.spans, (stop, { tagStart }) => {
      if (allowedByResource && this.#claimsOnlyAllowed(stop, SPAN.attributes)) return
      this.#rejected += 1
      this.#edits.drop(tagStart, stop)
    })
  }

  #claimsOnlyAllowed(end: number, attributes: number): boolean {
    const reader = this.#reader
    let allowed = true
    while (reader.pos < end) {
      const tag = reader.tag(end)
      if (tag !== attributes) {
        reader.skip(tag, end)
        continue
      }
      const stop = reader.payloadEnd(end)
      if (!this.#isAllowedAttribute(stop)) allowed = false
      reader.pos = stop
    }
    return allowed
  }

  /** True for every other attribute. */
  #isAllowedAttribute(end: number): boolean {
    const reader = this.#reader
    let isClaim = false
    let claim: string | undefined
    while (reader.pos < end) {
      const tag = reader.tag(end)
      if (tag !== KEY_VALUE.key && tag !== KEY_VALUE.value) {
        reader.skip(tag, end)
        continue
      }
      const stop = reader.payloadEnd(end)
      if (tag === KEY_VALUE.key) isClaim = KEY.equals(reader.bytes.subarray(reader.pos, stop))
      else claim = this.#textValue(stop)
      reader.pos = stop
    }
    if (!isClaim) return true
    const tenant = claim === undefined ? undefined : parseTenantId(claim)
    return tenant !== undefined && this.#mayClaim(tenant)
  }

  /** Undefined if the value is no text. */
  #textValue(end: number): string | undefined {
    const reader = this.#reader
    let text: string | undefined
    while (reader.pos < end) {
      const tag = reader.tag(end)
      if (tag !== ANY_VALUE.string) {
        reader.skip(tag, end)
        text = undefined
        continue
      }
      const stop = reader.payloadEnd(end)
      text = reader.bytes.toString('utf8', reader.pos, stop)
      reader.pos = stop
    }
    return text
  }

  /** Messages of one field; what was edited inside gives them a new length. */
  #rewrite(end: number, wanted: number, visit: (end: number) => void): void {
    this.#each(end, wanted, (stop, { lengthStart }) => {
      const start = this.#reader.pos
      const open = this.#edits.open(lengthStart, start)
      visit(stop)
      this.#edits.close(open, stop - start)
    })
  }

  #each(end: number, wanted: number, visit: (end: number, place: FieldStart) => void): void {
    const reader = this.#reader
    while (reader.pos < end) {
      const tagStart = reader.pos
      const tag = reader.tag(end)
      if (tag !== wanted) {
        reader.skip(tag, end)
        continue
      }
      const lengthStart = reader.pos
      const stop = reader.payloadEnd(end)
      visit(stop, { tagStart, lengthStart })
      reader.pos = stop
    }
  }
}

interface FieldStart {
  readonly tagStart: number
  readonly lengthStart: number
}
