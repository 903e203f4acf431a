import { BANDS, type BandId, type BandStep, parseBandsFile, type Verdict } from '@outlay/clickhouse'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { thresholdSteps, VERDICT_COLORS } from '../src/bands.ts'
import { renderBandsFile } from '../src/bands-file.ts'

const ids = Object.keys(BANDS) as BandId[]

const verdictAt = (band: BandId, figure: number): Verdict => {
  const steps: readonly BandStep[] = BANDS[band]
  const reached = steps.filter(({ lower, strict }) => (strict ? figure > lower : figure >= lower))
  return reached.at(-1)?.verdict ?? 'none'
}

/** Grafana takes the last step whose value is at or below the figure. */
const colorAt = (band: BandId, figure: number): string | undefined =>
  thresholdSteps(band).findLast(({ value }) => value === null || figure >= value)?.color

describe('threshold steps', () => {
  test('start with a base step of value null and rise', () => {
    for (const id of ids) {
      const [base, ...rest] = thresholdSteps(id).map(({ value }) => value)
      expect(base).toBeNull()
      expect(rest).toEqual([...rest].sort((a, b) => Number(a) - Number(b)))
    }
  })

  test('keep eight percent exactly green: an upper edge belongs to the verdict below', () => {
    expect(colorAt('cost_to_revenue', 0.08)).toBe('green')
    expect(colorAt('cost_to_revenue', 0.0801)).toBe('yellow')
    expect(thresholdSteps('cost_to_revenue')[1]?.value).toBe(0.080000001)
  })

  test('colour every figure as its verdict says, at and around each edge', () => {
    for (const id of ids) {
      const edges = BANDS[id].slice(1).map(({ lower }) => lower)
      for (const figure of [-1, ...edges.flatMap((edge) => [edge - 1e-6, edge, edge + 1e-6])]) {
        expect([id, figure, colorAt(id, figure)]).toEqual([id, figure, VERDICT_COLORS[verdictAt(id, figure)]])
      }
    }
  })

  test('agree with the verdict for any figure of six decimals', () => {
    const figure = fc.integer({ min: -1_000_000, max: 60_000_000_000 }).map((millionths) => millionths / 1e6)
    fc.assert(
      fc.property(fc.constantFrom(...ids), figure, (id, value) => {
        expect(colorAt(id, value)).toBe(VERDICT_COLORS[verdictAt(id, value)])
      }),
    )
  })
})

test('the bands file holds every band, edge and verdict, in the form that a file of the operator has', () => {
  expect(parseBandsFile('bands.yaml', renderBandsFile())).toEqual(BANDS)
})
