import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CallRow } from '@outlay/clickhouse'
import { integrityErrorsOf } from '../../src/ledger/ledger-health.ts'
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

const plan = (
  ledger: readonly CallRow[],
  wanted: Record<string, number>,
  walId = POSTING.walId,
): readonly CallRow[] => {
  const desired = Object.entries(wanted).map(([span, meaning]) => chargeOf(Number(span), meaning))
  return planEntries(desired, { calls: ledger, quarantine: [] }, { ...POSTING, walId }).calls
}

const post = (ledger: CallRow[], wanted: Record<string, number>): readonly CallRow[] => {
  const calls = plan(ledger, wanted)
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

  test('what several collectors post at once, from what they saw before, is put right by whoever looks last', () => {
    // Each step: who looks or posts, and what it wants then. A collector posts what it planned when it looked.
    const step = fc.record({
      who: fc.constantFrom(0, 1, 2),
      wanted: fc.dictionary(fc.constantFrom('1', '2'), fc.integer({ min: 1, max: 2 })),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 24 }), (steps) => {
        const ledger: CallRow[] = []
        const planned = new Map<number, readonly CallRow[]>()
        for (const { who, wanted } of steps) {
          ledger.push(...(planned.get(who) ?? []))
          const before = planned.has(who) ? undefined : plan(ledger, wanted, `log ${who}`)
          if (before === undefined) planned.delete(who)
          else planned.set(who, before)
        }
        for (const rows of planned.values()) ledger.push(...rows)
        const last = steps.at(-1)?.wanted ?? {}
        ledger.push(...plan(ledger, last, 'log 0'))
        const net = [...netOf(ledger)].filter(([, { sign, input }]) => sign !== 0 || input !== 0)
        expect(new Map(net)).toEqual(
          new Map(Object.entries(last).map(([span, input]) => [span.padStart(16, '0'), { sign: 1, input }])),
        )
        expect(integrityErrorsOf({ calls: ledger, quarantine: [] })).toBe(0)
        expect(plan(ledger, last, 'log 1')).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })

  test('a copy is taken back by an entry with an id of its own, and the first stays', () => {
    const charges = ['log a', 'log b'].flatMap((log, n) =>
      plan([], { 1: 7 }, log).map((row) => ({ ...row, posted_at: BigInt(n) })),
    )
    const [back, ...rest] = plan(charges.toReversed(), { 1: 7 }, 'log c')
    expect(rest).toEqual([])
    expect(back).toMatchObject({ sign: -1, seq: 1, reason: 'duplicate', reverses: charges[1]?.entry_id })
    const twice = [...charges, { ...back, wal_id: 'log a' }, { ...back, wal_id: 'log b' }] as CallRow[]
    const [returned] = plan(twice, { 1: 7 }, 'log c')
    expect(returned).toMatchObject({ sign: 1, seq: 2, reason: 'late_span' })
    expect(new Set([...twice, returned].map((row) => row?.entry_id)).size).toBe(3)
  })
})
