/** What the receive path counts (collector §12). No label ever comes from a request's content. */
import type { RedactionCounts } from '#src/redact/index.ts'
import type { RequestEncoding } from './rpc-status.ts'
import type { RejectionReason } from './span-ids.ts'

export type Transport = 'http' | 'grpc'

/** The sender should try again. */
export type TransientReason = 'memory' | 'wal_full' | 'wal_failed' | 'draining'
/** Why a request was refused as a whole; `connections`: a whole connection, whose requests nobody read. */
export const REFUSAL_REASONS = [
  'memory',
  'wal_full',
  'wal_failed',
  'draining',
  'too_large',
  'auth',
  'quota',
  'connections',
] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

export interface FinishedRequest {
  readonly transport: Transport
  /** `unknown` where the content type was not understood. */
  readonly encoding: RequestEncoding | 'unknown'
  /** HTTP status, or that of gRPC (0 = OK). */
  readonly code: number
  /** From the first header byte to the answer. */
  readonly durationSeconds: number
}

export interface ReceiveMetrics {
  requestFinished(request: FinishedRequest): void
  bodyBytes(stage: 'wire' | 'inflated' | 'stripped', bytes: number): void
  /** Spans in requests that were answered with success, duplicates included. */
  spansReceived(spans: number): void
  spansRejected(reason: RejectionReason, spans: number): void
  /** Spans of requests that were durable already. */
  spansDuplicate(spans: number): void
  refused(reason: RefusalReason): void
  redacted(counts: RedactionCounts): void
  inFlightBytes(bytes: number): void
}

export const noReceiveMetrics: ReceiveMetrics = {
  requestFinished: () => undefined,
  bodyBytes: () => undefined,
  spansReceived: () => undefined,
  spansRejected: () => undefined,
  spansDuplicate: () => undefined,
  refused: () => undefined,
  redacted: () => undefined,
  inFlightBytes: () => undefined,
}
