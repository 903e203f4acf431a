import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { promptBandOf, validateRows } from '#src/index.ts'
import { rowBandOf } from '#src/resolve-sku.ts'
import { seedBook } from './books.ts'

const book = seedBook()
const SLOT_MS = 1_800_000

/** Edges in the order in which they were appended, each active from its own slot on; the first ones always. */
const edgeLists = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat({ max: 20 })), {
    selector: ([tokens]) => tokens,
    minLength: 1,
    maxLength: 12,
  })
  .map((appended) => ({
    bandEdges: [0, ...appended.map(([tokens]) => tokens)],
    edgesActiveFrom: [0, ...appended.map(([, slot]) => (slot * SLOT_MS) / 1_000)],
  }))

test('the row band is the number of thresholds below the input, for thresholds on active edges of any list', () => {
  fc.assert(
    fc.property(edgeLists, fc.nat({ max: 320 }), fc.nat({ max: 21 * SLOT_MS }), (edges, inputTotal, startMs) => {
      const thresholds = edges.bandEdges
        .filter((tokens, index) => tokens > 0 && (edges.edgesActiveFrom[index] ?? 0) * 1_000 <= startMs)
        .toSorted((a, b) => a - b)
      const band = promptBandOf({ inputTotal, startMs }, edges)
      expect(rowBandOf(edges, band, thresholds)).toBe(thresholds.filter((gt) => gt < inputTotal).length)
    }),
  )
})

test('an edge that is appended later moves no call from before it, and no band of a threshold that was there', () => {
  fc.assert(
    fc.property(edgeLists, fc.integer({ min: 301, max: 310 }), fc.nat({ max: 320 }), (edges, tokens, inputTotal) => {
      const activeFrom = 1_000 * 1_800
      const after = {
        bandEdges: [...edges.bandEdges, tokens],
        edgesActiveFrom: [...edges.edgesActiveFrom, activeFrom],
      }
      const call = { inputTotal, startMs: activeFrom * 1_000 }
      const before = { inputTotal, startMs: activeFrom * 1_000 - 1 }
      expect(promptBandOf(before, after)).toBe(promptBandOf(before, edges))
      const thresholds = edges.bandEdges.slice(1).toSorted((a, b) => a - b)
      expect(rowBandOf(after, promptBandOf(call, after), thresholds)).toBe(
        rowBandOf(edges, promptBandOf(call, edges), thresholds),
      )
    }),
  )
})

test('a threshold is refused where its edge was not active from the first instant of the sheet on', () => {
  const [sheet] = book.bands
  if (!sheet) throw new Error('BUG: the seed has a sheet with bands')
  const activeFrom = Date.UTC(2026, 8, 1) / 1_000
  const edges = {
    bandEdges: [...book.bandEdges, 150_000],
    edgesActiveFrom: [...book.bandEdges.map(() => 0), activeFrom],
  }
  const problemsFrom = (validFrom: number) =>
    validateRows({ rows: [], bands: [{ ...sheet, gt: [150_000], validFrom }], ...edges })
  expect(problemsFrom(activeFrom)).toEqual([])
  expect(problemsFrom(activeFrom - 1_800)).toMatchObject([
    {
      code: 'E_NOT_AN_EDGE',
      what: '150000 tokens is a band edge only from 2026-09-01T00:00:00Z',
      fix: 'outlay prices add --edge 150000 --from 2026-08-31',
    },
  ])
})
