import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CallRow } from '@outlay/clickhouse'
import { planEntries } from '../../src/ledger/plan-entries.ts'
import type { ChargeContent, DesiredEntry } from '../../src/ledger/settled-row.ts'

const POSTING = { postedAtMs: 1_000, walId: 'log', unit: 1n }

/** A charge whose only varying parts are its key and what it says. */
const chargeOf = (span: number, meaning: number): DesiredEntry => {
  const key = { authority: 'local', traceId: '1'.repeat(32), spanId: span.toString(16).padStart(16, '0'), part: 'main' }
  const content = {
    authority: key.authority,
    trace_id: key.traceId,
    span_id: key.spanId,
    part: key.part,
    input: meaning,
    content_hash: meaning.toString(16).padStart(32, '0'),
  } as unknown as ChargeContent
  return { kind: 'charge', key, content }
}

const netOf = (rows: readonly CallRow[]): Map<string, { sign: number; input: number }> => {
  const net = new Map<string, { sign: number; input: number }>()
  for (const { span_id, sign, input } of rows) {
    const known = net.get(span_id) ?? { sign: 0, input: 0 }
    net.set(span_id, { sign: known.sign + sign, input: known.input + sign * input })
  }
  return net
}

/** Settlements in the order they were evaluated: each maps span → what it should say; an absent span is not billed. */
const evaluations = fc.array(fc.dictionary(fc.constantFrom('1', '2', '3'), fc.integer({ min: 1, max: 4 })), {
  minLength: 1,
  maxLength: 6,
})

const post = (ledger: CallRow[], wanted: Record<string, number>): readonly CallRow[] => {
  const desired = Object.entries(wanted).map(([span, meaning]) => chargeOf(Number(span), meaning))
  const { calls } = planEntries(desired, { calls: ledger, quarantine: [] }, POSTING)
  ledger.push(...calls)
  return calls
}

describe('what is posted', () => {
  test('the first settlement of a call posts one charge and nothing else', () => {
    const ledger: CallRow[] = []
    const posted = post(ledger, { 1: 7 })
    expect(posted.map(({ sign, seq, reason }) => ({ sign, seq, reason }))).toEqual([
      { sign: 1, seq: 1, reason: 'settled' },
    ])
  })

  test('a better reading posts a reversal that repeats the charge and a new charge beside it', () => {
    const ledger: CallRow[] = []
    const [first] = post(ledger, { 1: 7 })
    const posted = post(ledger, { 1: 9 })
    expect(posted.map(({ sign, seq, input, reverses }) => ({ sign, seq, input, reverses }))).toEqual([
      { sign: -1, seq: 1, input: 7, reverses: first?.entry_id },
      { sign: 1, seq: 2, input: 9, reverses: '0'.repeat(32) },
    ])
  })

  test('evaluating twice posts nothing the second time', () => {
    fc.assert(
      fc.property(evaluations, (history) => {
        const ledger: CallRow[] = []
        for (const wanted of history) post(ledger, wanted)
        expect(post(ledger, history.at(-1) ?? {})).toEqual([])
      }),
    )
  })

  test('whatever was settled in between, the net ledger is what the last settlement says', () => {
    fc.assert(
      fc.property(evaluations, (history) => {
        const ledger: CallRow[] = []
        for (const wanted of history) post(ledger, wanted)
        const last = history.at(-1) ?? {}
        for (const [span, { sign, input }] of netOf(ledger)) {
          const meaning = last[String(Number(`0x${span}`))]
          expect({ sign, input }).toEqual(meaning === undefined ? { sign: 0, input: 0 } : { sign: 1, input: meaning })
        }
        expect(new Set(ledger.map(({ entry_id }) => entry_id)).size).toBe(ledger.length)
      }),
    )
  })
})
