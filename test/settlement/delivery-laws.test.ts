import type { CallRow, QuarantineRow } from '@outlay/clickhouse'
import { limits, NANOS_PER_MS } from '@outlay/core'
import { loadPackagedBook, tablesOf } from '@outlay/pricing'
import type { SpanEvidence } from '@outlay/semconv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Trigger } from '../../packages/collector/src/ledger/correction-reason.ts'
import { BUILT_IN_DIALECTS, planParts } from '../../packages/collector/src/ledger/plan-parts.ts'
import { partsToSettle, traceOf } from '../../packages/collector/src/ledger/trace-record.ts'
import type { StoredSpan } from '../../packages/collector/src/pipeline/span-rows.ts'
import { storedOf } from '../../packages/collector/test/span-row-of.ts'
import { deliveriesOf, randomTrace } from '../harness/random-traces.ts'

const RUNS = 500
const policy = { require: ['tenant'] as const, ...tablesOf(loadPackagedBook()) }
const RECEIVED_MS = Date.UTC(2026, 9, 5)
const DAY_MS = 86_400_000

/** Evidence and ledger of one trace, kept as the database keeps them: only appended to. */
class Store {
  readonly spans: StoredSpan[] = []
  readonly calls: CallRow[] = []
  readonly quarantine: QuarantineRow[] = []
  #lsn = 0n
  #units = 0n

  receive(spans: readonly SpanEvidence[], atMs: number): void {
    this.#lsn += 1n
    const receivedUnixNano = BigInt(atMs) * NANOS_PER_MS
    for (const [pos, span] of spans.entries()) {
      this.spans.push(storedOf({ ...span, receivedUnixNano }, { walId: 'log', lsn: this.#lsn, pos }))
    }
  }

  /** What one evaluation posts. */
  settle(atMs: number, { trigger = 'arrival', fromLsn = this.#lsn }: { trigger?: Trigger; fromLsn?: bigint } = {}) {
    const traceId = this.spans[0]?.span.traceId ?? ''
    const ledger = { calls: this.calls, quarantine: this.quarantine }
    const trace = traceOf({ authority: 'local', traceId }, this.spans, ledger)
    const parts = partsToSettle(trace, atMs, { walId: 'log', fromLsn })
    this.#units += 1n
    const posting = { postedAtMs: atMs, walId: 'log', unit: this.#units }
    const posted = planParts(parts, { dialects: BUILT_IN_DIALECTS, policy, posting, trigger })
    this.calls.push(...posted.calls)
    this.quarantine.push(...posted.quarantine)
    return posted
  }

  /** Open entries, by what they say: the ledger without the way it came about. */
  net(): readonly string[] {
    const open = new Map<string, number>()
    for (const { span_id, part, content_hash, sign } of [...this.calls, ...this.quarantine]) {
      const said = `${span_id} ${part} ${content_hash}`
      open.set(said, (open.get(said) ?? 0) + sign)
    }
    return [...open].flatMap(([said, sign]) => (sign === 0 ? [] : [`${sign} × ${said}`])).toSorted()
  }
}

const settledAtOnce = (spans: readonly SpanEvidence[]): Store => {
  const store = new Store()
  store.receive(spans, RECEIVED_MS)
  store.settle(RECEIVED_MS)
  return store
}

const delivered = randomTrace(1).chain((spans) => fc.tuple(fc.constant(spans), deliveriesOf(spans)))

describe('a trace that arrives in any order, in any number of requests, some of them twice', () => {
  test('settles to the ledger of the trace that arrives at once, whatever was settled in between', () => {
    fc.assert(
      fc.property(delivered, fc.infiniteStream(fc.boolean()), ([spans, requests], settledAfter) => {
        const store = new Store()
        for (const [hour, request] of requests.entries()) {
          store.receive(request, RECEIVED_MS + hour * 3_600_000)
          if (settledAfter.next().value === true) store.settle(RECEIVED_MS + hour * 3_600_000)
        }
        store.settle(RECEIVED_MS + DAY_MS)
        expect(store.net()).toEqual(settledAtOnce(spans).net())
        const again = store.settle(RECEIVED_MS + DAY_MS)
        expect([...again.calls, ...again.quarantine]).toEqual([])
      }),
      { numRuns: RUNS },
    )
  })

  test('reverses charges whole: a reversal repeats its charge, and no entry stands twice', () => {
    fc.assert(
      fc.property(delivered, ([, requests]) => {
        const store = new Store()
        for (const request of requests) {
          store.receive(request, RECEIVED_MS)
          store.settle(RECEIVED_MS)
        }
        const byId = new Map(store.calls.map((row) => [row.entry_id, row]))
        expect(byId.size).toBe(store.calls.length)
        const posting = { sign: 0, entry_id: '', reverses: '', reason: '', posted_at: 0n, unit: 0n, pos: 0 }
        for (const reversal of store.calls.filter(({ sign }) => sign < 0)) {
          expect({ ...reversal, ...posting }).toEqual({ ...byId.get(reversal.reverses), ...posting })
        }
      }),
      { numRuns: RUNS },
    )
  })
})

describe('evidence that is derived again', () => {
  test('gives the stored rows, byte for byte', () => {
    fc.assert(
      fc.property(delivered, ([, requests]) => {
        const store = new Store()
        for (const request of requests) {
          store.receive(request, RECEIVED_MS)
          store.settle(RECEIVED_MS)
        }
        const again = new Store()
        again.spans.push(...store.spans)
        again.settle(RECEIVED_MS)
        const reversed = new Set(store.calls.map(({ reverses }) => reverses))
        const open = store.calls.filter(({ sign, entry_id }) => sign > 0 && !reversed.has(entry_id))
        const how = { entry_id: '', seq: 0, reason: '', posted_at: 0n, unit: 0n, pos: 0 }
        const said = (rows: readonly CallRow[]) =>
          rows
            .map((row) => ({ ...row, ...how }))
            .toSorted((a, b) => (`${a.span_id}${a.part}` < `${b.span_id}${b.part}` ? -1 : 1))
        expect(said(again.calls)).toEqual(said(open))
      }),
      { numRuns: RUNS },
    )
  })
})

describe('a trace that has closed', () => {
  const closedMs = RECEIVED_MS + limits.candidateTtlMs

  test('keeps what it was settled to, whatever arrives later', () => {
    fc.assert(
      fc.property(randomTrace(1), fc.nat({ max: 10 }), (spans, cut) => {
        const store = settledAtOnce(spans.slice(0, cut + 1))
        const before = store.net()
        store.receive(spans, closedMs)
        store.settle(closedMs)
        expect(store.net()).toEqual(expect.arrayContaining([...before]))
        expect([...store.calls, ...store.quarantine].filter(({ sign }) => sign < 0)).toEqual([])
        const late = store.calls.filter(({ posted_at }) => posted_at === BigInt(closedMs))
        expect(late.every(({ flags }) => flags.includes('orphan_late'))).toBe(true)
      }),
      { numRuns: RUNS },
    )
  })

  test('is open for the span that arrives in its last millisecond, and closed for the next one', () => {
    const [agent, found] = fc
      .sample(randomTrace(1), { numRuns: 2_000, seed: 7 })
      .find(([first, second]) => first?.name === 'agent_with_sum 0' && second?.name === 'call 1') as [
      SpanEvidence,
      SpanEvidence,
    ]
    const call = { ...found, attributes: { ...found.attributes, 'outlay.tenant.id': 'acme' } }
    const promoted = settledAtOnce([agent])
    promoted.receive([call], closedMs - 1)
    // The collector was away for days: the span is settled when it is back, with its trace.
    expect(promoted.settle(closedMs + 5 * DAY_MS).calls.map(({ sign }) => sign)).toEqual([-1, 1])

    const closed = settledAtOnce([agent])
    closed.receive([call], closedMs)
    const [charge, ...rest] = closed.settle(closedMs).calls
    expect(rest).toEqual([])
    expect(charge).toMatchObject({ sign: 1, reason: 'settled', span_id: call.spanId })
    expect(charge?.flags).toContain('orphan_late')
    // Long after that, nothing is looked at again.
    expect(closed.settle(closedMs + DAY_MS, { fromLsn: 99n }).calls).toEqual([])
  })
})
