/** Evidence ↔ its row in `spans`. */
import type { SpanRow } from '@outlay/clickhouse'
import { setOwn } from '@outlay/core'
import { type AttributeValue, type Attributes, OUTLAY, type SpanEvidence } from '@outlay/semconv'

interface LogPosition {
  readonly walId: string
  readonly lsn: bigint
  readonly pos: number
  /** Tenant that the span named, where it does not hold. */
  readonly claimedTenant?: string
}

const ROOT_PARENT = '0'.repeat(16)
/** Of a signed column. */
const RECEIVED_NANO_MAX = 2n ** 63n - 1n

interface TypedMaps {
  readonly strings: Record<string, string>
  readonly ints: Record<string, bigint>
  readonly doubles: Record<string, number>
  readonly bools: Record<string, number>
}

const splitByType = (attributes: Attributes): TypedMaps => {
  const maps: TypedMaps = { strings: {}, ints: {}, doubles: {}, bools: {} }
  for (const key of Object.keys(attributes)) {
    const value = attributes[key]
    if (typeof value === 'string') setOwn(maps.strings, key, value)
    else if (typeof value === 'bigint') setOwn(maps.ints, key, value)
    else if (typeof value === 'number') setOwn(maps.doubles, key, value)
    else setOwn(maps.bools, key, value === true ? 1 : 0)
  }
  return maps
}

const textOf = (value: AttributeValue | undefined): string => (value === undefined ? '' : String(value))

const textsOf = (attributes: Attributes): Record<string, string> => {
  const texts: Record<string, string> = {}
  for (const key of Object.keys(attributes)) setOwn(texts, key, textOf(attributes[key]))
  return texts
}

export const spanRowOf = (span: SpanEvidence, { walId, lsn, pos, claimedTenant = '' }: LogPosition): SpanRow => {
  const { strings, ints, doubles, bools } = splitByType(span.attributes)
  return {
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
    attributes_string: strings,
    attributes_int: ints,
    attributes_double: doubles,
    attributes_bool: bools,
    received_at: span.receivedUnixNano > RECEIVED_NANO_MAX ? RECEIVED_NANO_MAX : span.receivedUnixNano,
    wal_id: walId,
    lsn,
    pos,
  }
}

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
