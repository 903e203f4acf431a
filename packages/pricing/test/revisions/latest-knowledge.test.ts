import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PriceRow } from '#src/index.ts'
import { type KnownRow, latestKnowledge } from '#src/revisions/latest-knowledge.ts'

const rowOf = (rowId: bigint, validFrom: number, validTo: number): PriceRow => ({
  rowId,
  card: 'list',
  provider: 'openai',
  model: 'gpt-5',
  region: '',
  tier: 'standard',
  band: 0,
  meter: 'input',
  currency: 'USD',
  price: String(rowId),
  per: 1_000_000,
  fusd: rowId,
  ninths: 0,
  validFrom,
  validTo,
  source: 'test',
  sourceUrl: '',
  checkedAt: '2026-01-01',
  grade: 'A',
  derivedFrom: 'published',
  note: '',
})

const recorded = fc
  .array(fc.record({ from: fc.integer({ min: 0, max: 20 }), length: fc.integer({ min: 1, max: 20 }) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((windows) =>
    windows.map(
      ({ from, length }, index): KnownRow => ({
        row: rowOf(BigInt(index + 1), from, from + length),
        revision: index + 1,
      }),
    ),
  )

describe('rows that overlap in business time', () => {
  test('a dated row recorded later cuts the open row from its date on and leaves the time before alone', () => {
    const rows = latestKnowledge([
      { row: rowOf(1n, 0, 100), revision: 1 },
      { row: rowOf(2n, 40, 100), revision: 2 },
    ])
    expect(rows.map(({ rowId, validFrom, validTo }) => [rowId, validFrom, validTo])).toEqual([
      [1n, 0, 40],
      [2n, 40, 100],
    ])
  })

  test('at every instant exactly the latest recorded row that covers it holds', () => {
    fc.assert(
      fc.property(recorded, (entries) => {
        const rows = latestKnowledge(entries)
        for (let at = 0; at < 41; at += 1) {
          const holding = rows
            .filter(({ validFrom, validTo }) => validFrom <= at && at < validTo)
            .map(({ rowId }) => rowId)
          const latest = entries.findLast(({ row }) => row.validFrom <= at && at < row.validTo)
          expect(holding).toEqual(latest ? [latest.row.rowId] : [])
        }
      }),
    )
  })

  test('the order in which rows are read does not matter', () => {
    fc.assert(
      fc.property(recorded, (entries) => {
        expect(latestKnowledge(entries.toReversed())).toEqual(latestKnowledge(entries))
      }),
    )
  })
})
