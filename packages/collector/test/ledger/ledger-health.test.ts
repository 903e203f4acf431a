import type { CallRow } from '@outlay/clickhouse'
import { describe, expect, test } from 'vitest'
import { integrityErrorsOf, lateSpansOf } from '#src/ledger/ledger-health.ts'

const entry = (seq: number, sign: number, { says = 'x', part = '' } = {}): CallRow =>
  ({ seq, sign, span_id: 'a', part, content_hash: says }) as unknown as CallRow
const ledgerOf = (...calls: readonly CallRow[]) => ({ calls, quarantine: [] })

describe('errors of the ledger', () => {
  test.each([
    ['a charge', [entry(1, 1)], 0],
    ['a charge that was reversed and made again', [entry(1, 1), entry(1, -1), entry(2, 1)], 0],
    ['parts of one call', [entry(1, 1), entry(1, 1, { part: 'rest' })], 0],
    ['a call that stands twice', [entry(1, 1), entry(2, 1)], 1],
    ['a call that stands twice, as two collectors read it', [entry(1, 1), entry(1, 1, { says: 'y' })], 1],
    ['an entry that stands twice, and so its call', [entry(1, 1), entry(1, 1)], 2],
    ['an entry that stands twice, its copy taken back', [entry(1, 1), entry(1, 1), entry(1, -1)], 0],
    ['a reversal of nothing, and so its call', [entry(1, -1)], 2],
    [
      'a reversal that stands twice beside a charge that does',
      [1, -1, -1].map((sign) => entry(1, sign)).concat([entry(2, 1), entry(2, 1)]),
      2,
    ],
  ])('%s', (_, calls, errors) => {
    expect(integrityErrorsOf(ledgerOf(...calls))).toBe(errors)
    expect(integrityErrorsOf({ calls: [], quarantine: calls as never })).toBe(errors)
  })
})

test('a span is late where its trace has entries and its record was not settled', () => {
  const places = [1n, 5n, 6n].map((lsn) => ({ walId: 'log', lsn, pos: 0, receivedUnixNano: 0n }))
  const trace = { authority: 'local', traceId: 't', places, spans: [] }
  const unsettled = { walId: 'log', fromLsn: 5n }
  expect(lateSpansOf({ ...trace, ledger: ledgerOf(entry(1, 1)) }, unsettled)).toBe(2)
  expect(lateSpansOf({ ...trace, ledger: ledgerOf() }, unsettled)).toBe(0)
  expect(lateSpansOf({ ...trace, ledger: ledgerOf(entry(1, 1)) }, { ...unsettled, walId: 'other' })).toBe(0)
})
