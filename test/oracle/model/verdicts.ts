/** Verdicts of figures by the bands of the product: bands are data, how they are read is not. */
import { type BandId, BANDS, type BandStep } from '@outlay/clickhouse'

const EDGE_WIDTH = 1e-12

const stepOf = (steps: readonly BandStep[], figure: number): string =>
  steps.findLast(({ lower, strict }) => (strict ? figure > lower : figure >= lower))?.verdict ?? 'none'

/** The last step that the figure reaches; `none` without a figure. On an edge by a float's breadth, either side. */
export const verdictOf = (figure: number | null, band: BandId | undefined): string => {
  if (figure === null || band === undefined) return 'none'
  const steps: readonly BandStep[] = BANDS[band]
  const verdict = stepOf(steps, figure)
  const nearby = [figure * (1 - EDGE_WIDTH), figure * (1 + EDGE_WIDTH)].map((near) => stepOf(steps, near))
  return [...new Set([verdict, ...nearby])].join('|')
}

/** True if the verdict is `ok`. */
export const isOk = (verdict: string): boolean => verdict.split('|').includes('ok')
