import type { CallRow } from '@outlay/clickhouse'
import { limits } from '@outlay/core'
import { type BookTables, loadPackagedBook } from '@outlay/pricing'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planRefold } from '../../packages/collector/src/ledger/plan-entries.ts'
import { type CallSpec, entriesFor } from '../harness/ledger-rows.ts'

const book = loadPackagedBook()
const seconds = (iso: string): number => Date.parse(iso) / 1_000
const POSTING = { postedAtMs: Date.UTC(2026, 10, 2), walId: 'test', unit: 2n }
const refold = (rows: readonly CallRow[], tables: BookTables, callsMax = 100): readonly CallRow[] =>
  planRefold(rows, { tables, callsMax }, POSTING)

const withEdge: BookTables = {
  ...book,
  bandEdges: [...book.bandEdges, 150_000],
  edgesActiveFrom: [...book.bandEdges.map(() => 0), seconds('2026-10-01')],
}
const call = (id: number, rest: Partial<CallSpec> = {}): CallSpec => ({
  id,
  at: '2026-10-05T10:00:00Z',
  model: 'gpt-5',
  meters: { input: 150_001, output: 10, web_search: 2 },
  ...rest,
})

describe('moving a charge behind a new cut', () => {
  test('posts what settlement would post by the new tables, whatever the call', () => {
    const specs = fc.record({
      at: fc
        .date({ min: new Date('2026-09-30T00:00:00Z'), max: new Date('2026-10-02T00:00:00Z'), noInvalidDate: true })
        .map((date) => date.toISOString()),
      meters: fc.record({ input: fc.integer({ min: 149_990, max: 150_010 }), web_search: fc.nat({ max: 2 }) }),
      degraded: fc.boolean(),
    })
    fc.assert(
      fc.property(specs, ({ degraded, ...given }) => {
        const control = degraded ? { control: { intendedModel: 'gpt-6.1-sol' } } : {}
        const spec = call(1, { ...given, ...control })
        const [stored] = entriesFor(book, [spec])
        const [wanted] = entriesFor(withEdge, [spec])
        const charge = refold(stored ? [stored] : [], withEdge).find(({ sign }) => sign > 0) ?? stored
        const { content_hash, prompt_band, sku, intended_sku, price_slot } = wanted ?? {}
        expect(charge).toMatchObject({ content_hash, prompt_band, sku, intended_sku, price_slot })
      }),
      { numRuns: 200 },
    )
  })

  test('repeats the charge in its reversal, changes nothing but derived columns, and is done after one time', () => {
    const stored = entriesFor(book, [call(1)])
    const [reversal, charge] = refold(stored, withEdge)
    const posting = { sign: 0, seq: 0, reverses: '', reason: '', entry_id: '', posted_at: 0n, unit: 0n, pos: 0 }
    const derived = { prompt_band: 0, sku: 0n, intended_sku: 0n, content_hash: '' }
    expect({ ...reversal, ...posting }).toEqual({ ...stored[0], ...posting })
    expect({ ...charge, ...posting, ...derived }).toEqual({ ...stored[0], ...posting, ...derived })
    expect(reversal).toMatchObject({ sign: -1, seq: 1, reverses: stored[0]?.entry_id, reason: 'refold' })
    expect(charge).toMatchObject({ sign: 1, seq: 2, reason: 'refold', prompt_band: book.bandEdges.length })
    expect(refold([...stored, reversal as CallRow, charge as CallRow], withEdge)).toEqual([])
  })

  test('leaves calls before the edge, at it, of another log, and such as are reversed already', () => {
    const stored = entriesFor(book, [
      call(1, { at: '2026-09-30T23:59:59.999Z' }),
      call(2, { meters: { input: 150_000 } }),
      call(3, { meters: { input: 200_001 } }),
      call(4),
    ]).map((row, index) => (index === 3 ? { ...row, wal_id: 'another' } : row))
    const gone = entriesFor(book, [call(5)])
    expect(refold([...stored, ...gone, ...entriesFor(book, [], gone)], withEdge)).toEqual([])
  })

  test('takes as many calls into one unit as the limit says, and no pair is torn', () => {
    const stored = entriesFor(
      book,
      [1, 2, 3].map((id) => call(id)),
    )
    expect(refold(stored, withEdge, 3)).toHaveLength(6)
    const first = refold(stored, withEdge, 2)
    expect(first.map(({ sign }) => sign)).toEqual([-1, -1, 1, 1])
    expect(refold([...stored, ...first], withEdge, 2)).toHaveLength(2)
    expect(limits.refoldedCallsPerUnitMax).toBe(5_000)
  })
})
