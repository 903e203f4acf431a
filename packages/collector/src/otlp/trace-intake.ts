/**
 * From a whole, inflated request body to a durable record: transcode, strip, look for a copy, append. The same for every
 * transport. Invariant: `accepted` means that every accepted span of the request is in the log and fsynced.
 */
import { type Clock, limits } from '@outlay/core'
import type { StrippedRequest, TraceStripper } from '#src/redact/index.ts'
import { releaseBytes } from '#src/release-bytes.ts'
import { hashBody, RECORD_FLAGS, type RecordMeta, type Wal } from '#src/wal/index.ts'
import { DuplicateWindow } from './duplicate-window.ts'
import { JsonRequestError } from './json-fields.ts'
import type { ReceiveMetrics, Transport } from './receive-metrics.ts'
import type { PartialSuccess, RequestEncoding } from './rpc-status.ts'
import { rejectForeignTenants } from './tenant-claims.ts'
import { transcodeJsonRequest } from './transcode-json-request.ts'
import { WireError } from './wire-reader.ts'

export interface Sender {
  /** A bound tenant, the account of a trusted token, or `local`. */
  readonly authority: string
  /** The only tenant its spans can belong to, whatever they say. */
  readonly tenant?: string
  readonly tokenId?: string
  /** Whether its spans may name a tenant, in NFC; absent = every one. */
  readonly mayClaim?: (tenant: string) => boolean
}

/** Whom its requests are counted under where senders share something. */
export const sharerOf = ({ tokenId, authority }: Sender): string => tokenId ?? authority

export interface TraceRequest {
  /** Inflated. */
  readonly body: Buffer
  readonly encoding: RequestEncoding
  readonly transport: Transport
  readonly sender: Sender
}

export type IntakeOutcome =
  | { readonly status: 'accepted'; readonly partial: PartialSuccess | undefined; readonly spanCount: number }
  /** Permanent. `field` is a byte offset or a JSON path. */
  | { readonly status: 'malformed'; readonly message: string; readonly field: string }
  /** The sender should try again; nothing was acked. */
  | { readonly status: 'retryable'; readonly reason: 'wal_full' | 'draining' | 'wal_failed' }

export interface TraceIntakeSettings {
  readonly wal: Wal
  readonly stripper: TraceStripper
  readonly clock: Clock
  readonly metrics: ReceiveMetrics
  /** Called once per newly durable record. */
  readonly onRecord?: (lsn: bigint, spanCount: number) => void
}

/** What goes into one record. */
interface RequestToLog extends Pick<StrippedRequest, 'body' | 'spanCount'> {
  readonly bodyHash: Buffer
  readonly rulesetId: string
  readonly keepsContent: boolean
}

const LOGS_HINT = 'this looks like logs; send them to /v1/logs'

export class TraceIntake {
  readonly #settings: TraceIntakeSettings
  readonly #window: DuplicateWindow

  private constructor(settings: TraceIntakeSettings, window: DuplicateWindow) {
    this.#settings = settings
    this.#window = window
  }

  static async open(settings: TraceIntakeSettings): Promise<TraceIntake> {
    const window = new DuplicateWindow({ clock: settings.clock })
    await window.rebuild(settings.wal)
    return new TraceIntake(settings, window)
  }

  async accept(request: TraceRequest): Promise<IntakeOutcome> {
    // Read now: the rules may be replaced while the request waits for the log.
    const { rulesetId, keepsContent } = this.#settings.stripper
    const whole = this.#strip(request)
    if ('status' in whole) return whole
    const stripped = withoutForeignTenants(whole, request.sender)
    const partial = partialSuccessOf(stripped)
    if (stripped.spanCount === 0) {
      this.#countAccepted(stripped)
      return { status: 'accepted', partial, spanCount: stripped.spanCount }
    }
    const bodyHash = hashBody(stripped.body)
    const { spanCount } = stripped
    const identity = { authority: request.sender.authority, bodyHash, spanCount }
    const { outcome, duplicate } = await this.#window.appendOnce(identity, () =>
      this.#append(request, { ...stripped, rulesetId, keepsContent, bodyHash }),
    )
    if (stripped.body !== request.body) releaseBytes(stripped.body)
    if (outcome.status === 'failed') return { status: 'retryable', reason: 'wal_failed' }
    if (outcome.status === 'retryable') {
      return { status: 'retryable', reason: outcome.reason === 'full' ? 'wal_full' : 'draining' }
    }
    this.#countAccepted(stripped)
    if (duplicate) this.#settings.metrics.spansDuplicate(spanCount)
    else this.#settings.onRecord?.(outcome.lsn, spanCount)
    return { status: 'accepted', partial, spanCount: stripped.spanCount }
  }

  #strip({ body, encoding }: TraceRequest): StrippedRequest | Extract<IntakeOutcome, { status: 'malformed' }> {
    try {
      return this.#settings.stripper.strip(encoding === 'json' ? transcodeJsonRequest(body.toString('utf8')) : body)
    } catch (error) {
      if (error instanceof JsonRequestError) {
        return { status: 'malformed', message: error.message, field: error.path }
      }
      if (error instanceof WireError) {
        return { status: 'malformed', message: `malformed protobuf: ${error.message}`, field: `byte ${error.offset}` }
      }
      throw error
    }
  }

  #append(request: TraceRequest, stripped: RequestToLog) {
    const { wal, metrics } = this.#settings
    const { body, spanCount, bodyHash, rulesetId, keepsContent } = stripped
    const { authority, tenant, tokenId } = request.sender
    const meta: RecordMeta = {
      authority,
      ...(tenant === undefined ? {} : { tenant }),
      ...(tokenId === undefined ? {} : { tokenId }),
      rulesetId,
      transport: request.transport,
    }
    metrics.bodyBytes('stripped', body.length)
    const flags =
      (request.encoding === 'json' ? RECORD_FLAGS.fromJson : 0) | (keepsContent ? RECORD_FLAGS.contentKept : 0)
    return wal.append({ body, spanCount, meta, bodyHash, flags })
  }

  #countAccepted(stripped: StrippedRequest): void {
    const { metrics } = this.#settings
    metrics.spansReceived(stripped.spanCount)
    metrics.redacted(stripped.redacted)
    for (const [reason, spans] of stripped.rejections) metrics.spansRejected(reason, spans)
  }
}

/** Spans that name a tenant which their token may not name are rejected like any that are bad for ever. */
const withoutForeignTenants = (stripped: StrippedRequest, { mayClaim }: Sender): StrippedRequest => {
  if (mayClaim === undefined || stripped.spanCount === 0) return stripped
  const { body, rejected } = rejectForeignTenants(stripped.body, mayClaim)
  if (rejected === 0) return stripped
  return {
    ...stripped,
    body,
    spanCount: stripped.spanCount - rejected,
    rejected: stripped.rejected + rejected,
    rejections: new Map([...stripped.rejections, ['tenant_not_allowed', rejected]]),
  }
}

/** Only for spans that are bad for ever: clients do not send them again. */
const partialSuccessOf = (stripped: StrippedRequest): PartialSuccess | undefined => {
  if (stripped.rejected === 0) return undefined
  const reasons = [...stripped.rejections].map(([reason, spans]) => `${reason} ${spans}`).join(', ')
  const limit = stripped.rejections.has('too_many_spans') ? ` (at most ${limits.spansPerRequestMax} spans)` : ''
  const errorMessage = stripped.looksLikeLogs ? LOGS_HINT : `rejected spans: ${reasons}${limit}`
  return { rejectedSpans: stripped.rejected, errorMessage }
}
