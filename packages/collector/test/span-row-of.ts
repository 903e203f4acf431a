/** Rows of `spans` as they are read back, made from evidence without the database. */
import type { SpanRow, WrittenSpan } from '@outlay/clickhouse'
import { setOwn } from '@outlay/core'
import type { Attributes, SpanEvidence } from '@outlay/semconv'
import { storedSpanOf, type StoredSpan, writtenSpanOf } from '../src/pipeline/span-rows.ts'

interface Place {
  readonly walId: string
  readonly lsn: bigint
  readonly pos: number
  readonly claimedTenant?: string
}

const ofType = <Value>(attributes: Attributes, type: string, map: (value: unknown) => Value): Record<string, Value> => {
  const own: Record<string, Value> = {}
  for (const [key, value] of Object.entries(attributes)) if (typeof value === type) setOwn(own, key, map(value))
  return own
}

const writtenOf = (span: SpanEvidence, { claimedTenant = '', ...place }: Place): WrittenSpan =>
  writtenSpanOf({ span, ...place, receivedUnixNano: span.receivedUnixNano }, claimedTenant)

export const spanRowOf = (span: SpanEvidence, place: Place): SpanRow => {
  const { attributes, ...columns } = writtenOf(span, place)
  return {
    ...columns,
    attributes_string: ofType(attributes, 'string', String),
    attributes_int: ofType(attributes, 'bigint', (value) => value as bigint),
    attributes_double: ofType(attributes, 'number', Number),
    attributes_bool: ofType(attributes, 'boolean', Number),
  }
}

/** Evidence as the database would give it back. */
export const storedOf = (span: SpanEvidence, place: Place): StoredSpan => storedSpanOf(spanRowOf(span, place))
