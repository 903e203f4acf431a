/**
 * One request as it lies in the log, its spans made into evidence when they are asked for: the same evidence every time,
 * and the same as the database has of it, whatever is configured meanwhile. Bytes are a small part of what objects take, so
 * that spans which wait for settlement wait as bytes.
 */
import { RequestSpans } from '#src/otlp/index.ts'
import { releaseBytes } from '#src/release-bytes.ts'
import type { RecordMeta } from '#src/wal/index.ts'
import { type BoundSpan, bindTenant } from './bind-tenant.ts'
import type { MapAttribution } from './map-attribution.ts'
import { type SpanPlace, type StoredSpan, storedReceipt, textsOf } from './span-rows.ts'

/** What of a record its evidence is made of. */
export interface LoggedRecord {
  readonly walUuid: string
  readonly lsn: bigint
  readonly receivedUnixNano: bigint
  readonly meta: Pick<RecordMeta, 'authority' | 'tenant'>
  readonly body: Buffer
}

/** Where a span lies in its request, and what its tenant claim came to. */
export interface LoggedSpan extends StoredSpan, Pick<BoundSpan, 'claimedTenant'> {
  readonly reason: BoundSpan['reason'] | undefined
}

export class LoggedRequest {
  readonly lsn: bigint
  readonly #walId: string
  readonly #receivedUnixNano: bigint
  readonly #tenant: string | undefined
  readonly #mapAttribution: MapAttribution
  readonly #spans: RequestSpans

  /** Throws `WireError` where the body is malformed, which the receive path has ruled out. */
  constructor({ walUuid, lsn, receivedUnixNano, meta, body }: LoggedRecord, mapAttribution: MapAttribution = asItIs) {
    this.lsn = lsn
    this.#walId = walUuid
    this.#receivedUnixNano = storedReceipt(receivedUnixNano)
    this.#tenant = meta.tenant
    this.#mapAttribution = mapAttribution
    this.#spans = new RequestSpans(body, { authority: meta.authority, receivedUnixNano: this.#receivedUnixNano })
  }

  /** Spans that were accepted. */
  get length(): number {
    return this.#spans.length
  }

  /** About how much memory it takes. */
  get bytes(): number {
    return this.#spans.body.length + this.length * INDEX_BYTES_PER_SPAN
  }

  place(pos: number): SpanPlace {
    return { walId: this.#walId, lsn: this.lsn, pos, receivedUnixNano: this.#receivedUnixNano }
  }

  span(pos: number): LoggedSpan {
    const { span, claimedTenant, reason } = bindTenant(this.#mapAttribution(this.#spans.span(pos)), this.#tenant)
    const resource = textsOf(span.resource)
    return {
      span: resource === span.resource ? span : { ...span, resource },
      claimedTenant,
      reason,
      walId: this.#walId,
      lsn: this.lsn,
      pos,
      receivedUnixNano: this.#receivedUnixNano,
    }
  }

  /** Takes bytes of its own: those that it was read from belong to whoever read them. */
  own(): void {
    const copy = Buffer.allocUnsafeSlow(this.#spans.body.length)
    this.#spans.body.copy(copy)
    this.#spans.moveTo(copy)
  }

  /** Gives its own bytes back at once. It is of no use afterwards. */
  release(): void {
    releaseBytes(this.#spans.body)
  }
}

const asItIs: MapAttribution = (span) => span

/** Where each span starts and ends, and what stands around it. */
const INDEX_BYTES_PER_SPAN = 24
