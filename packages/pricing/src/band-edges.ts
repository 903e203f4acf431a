/** Where calls are cut by the length of their prompt (spec: pricing §4). */
import type { BookData } from '#src/book.ts'
import { formatInstant } from '#src/instant.ts'
import type { PriceBookProblem } from '#src/problem.ts'

export type BandEdges = Pick<BookData, 'bandEdges' | 'edgesActiveFrom'>

/** What cuts a call: its total input, and its start in unix milliseconds. */
export interface CallCut {
  readonly inputTotal: number
  readonly startMs: number
}

const MS_PER_SECOND = 1_000

const activeFrom = ({ edgesActiveFrom }: BandEdges, index: number): number => edgesActiveFrom?.[index] ?? 0

/** Index of the highest edge that is active when the call starts and that its input exceeds; 0 if none. Not a count. */
export const promptBandOf = ({ inputTotal, startMs }: CallCut, edges: BandEdges): number => {
  let band = 0
  let highest = 0
  for (const [index, edge] of edges.bandEdges.entries()) {
    if (inputTotal <= edge || edge < highest || startMs < activeFrom(edges, index) * MS_PER_SECOND) continue
    band = index
    highest = edge
  }
  return band
}

/**
 * What is wrong with a threshold of a sheet that holds from an instant on: calls must be cut there during its whole
 * window, or a band would mix short and long calls. Undefined where nothing is.
 */
export const thresholdProblem = (
  edges: BandEdges,
  threshold: number,
  fromSeconds: number,
): Pick<PriceBookProblem, 'code' | 'what' | 'fix'> | undefined => {
  const index = edges.bandEdges.indexOf(threshold)
  if (index >= 0 && activeFrom(edges, index) <= fromSeconds) return undefined
  const what =
    index < 0
      ? `${threshold} tokens is not a band edge`
      : `${threshold} tokens is a band edge only from ${formatInstant(activeFrom(edges, index))}`
  const fix = `outlay prices add --edge ${threshold} --from ${formatInstant(fromSeconds).slice(0, 10)}`
  return { code: 'E_NOT_AN_EDGE', what, fix }
}
