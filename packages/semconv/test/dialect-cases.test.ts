import { readFileSync } from 'node:fs'
import type { Meter } from '@outlay/core'
import { describe, expect, test } from 'vitest'
import { type SpanEvidence, settleTrace } from '@outlay/semconv'
import { evidenceOf, type OtlpTraceRequest } from './otlp-json.ts'

interface ExpectedCharge {
  readonly span_id: string
  readonly meters: Partial<Record<Meter, number>>
  readonly inclusion?: string
  readonly billable_reason?: string
}

interface DialectCase {
  readonly id: string
  readonly title: string
  readonly otlp: OtlpTraceRequest
  readonly expected: readonly ExpectedCharge[]
}

const cases = JSON.parse(
  readFileSync(new URL('fixtures/otlp-dialect-cases.json', import.meta.url), 'utf8'),
) as DialectCase[]

/** What is charged, in the shape of the fixtures: a call without usage is listed, not charged. */
const chargesOf = (spans: readonly SpanEvidence[], expected: readonly ExpectedCharge[]): ExpectedCharge[] =>
  settleTrace(spans)
    .calls.filter(({ usageStatus }) => usageStatus !== 'absent')
    .map(({ key, meters, inclusion, billableReason }, position) => ({
      span_id: key.spanId,
      meters,
      // Compared where the fixture gives them.
      ...(expected[position]?.inclusion === undefined ? {} : { inclusion }),
      ...(expected[position]?.billable_reason === undefined ? {} : { billable_reason: billableReason }),
    }))

test('all 28 dialect cases are here', () => expect(cases).toHaveLength(28))

describe.each(cases)('$id: $title', ({ otlp, expected }) => {
  const spans = evidenceOf(otlp)

  test('settles to exactly the expected charges', () => {
    expect(chargesOf(spans, expected)).toEqual(expected)
  })

  test('the order of the spans does not matter', () => {
    expect(chargesOf(spans.toReversed(), expected)).toEqual(expected)
  })

  test('a second delivery changes nothing', () => {
    expect(chargesOf([...spans, ...spans], expected)).toEqual(expected)
    expect(settleTrace([...spans, ...spans])).toEqual(settleTrace(spans))
  })

  test('spans that arrive one by one settle to the same charges', () => {
    const arrived: SpanEvidence[] = []
    for (const span of spans) {
      arrived.push(span)
      expect(() => settleTrace(arrived)).not.toThrow()
    }
    expect(chargesOf(arrived, expected)).toEqual(expected)
  })
})
