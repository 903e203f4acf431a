/** Laws of proof and repair, on random traces: what is whole is found whole, and what is damaged is brought back by entries. */
import type { CallRow } from '@outlay/clickhouse'
import { NANOS_PER_MS } from '@outlay/core'
import { loadPackagedBook, tablesOf } from '@outlay/pricing'
import type { SpanEvidence } from '@outlay/semconv'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BUILT_IN_DIALECTS, planParts } from '../../packages/collector/src/ledger/plan-parts.ts'
import { openRows } from '../../packages/collector/src/ledger/plan-entries.ts'
import { partsToSettle, type StoredTrace, traceOf } from '../../packages/collector/src/ledger/trace-record.ts'
import { reviseTraces } from '../../packages/collector/src/upkeep/revise-trace.ts'
import { traceStateOf } from '../../packages/collector/src/verify/trace-state.ts'
import { storedOf } from '../../packages/collector/test/span-row-of.ts'
import { deliveriesOf, randomTrace } from '../harness/random-traces.ts'

const RUNS = 300
const policy = { require: ['tenant'] as const, ...tablesOf(loadPackagedBook()) }
const RECEIVED_MS = Date.UTC(2026, 9, 5)
const QUESTION = { policy, nowMs: RECEIVED_MS, waitMsMax: 0 }
const EMPTY = { calls: [], quarantine: [] }

const postingOf = (unit: bigint) => ({ postedAtMs: RECEIVED_MS, walId: 'log', unit })

/** A trace that came in several requests, settled after each. */
const settled = (requests: readonly (readonly SpanEvidence[])[]): StoredTrace => {
  let trace = traceOf({ authority: 'local', traceId: '' }, [], EMPTY)
  for (const [index, request] of requests.entries()) {
    const receivedUnixNano = BigInt(RECEIVED_MS) * NANOS_PER_MS
    const lsn = BigInt(index + 1)
    const spans = request.map((span, pos) => storedOf({ ...span, receivedUnixNano }, { walId: 'log', lsn, pos }))
    const traceId = request[0]?.traceId ?? trace.traceId
    const grown = traceOf({ authority: 'local', traceId }, [...trace.spans, ...spans], trace.ledger)
    const parts = partsToSettle(grown, RECEIVED_MS, { walId: 'log', fromLsn: lsn })
    const posted = planParts(parts, {
      dialects: BUILT_IN_DIALECTS,
      policy,
      posting: postingOf(lsn),
      trigger: 'arrival',
    })
    trace = withPosted(grown, posted)
  }
  return trace
}

const withPosted = (trace: StoredTrace, { calls, quarantine }: StoredTrace['ledger']): StoredTrace => ({
  ...trace,
  ledger: { calls: [...trace.ledger.calls, ...calls], quarantine: [...trace.ledger.quarantine, ...quarantine] },
})

/** What stands, without the way it came about. */
const standing = ({ ledger }: StoredTrace): readonly string[] =>
  [...openRows(ledger.calls), ...openRows(ledger.quarantine)]
    .map(({ span_id, part, content_hash }) => `${span_id} ${part} ${content_hash}`)
    .toSorted()

/** Some open charges are gone, some say something else. */
const damaged = (trace: StoredTrace, fates: readonly ('keep' | 'remove' | 'alter')[]): StoredTrace => {
  const open = new Map(openRows(trace.ledger.calls).map((row, index) => [row.entry_id, fates[index % fates.length]]))
  const calls = trace.ledger.calls.flatMap((row): CallRow[] => {
    const fate = open.get(row.entry_id)
    if (fate === 'remove') return []
    return [fate === 'alter' ? { ...row, output: row.output + 1 } : row]
  })
  return { ...trace, ledger: { ...trace.ledger, calls } }
}

const delivered = randomTrace(1).chain((spans) => deliveriesOf(spans))
const fates = fc.array(fc.constantFrom('keep' as const, 'remove' as const, 'alter' as const), { minLength: 1 })

test('a trace that was settled is whole, however it came', () => {
  fc.assert(
    fc.property(delivered, (requests) => {
      const trace = settled(requests)
      expect(traceStateOf(trace, QUESTION)).toEqual({ excuse: undefined, listed: [] })
      expect(reviseTraces([trace], policy, postingOf(100n))).toEqual(EMPTY)
    }),
    { numRuns: RUNS },
  )
})

test('damage is found, brought back to what stood before, and then nothing is left to do', () => {
  fc.assert(
    fc.property(delivered, fates, (requests, decided) => {
      const before = settled(requests)
      const broken = damaged(before, decided)
      const isBroken = openRows(before.ledger.calls).some((_, index) => decided[index % decided.length] !== 'keep')
      expect(traceStateOf(broken, QUESTION).listed.length > 0).toBe(isBroken)
      const repaired = withPosted(broken, reviseTraces([broken], policy, postingOf(100n)))
      expect(standing(repaired)).toEqual(standing(before))
      expect(traceStateOf(repaired, QUESTION).listed).toEqual([])
      expect(reviseTraces([repaired], policy, postingOf(101n))).toEqual(EMPTY)
    }),
    { numRuns: RUNS },
  )
})

test('repair only adds entries: each reversal repeats the row that stands, altered or not, and no entry stands twice', () => {
  fc.assert(
    fc.property(delivered, fates, (requests, decided) => {
      const broken = damaged(settled(requests), decided)
      const { calls } = reviseTraces([broken], policy, postingOf(100n))
      const byId = new Map([...broken.ledger.calls, ...calls].map((row) => [row.entry_id, row]))
      expect(byId.size).toBe(broken.ledger.calls.length + calls.length)
      const posting = { sign: 0, entry_id: '', reverses: '', reason: '', posted_at: 0n, wal_id: '', unit: 0n, pos: 0 }
      for (const reversal of calls.filter(({ sign }) => sign < 0)) {
        expect(reversal.reason).toBe('operator')
        expect({ ...reversal, ...posting }).toEqual({ ...byId.get(reversal.reverses), ...posting })
      }
    }),
    { numRuns: RUNS },
  )
})
