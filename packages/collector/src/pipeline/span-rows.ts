/** Evidence ↔ its row in `spans`. */
import type { SpanRow, WrittenSpan } from '@outlay/clickhouse'
import { setOwn } from '@outlay/core'
import { type AttributeValue, type Attributes, OUTLAY, type SpanEvidence } from '@outlay/semconv'

/** Which span of which record of which log, and when the record was received. */
export interface SpanPlace {
  readonly walId: string
  readonly lsn: bigint
  readonly pos: number
  readonly receivedUnixNano: bigint
}

/** A span as `spans` holds it. */
export interface StoredSpan extends SpanPlace {
  readonly span: SpanEvidence
}

const ROOT_PARENT = '0'.repeat(16)
/** Of a signed column. */
const RECEIVED_NANO_MAX = 2n ** 63n - 1n

const textOf = (value: AttributeValue | undefined): string => (value === undefined ? '' : String(value))

/** Resources are stored as texts: the same object where they are texts already. */
export const textsOf = (attributes: Attributes): Readonly<Record<string, string>> => {
  const keys = Object.keys(attributes)
  if (keys.every((key) => typeof attributes[key] === 'string')) return attributes as Readonly<Record<string, string>>
  const texts: Record<string, string> = {}
  for (const key of keys) setOwn(texts, key, textOf(attributes[key]))
  return texts
}

/** The time that is stored of a receipt. */
export const storedReceipt = (receivedUnixNano: bigint): bigint =>
  receivedUnixNano > RECEIVED_NANO_MAX ? RECEIVED_NANO_MAX : receivedUnixNano

/** `claimedTenant`: what the span named, where it does not hold; else empty. */
export const writtenSpanOf = (
  { span, walId, lsn, pos, receivedUnixNano }: StoredSpan,
  claimedTenant: string,
): WrittenSpan => ({
  authority: span.authority,
  trace_id: span.traceId,
  span_id: span.spanId,
  parent_span_id: span.parentSpanId === '' ? ROOT_PARENT : span.parentSpanId,
  tenant: textOf(span.attributes[OUTLAY.TENANT_ID] ?? span.resource[OUTLAY.TENANT_ID]),
  claimed_tenant: claimedTenant,
  name: span.name,
  kind: span.kind,
  status_code: span.statusCode,
  start_unix_nano: BigInt.asUintN(64, span.startUnixNano),
  end_unix_nano: BigInt.asUintN(64, span.endUnixNano),
  scope_name: span.scopeName,
  scope_version: span.scopeVersion,
  resource: textsOf(span.resource),
  attributes: span.attributes,
  received_at: storedReceipt(receivedUnixNano),
  wal_id: walId,
  lsn,
  pos,
})

export const evidenceOf = (row: SpanRow): SpanEvidence => ({
  authority: row.authority,
  traceId: row.trace_id,
  spanId: row.span_id,
  parentSpanId: row.parent_span_id === ROOT_PARENT ? '' : row.parent_span_id,
  name: row.name,
  kind: row.kind,
  statusCode: row.status_code,
  startUnixNano: row.start_unix_nano,
  endUnixNano: row.end_unix_nano,
  receivedUnixNano: row.received_at,
  scopeName: row.scope_name,
  scopeVersion: row.scope_version,
  resource: row.resource,
  attributes: {
    ...row.attributes_string,
    ...row.attributes_int,
    ...row.attributes_double,
    ...Object.fromEntries(Object.entries(row.attributes_bool).map(([key, value]) => [key, value !== 0])),
  },
})

export const storedSpanOf = (row: SpanRow): StoredSpan => ({
  span: evidenceOf(row),
  walId: row.wal_id,
  lsn: row.lsn,
  pos: row.pos,
  receivedUnixNano: row.received_at,
})
